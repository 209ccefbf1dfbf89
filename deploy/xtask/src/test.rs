//! Everything that is checked before a change is accepted, cheapest first. A step that fails does
//! not keep the later ones from running: one run tells everything.

mod arguments;
mod external;
mod native;
mod report;

use crate::workspace::Workspace;
use crate::{deny, fuzz, links, page, setup, tidy};
use anyhow::{Result, bail};
use report::{Outcome, Report};
use std::time::Instant;

/// One thing that is checked.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

/// In the order they run. Steps that compile use one profile and one set of features, so that each
/// crate is checked once and built once.
const STEPS: &[Step] = &[
    Step { name: "setup", about: "wasm32 target, Node, npm packages, Chromium, Python", run: setup::everything },
    Step { name: "fmt", about: "rustfmt", run: native::fmt },
    Step { name: "tidy", about: "the house rules", run: |w| verdict(tidy::command(w)?) },
    Step { name: "links", about: "relative links of the Markdown files", run: |w| verdict(links::command(w)?) },
    Step { name: "deny", about: "licences, sources, duplicate versions", run: |w| verdict(deny::command(w)?) },
    Step { name: "page", about: "the web page, as it is released", run: |w| page::build(w, false) },
    Step { name: "clippy-wasm", about: "clippy for wasm32: ui, api", run: native::clippy_wasm },
    Step { name: "clippy", about: "clippy for everything else", run: native::clippy },
    Step { name: "scripts", about: "the interpreters of scripts, as they are released", run: native::scripts },
    Step { name: "test", about: "unit and integration tests", run: native::test },
    Step { name: "doctest", about: "examples in the documentation", run: native::doctest },
    Step { name: "docs", about: "rustdoc without warnings", run: native::docs },
    Step { name: "features", about: "clippy without the page, and with each other feature", run: native::features },
    Step { name: "browser", about: "the page in Chromium against the binary", run: external::browser },
    Step { name: "compat", about: "other programs against the binary", run: external::compat },
    Step { name: "fuzz", about: "every fuzz target for some seconds", run: |w| fuzz::run(w, None) },
    Step { name: "crash", about: "random kills under load", run: native::crash },
];

/// `cargo xtask test`: `true` when every chosen step is good.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<bool> {
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    let chosen = match arguments::parse(args, &names)? {
        arguments::Chosen::List => {
            STEPS.iter().for_each(|step| println!("{:<12} {}", step.name, step.about));
            return Ok(true);
        }
        arguments::Chosen::Steps(chosen) => chosen,
    };
    let mut report = Report::default();
    for step in STEPS.iter().filter(|step| chosen.iter().any(|name| name == step.name)) {
        println!("\n== {}: {}", step.name, step.about);
        let started = Instant::now();
        let error = (step.run)(workspace).err();
        if let Some(error) = &error {
            println!("{} failed: {error:#}", step.name);
        }
        report.add(Outcome { step: step.name, error, took: started.elapsed() });
    }
    print!("{report}");
    Ok(report.is_good())
}

/// A check that has printed its findings.
fn verdict(good: bool) -> Result<()> {
    if good { Ok(()) } else { bail!("see above") }
}
