//! The facets of the page: which there are, and the counts of their values.

use super::model::LogsModel;
use crate::ask::Load;
use crate::calendar::rfc3339;
use crate::context::Context;
use crate::facet;
use crate::failure::Failure;
use crate::name_list::FacetList;
use crate::pager::{PAGE_ROWS, Pager};
use crate::query_text::SERVICE;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{Facet, FacetsRequest, FacetsResponse, TimeInput};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Values of a facet, and of one that was made longer.
const VALUES: u32 = 10;
const VALUES_LONG: u32 = 200;
/// Parameter of the link.
pub(super) const PARAMETER: &str = "facets";

/// What is known of one facet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Counted {
    Values(Arc<Facet>),
    Failed(Failure),
}

/// A handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct FacetCounts {
    /// Fields that have a facet, beside severity.
    pub(super) fields: Memo<Vec<String>>,
    /// By field.
    pub(super) counted: RwSignal<BTreeMap<String, Counted>>,
    /// Those that are closed; severity too.
    pub(super) folded: RwSignal<BTreeSet<String>>,
    /// Those that show more values than usual.
    pub(super) long: RwSignal<BTreeSet<String>>,
    context: Context,
    automatic: RwSignal<Option<Vec<String>>>,
    asked: StoredValue<BTreeSet<(String, u32)>>,
}

impl FacetCounts {
    pub(super) fn new(context: Context) -> Self {
        let automatic = RwSignal::new(None::<Vec<String>>);
        let listed = Memo::new(move |_| context.parameter(PARAMETER));
        let fields = Memo::new(move |_| {
            automatic.with(|automatic| {
                let mut all = vec![SERVICE.to_owned()];
                all.extend(automatic.iter().flatten().cloned());
                FacetList::from_text(&listed.get()).shown(&all)
            })
        });
        Self {
            fields,
            counted: RwSignal::new(BTreeMap::new()),
            folded: RwSignal::new(BTreeSet::new()),
            long: RwSignal::new(BTreeSet::new()),
            context,
            automatic,
            asked: StoredValue::new(BTreeSet::new()),
        }
    }

    /// What one facet holds; tracked.
    pub(super) fn of(&self, field: &str) -> Option<Counted> {
        self.counted.with(|counted| counted.get(field).cloned())
    }

    /// Shows a facet, as a new entry of the history.
    pub(super) fn add(&self, field: &str) {
        self.edit(|list, automatic| list.add(field, automatic));
    }

    /// Shows a facet no longer.
    pub(super) fn remove(&self, field: &str) {
        self.edit(|list, automatic| list.remove(field, automatic));
    }

    fn edit(&self, change: impl FnOnce(&mut FacetList, &[String])) {
        let mut automatic = vec![SERVICE.to_owned()];
        self.automatic.with_untracked(|chosen| automatic.extend(chosen.iter().flatten().cloned()));
        self.context.go(|view| {
            let mut list = FacetList::from_text(view.parameter(PARAMETER));
            change(&mut list, &automatic);
            view.set_parameter(PARAMETER, &list.to_text());
        });
    }

    /// Forgets what was asked: the next run asks for all of it.
    pub(super) fn begin(&self) {
        self.asked.update_value(BTreeSet::clear);
    }

    /// The field with the number of values asked for, of those that are open and were not asked for.
    fn missing(&self) -> BTreeMap<u32, Vec<String>> {
        let mut missing: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for field in self.fields.get() {
            let limit = if self.long.with(|long| long.contains(&field)) { VALUES_LONG } else { VALUES };
            let open = self.folded.with(|folded| !folded.contains(&field));
            let new = open && self.asked.try_update_value(|asked| asked.insert((field.clone(), limit))) == Some(true);
            if new {
                missing.entry(limit).or_default().push(field);
            }
        }
        missing
    }

    /// Chooses the facets that nobody asked for, once in a visit of the page: nothing moves later.
    fn choose(&self, model: LogsModel) {
        let decided = self.automatic.with_untracked(Option::is_some);
        let ready = model.lines.with(|load| *load == Load::Ready);
        let Some(names) = model.names.answer().filter(|_| ready && !decided) else { return };
        let chosen = model.pager.with_untracked(|pager: &Pager| {
            let rows = (0..PAGE_ROWS).filter_map(|index| pager.row(index).map(AsRef::as_ref));
            facet::automatic(&names.fields, names.sampled_rows, rows)
        });
        if !model.pager.with_untracked(Pager::is_empty) {
            self.automatic.set(Some(chosen));
        }
    }
}

/// Keeps the facets counted: when others are shown, opened or made longer.
pub(super) fn keep_counted(model: LogsModel) {
    Effect::new(move |_| model.facets.choose(model));
    Effect::new(move |_| load_missing(model));
}

/// Asks for the facets that are shown and were not asked for in this run; tracked.
pub(super) fn load_missing(model: LogsModel) {
    let missing = model.facets.missing();
    let (run, window) = (model.run(), model.context.window.get_untracked());
    let query = model.question.with_untracked(|(query, _)| query.clone());
    if run == 0 {
        model.facets.begin();
        return;
    }
    for (limit, fields) in missing {
        for (search, fields) in facet::requests(&query, &fields) {
            spawn_local(async move {
                let request = |id| FacetsRequest {
                    search: (!search.trim().is_empty()).then_some(search),
                    from: Some(TimeInput::Text(rfc3339(window.from_ns))),
                    to: Some(TimeInput::Text(rfc3339(window.to_ns))),
                    fields: fields.clone(),
                    limit: Some(limit),
                    query_id: Some(id),
                };
                if !model.after_results(run).await {
                    return;
                }
                let Some(answer) = model.ask_at::<_, FacetsResponse>(run, "/logs/facets", request).await else {
                    return;
                };
                model.facets.counted.update(|counted| match answer {
                    Ok(answer) => {
                        let facets = answer.facets.into_iter();
                        counted.extend(facets.map(|f| (f.field.clone(), Counted::Values(Arc::new(f)))));
                    }
                    Err(failure) => {
                        counted.extend(fields.into_iter().map(|field| (field, Counted::Failed(failure.clone()))));
                    }
                });
            });
        }
    }
}
