//! Debian packages, installed when this user may, and otherwise named in a command to type.

use crate::process;
use anyhow::{Result, bail};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(900);

/// Installs packages without their recommendations. `purpose` completes "… is needed for".
pub(crate) fn install(purpose: &str, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if process::on_path("apt-get").is_none() {
        bail!("{purpose}: install it with this system's package manager (on Debian: {list}), then run this again");
    }
    let sudo: &[&str] = match privilege() {
        Privilege::Root => &[],
        Privilege::Sudo => &["sudo", "-n"],
        Privilege::None => {
            bail!("{purpose}: type `sudo apt-get install --no-install-recommends {list}`, then run this again")
        }
    };
    println!("{purpose}: installing {list}");
    if apt_get(sudo, &["install", "-y", "-q", "--no-install-recommends"], packages).is_ok() {
        return Ok(());
    }
    // A fresh machine or image has no package lists, or lists that name versions already gone.
    apt_get(sudo, &["update", "-q"], &[])?;
    apt_get(sudo, &["install", "-y", "-q", "--no-install-recommends"], packages)
}

enum Privilege {
    Root,
    Sudo,
    None,
}

fn privilege() -> Privilege {
    if process::output(process::program("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return Privilege::Root;
    }
    if process::on_path("sudo").is_some() && process::succeeds(process::program("sudo").args(["-n", "true"])) {
        return Privilege::Sudo;
    }
    Privilege::None
}

fn apt_get(sudo: &[&str], options: &[&str], packages: &[&str]) -> Result<()> {
    let words: Vec<&str> = sudo
        .iter()
        .chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .chain(options)
        .chain(packages)
        .copied()
        .collect();
    let Some((first, rest)) = words.split_first() else { return Ok(()) };
    process::run_within(process::program(first).args(rest), LIMIT)
}
