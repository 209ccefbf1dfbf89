//! `lincei admin`: accounts of a data directory, whether the server runs or not.

use super::{DataArgs, say};
use anyhow::{Context as _, bail};
use lincei_catalog::{AccountId, Actor, Catalog, Role};
use lincei_model::{Clock as _, SystemClock};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

#[derive(Debug, clap::Subcommand)]
pub(super) enum AdminCommand {
    /// Create an account. The password is asked for, or read from LINCEI_PASSWORD or standard input.
    Create {
        /// Name: 1 to 64 of a-z, 0-9, '.', '_', '@', '-'.
        name: String,
        /// admin or viewer.
        #[arg(long, default_value = "admin")]
        role: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Set a new password; the account is signed out everywhere.
    Password {
        /// Name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the accounts.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Delete an account.
    Delete {
        /// Name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

pub(super) fn run(command: AdminCommand) -> anyhow::Result<()> {
    let now = SystemClock.now_ns();
    match command {
        AdminCommand::Create { name, role, data } => {
            let role: Role = role.parse()?;
            let catalog = open(&data)?;
            catalog.create_account(&actor(), &name, &password()?, role, now)?;
            say(&format!("account {name} created; sign in with it on the page"));
        }
        AdminCommand::Password { name, data } => {
            let catalog = open(&data)?;
            let account = named(&catalog, &name)?;
            catalog.set_password(&actor(), account, &password()?, now)?;
            say(&format!("password of {name} changed"));
        }
        AdminCommand::List { data } => {
            for account in open(&data)?.accounts()? {
                say(&format!(
                    "{}\t{}\t{}",
                    account.name,
                    account.role.as_str(),
                    crate::time::rfc3339(account.created_ns)
                ));
            }
        }
        AdminCommand::Delete { name, data } => {
            let catalog = open(&data)?;
            catalog.delete_account(&actor(), named(&catalog, &name)?, now)?;
            say(&format!("account {name} deleted"));
        }
    }
    Ok(())
}

fn named(catalog: &Catalog, name: &str) -> anyhow::Result<AccountId> {
    let account = catalog.account(name)?.with_context(|| format!("no account is named {name:?}"))?;
    Ok(account.id)
}

/// The catalog of a data directory, made if there is none yet.
pub(super) fn open(data: &DataArgs) -> anyhow::Result<Catalog> {
    Ok(lincei_engine::open_catalog(&data.data)?)
}

/// Who the audit log names for changes from the command line.
pub(super) fn actor() -> Actor {
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "unknown".into());
    Actor::new(user, "command line")
}

pub(super) fn password() -> anyhow::Result<String> {
    if let Ok(given) = std::env::var("LINCEI_PASSWORD") {
        return Ok(given);
    }
    let input = std::io::stdin();
    let terminal = input.is_terminal();
    if terminal {
        let _ = write!(std::io::stderr(), "password (at least 10 characters): ");
        let _ = std::io::stderr().flush();
    }
    let echo = terminal.then(NoEcho::on);
    let mut line = String::new();
    let read = input.lock().read_line(&mut line).context("reading the password");
    drop(echo);
    if terminal {
        let _ = writeln!(std::io::stderr());
    }
    if read? == 0 {
        bail!("no password given: type it, pipe it in, or set LINCEI_PASSWORD");
    }
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Switches the terminal's echo off until dropped.
struct NoEcho(Option<rustix::termios::Termios>);

impl NoEcho {
    fn on() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let input = std::io::stdin();
        let before = tcgetattr(&input).ok();
        if let Some(before) = &before {
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(&input, OptionalActions::Now, &silent);
        }
        Self(before)
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
