//! What plugins cost beside the same work compiled into the server, and what they can do to it:
//! `cargo xtask bench plugins`.
//!
//! | argument | |
//! |---|---|
//! | `--only PART` | one of the parts; figures of the others stay as they were |
//! | `--write-docs` | writes the part about plugins of docs/performance.md |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark reports to a terminal and stops at the first fault"
)]

mod calls;
mod goals;
mod host;
mod native;
mod report;
mod rows;
mod server;
mod size;
mod throughput;

use host::Host;
use report::Figures;

type Part = fn(&Host, &mut Figures);

const PARTS: [(&str, Part); 12] = [
    ("parsing", throughput::parsing),
    ("border", throughput::border),
    ("instances", calls::instances),
    ("script-instances", calls::script_instances),
    ("stopping", calls::stopping),
    ("loading", calls::loading),
    ("bomb", calls::compile_bomb),
    ("reloading", server::reloading),
    ("memory", server::memory),
    ("isolation", server::isolation),
    ("authors", server::authors),
    ("size", size::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benches without the flag that `cargo bench` gives
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let only: Vec<&str> =
        arguments.windows(2).filter(|pair| pair[0] == "--only").map(|pair| pair[1].as_str()).collect();
    let unknown = only.iter().find(|name| !PARTS.iter().any(|(part, _)| part == *name));
    assert!(unknown.is_none(), "no part {unknown:?}; there are {}", PARTS.map(|(name, _)| name).join(", "));
    let path = lincei_bench::figures(env!("CARGO_TARGET_TMPDIR"), "plugins");
    let mut figures = Figures::read(&path);
    let host = Host::start();
    for (name, part) in PARTS {
        if only.is_empty() || only.contains(&name) {
            println!("\n{name}");
            part(&host, &mut figures);
            figures.write(&path);
        }
    }
    println!("\n{}", report::text(&figures));
    if arguments.iter().any(|argument| argument == "--write-docs") {
        report::write_page(&host::workspace().join("docs/performance.md"), &figures);
    }
}
