//! The line whose details are open: chosen in a list, or named by a link.

use super::model::{LogsModel, Opened, ScrollTo, unexpected};
use crate::log_row::{self, LogRow, RowKey};
use crate::pager::{PAGE_ROWS, Pager};
use crate::statement;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

impl LogsModel {
    /// Opens the details of line `index`; the first one opened is an entry of the history.
    pub(crate) fn open(&self, index: usize) {
        let Some(row) = self.pager.with_untracked(|pager| pager.row(index).cloned()) else { return };
        self.cursor.set(Some(index));
        self.open_line(row);
    }

    /// Opens the details of a line, of the list or not.
    pub(crate) fn open_line(&self, row: Arc<LogRow>) {
        let key = row.key();
        let was_open = self.opened.with_untracked(Option::is_some);
        self.opened.set(Some(Opened::Line(row)));
        if was_open {
            self.context.adjust(|view| view.row = Some(key));
        } else {
            self.context.go(|view| view.row = Some(key));
        }
    }

    /// Closes the details.
    pub(crate) fn close(&self) {
        self.context.go(|view| view.row = None);
    }

    /// Makes the details follow the address bar: after Back, or when a link was opened.
    pub(crate) fn follow_row(&self, key: Option<RowKey>) {
        let Some(key) = key else {
            self.opened.set(None);
            return;
        };
        let shown = self.opened.with_untracked(|opened| match opened {
            Some(Opened::Line(row)) => row.key() == key,
            _ => false,
        });
        if shown {
            return;
        }
        let known = self.pager.with_untracked(|pager| {
            let index = pager.position(|row| row.time_ns == key.time_ns && row.key() == key)?;
            Some((index, Arc::clone(pager.row(index)?)))
        });
        if let Some((index, row)) = known {
            self.opened.set(Some(Opened::Line(row)));
            self.cursor.set(Some(index));
            self.scroll_to.set(Some(ScrollTo::Centre(index)));
            return;
        }
        self.opened.set(Some(Opened::Finding));
        let (model, run) = (*self, self.run());
        spawn_local(async move { model.find_row(run, key).await });
    }

    async fn find_row(&self, run: u64, key: RowKey) {
        // lines around one need not match the search
        let any = self.context.view.with_untracked(|view| !view.parameter("around").is_empty());
        let query = if any { String::new() } else { self.question.with_untracked(|(query, _)| query.clone()) };
        let after_ns = key.time_ns.saturating_add(1);
        let sql = statement::lines(&query, PAGE_ROWS, 0);
        let Some(answer) = self.ask(run, sql, Some(key.time_ns), Some(after_ns)).await else { return };
        let rows = match answer.and_then(|response| log_row::lines(&response).map_err(unexpected)) {
            Ok(rows) => rows,
            Err(failure) => {
                self.opened.set(Some(Opened::Failed(failure, key)));
                return;
            }
        };
        let Some((place, row)) = rows.into_iter().enumerate().find(|(_, row)| row.key() == key) else {
            self.opened.set(Some(Opened::Gone));
            return;
        };
        self.opened.set(Some(Opened::Line(Arc::new(row))));
        let window = self.pager.with_untracked(Pager::window);
        if key.time_ns < window.from_ns || key.time_ns >= window.to_ns {
            return;
        }
        let newer = self.ask(run, statement::count(&query), Some(after_ns), Some(window.to_ns)).await;
        if let Some(Ok(response)) = newer
            && let Some(newer) = log_row::single_count(&response)
        {
            let index = usize::try_from(newer).unwrap_or(usize::MAX).saturating_add(place);
            self.cursor.set(Some(index));
            self.scroll_to.set(Some(ScrollTo::Centre(index)));
        }
    }
}
