#![cfg(test)]
//! OTLP: rows as written by hand, and the decoders against prost.

mod cells;
mod check;
mod corners;
mod differential;
mod generate;
mod json;
mod json_writer;
mod reference;
mod reference_metrics;
mod reference_traces;
mod rows;
mod wire;
