use leptos::prelude::*;
use std::sync::Arc;

/// What a chart shows. It changes only when what is drawn has to be made anew: newer data keep the
/// focus and what is scrolled to.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Phase {
    Waiting,
    Empty,
    Drawing,
    Table,
}

impl Phase {
    /// Of `data`, none of which is awaited; `table` is whether they are shown as a table.
    pub(super) fn of<T: Send + Sync + 'static>(
        data: Signal<Option<Arc<T>>>,
        is_empty: fn(&T) -> bool,
        table: RwSignal<bool>,
    ) -> Memo<Self> {
        Memo::new(move |_| {
            data.with(|data| match data {
                None => Self::Waiting,
                Some(data) if is_empty(data) => Self::Empty,
                Some(_) if table.get() => Self::Table,
                Some(_) => Self::Drawing,
            })
        })
    }

    /// Whether there is something to show.
    pub(super) fn filled(self) -> bool {
        matches!(self, Self::Drawing | Self::Table)
    }
}
