//! Names of the fields that lines have: asked once and again when they have grown old, shared by the
//! search bar, the facets and the columns.

use crate::ask::{Asked, Load};
use crate::calendar::{SECOND_NS, rfc3339};
use crate::context::Context;
use leptos::prelude::*;
use lincei_api::{FieldInfo, FieldsRequest, FieldsResponse, TimeInput};
use std::sync::Arc;

/// Names asked for; the most frequent come first.
const NAMES_MAX: u32 = 1000;
/// How long an answer is good for.
const FRESH_NS: i64 = 60 * SECOND_NS;

/// A handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct FieldNames {
    context: Context,
    asked: Asked<FieldsResponse>,
    asked_at: StoredValue<Option<i64>>,
}

impl FieldNames {
    pub(super) fn new(context: Context) -> Self {
        Self { context, asked: Asked::new(context), asked_at: StoredValue::new(None) }
    }

    /// Asks, unless there is an answer that is good enough.
    pub(super) fn want(&self) {
        let now = self.context.now_ns();
        let failed = self.asked.load.with_untracked(|load| matches!(load, Load::Failed(_) | Load::Cancelled));
        let fresh = self.asked_at.get_value().is_some_and(|at| now - at < FRESH_NS);
        if fresh && !failed {
            return;
        }
        self.asked_at.set_value(Some(now));
        let window = self.context.window.get_untracked();
        self.asked.ask(move |call| async move {
            let request = FieldsRequest {
                table: "logs".to_owned(),
                from: Some(TimeInput::Text(rfc3339(window.from_ns))),
                to: Some(TimeInput::Text(rfc3339(window.to_ns))),
                limit: Some(NAMES_MAX),
                query_id: Some(call.query_id),
                ..FieldsRequest::default()
            };
            call.client.ask("/fields", &request, &call.signal).await
        });
    }

    /// The last answer; tracked.
    pub(super) fn answer(&self) -> Option<Arc<FieldsResponse>> {
        self.asked.answer.get()
    }

    /// Gives the names of the last answer to `read`; tracked.
    pub(super) fn with<T>(&self, read: impl FnOnce(&[FieldInfo]) -> T) -> T {
        self.asked.answer.with(|answer| read(answer.as_ref().map_or(&[][..], |answer| &answer.fields)))
    }
}
