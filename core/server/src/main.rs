//! The `lincei` binary.

mod access;
mod allocator;
mod budget;
mod catalog;
mod cli;
mod config;
mod data_path;
mod deletions;
mod demo;
mod grpc;
mod http;
mod net;
mod pipelines;
mod plugins;
mod problem;
mod rate;
mod remote;
mod self_telemetry;
mod serve;
mod time;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
