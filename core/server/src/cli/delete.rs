//! `lincei delete`.

use super::{ServerArgs, admin, say};
use crate::remote::Remote;
use anyhow::bail;
use lincei_api::{DeleteRequest, DeletionEstimate, DeletionInfo, TimeInput};
use std::time::Duration;

/// Wait between two looks at a running deletion.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
pub(super) struct DeleteArgs {
    /// Table whose rows go.
    #[arg(long, value_name = "TABLE")]
    table: String,
    /// Rows that match this text, in the language of the log page.
    #[arg(long, value_name = "TEXT", conflicts_with = "condition", allow_hyphen_values = true)]
    search: Option<String>,
    /// Rows for which this SQL condition is true.
    #[arg(long = "where", value_name = "SQL")]
    condition: Option<String>,
    /// Only rows at or after this time: RFC 3339, Unix time, or relative (`now-1h`).
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Only rows before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// Only count the rows.
    #[arg(long)]
    dry_run: bool,
    /// Allow deleting every row of the table.
    #[arg(long)]
    everything: bool,
    /// Administrator to sign in as, where accounts exist; asks for the password.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &DeleteArgs) -> anyhow::Result<()> {
    let request = DeleteRequest {
        table: args.table.clone(),
        search: args.search.clone(),
        condition: args.condition.clone(),
        from: args.from.clone().map(TimeInput::Text),
        to: args.to.clone().map(TimeInput::Text),
        dry_run: args.dry_run,
        everything: args.everything,
    };
    let mut remote = Remote::new(&args.server)?;
    if let Some(user) = &args.user {
        remote.sign_in(user, admin::password()?)?;
    }
    let done = if args.dry_run { measure(&remote, &request) } else { delete(&remote, &request) };
    remote.sign_out();
    done
}

fn measure(remote: &Remote, request: &DeleteRequest) -> anyhow::Result<()> {
    let found: DeletionEstimate = remote.call("/api/v1/delete", request)?;
    say(&format!(
        "{} rows would be deleted: {} of {} files rewritten, {} removed, {} read",
        found.rows, found.files_rewritten, found.files_of_table, found.files_removed, found.files_scanned
    ));
    say_set_aside(&found.set_aside);
    Ok(())
}

fn delete(remote: &Remote, request: &DeleteRequest) -> anyhow::Result<()> {
    let mut now: DeletionInfo = remote.call("/api/v1/delete", request)?;
    while now.state == "running" {
        std::thread::sleep(LOOK_INTERVAL);
        now = remote.get(&format!("/api/v1/deletions/{}", now.id))?;
    }
    let did = format!(
        "{} rows deleted: {} of {} files rewritten, {} removed, {} read",
        now.rows_deleted, now.files_rewritten, now.files_of_table, now.files_removed, now.files_done
    );
    say_set_aside(&now.set_aside);
    match now.state.as_str() {
        "done" => say(&did),
        state => bail!("deletion {} {state}: {}; {did}", now.id, now.error.unwrap_or_else(|| "by request".to_owned())),
    }
    Ok(())
}

fn say_set_aside(paths: &[String]) {
    for path in paths {
        say(&format!("note: {path} was set aside as damaged, is not touched, and may hold such rows"));
    }
}
