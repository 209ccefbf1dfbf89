//! `lincei key`: the keys that clients send with.

use super::admin::{actor, open};
use super::{DataArgs, complain, say};
use lincei_catalog::{KeyId, KeyKind};
use lincei_model::{Clock as _, SystemClock};

#[derive(Debug, clap::Subcommand)]
pub(super) enum KeyCommand {
    /// Create a key and print its secret, this once.
    Create {
        /// What it is for.
        name: String,
        /// ingest: send telemetry. api: query, as programs do.
        #[arg(long, default_value = "ingest")]
        kind: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the keys, without their secrets.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Revoke a key by its id; the server refuses it within a second.
    Revoke {
        /// Id, as `lincei key list` prints it.
        id: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

pub(super) fn run(command: KeyCommand) -> anyhow::Result<()> {
    let now = SystemClock.now_ns();
    match command {
        KeyCommand::Create { name, kind, data } => {
            let kind: KeyKind = kind.parse()?;
            let (_, secret) = open(&data)?.create_key(&actor(), &name, kind, now)?;
            say(secret.expose());
            complain("this is the only time the secret is shown; clients send it as `Authorization: Bearer <secret>`");
        }
        KeyCommand::List { data } => {
            for key in open(&data)?.keys()? {
                let state = if key.revoked_ns.is_some() { "revoked" } else { "live" };
                say(&format!("{}\t{}\t{}\t{}…\t{state}", key.id, key.kind.as_str(), key.name, key.prefix));
            }
        }
        KeyCommand::Revoke { id, data } => {
            let id: KeyId = id.parse().map_err(|_| anyhow::anyhow!("{id:?} is no key id: see `lincei key list`"))?;
            open(&data)?.revoke_key(&actor(), id, now)?;
            say(&format!("key {id} revoked"));
        }
    }
    Ok(())
}
