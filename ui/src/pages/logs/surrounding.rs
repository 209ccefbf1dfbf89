//! The lines around a line, in the place of the list, by `POST /api/v1/logs/surrounding`.

mod bar;

use super::lines::{Held, RowStyle};
use super::list_head::ListHead;
use super::model::{LogsModel, Opened, ScrollTo};
use super::row_list::{LineRow, Place, RowList};
use super::states::Skeleton;
use crate::ask::{Asked, Call, Load};
use crate::browser;
use crate::calendar::{DateStyle, rfc3339};
use crate::client::{Question, Refusal};
use crate::components::{Cancelled, FailurePanel, Icon, IconName, ProgressStrip, Show};
use crate::failure::Failure;
use crate::keys::Action;
use crate::log_row::{self, LogRow, RowKey, ShapeError};
use crate::pager::PAGE_ROWS;
use crate::query_text::body_terms;
use crate::statement;
use crate::strings::tail::surrounding as text;
use bar::{Bar, Foot, More};
use leptos::prelude::*;
use lincei_api::{QueryStats, SurroundingRequest, SurroundingResponse};
use std::sync::Arc;

/// Lines of a side asked for, one after the other; the server gives no more than the last.
const STEPS: [u32; 5] = [50, 150, 400, 700, 1_000];
/// Bytes of a body beyond which the line is named without it: a request has its limit.
const BODY_BYTES_MAX: usize = 100 << 10;
/// Ids of rows begin with this.
const PREFIX: &str = "near";

/// Fields in which lines equal the one in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Same {
    Host,
    Service,
    Nothing,
}

impl Same {
    const ALL: [Self; 3] = [Self::Host, Self::Service, Self::Nothing];

    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Host => &["service", "host.name"],
            Self::Service => &["service"],
            Self::Nothing => &[],
        }
    }

    /// As a link carries it; the default is empty.
    fn name(self) -> &'static str {
        match self {
            Self::Host => "",
            Self::Service => "service",
            Self::Nothing => "all",
        }
    }

    fn caption(self) -> &'static str {
        match self {
            Self::Host => text().host,
            Self::Service => text().service,
            Self::Nothing => text().all,
        }
    }
}

/// What is shown: the line, how its neighbours resemble it, and how many steps each side has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    key: RowKey,
    same: Same,
    after: usize,
    before: usize,
}

impl Wanted {
    fn lines(step: usize) -> u32 {
        STEPS.get(step).or(STEPS.last()).copied().unwrap_or(1)
    }
}

/// A line and its neighbours.
struct Neighbours {
    wanted: Wanted,
    /// None when the line is no longer there.
    row: Option<Arc<LogRow>>,
    /// The oldest first, as the others.
    before: Vec<Arc<LogRow>>,
    after: Vec<Arc<LogRow>>,
    same: Vec<(String, String)>,
    stats: Option<QueryStats>,
}

impl Neighbours {
    fn len(&self) -> usize {
        self.after.len() + usize::from(self.row.is_some()) + self.before.len()
    }

    /// A line by its distance from the one in the middle, later ones above zero.
    fn at(&self, distance: i64) -> Option<&Arc<LogRow>> {
        let place = usize::try_from(distance.unsigned_abs()).ok()?;
        match distance {
            0 => self.row.as_ref(),
            1.. => self.after.get(place - 1),
            _ => self.before.get(self.before.len().checked_sub(place)?),
        }
    }

    /// The distance of the line shown at `index`, 0 the newest.
    fn distance(&self, index: usize) -> Option<i64> {
        (index < self.len()).then_some(self.after.len() as i64 - index as i64)
    }

    fn index(&self, distance: i64) -> usize {
        usize::try_from(self.after.len() as i64 - distance).unwrap_or(0)
    }
}

/// State of the view; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct SurroundingModel {
    model: LogsModel,
    /// The line in the middle, while there is one.
    pub(super) key: Memo<Option<RowKey>>,
    same: Memo<Same>,
    steps: RwSignal<(usize, usize)>,
    asked: Asked<Neighbours>,
    place: Place,
}

impl SurroundingModel {
    pub(super) fn new(model: LogsModel) -> Self {
        let parameter = move |name: &'static str| model.context.parameter(name);
        let this = Self {
            model,
            key: Memo::new(move |_| RowKey::from_text(&parameter("around"))),
            same: Memo::new(move |_| {
                let name = parameter("same");
                Same::ALL.into_iter().find(|same| same.name() == name).unwrap_or(Same::Host)
            }),
            steps: RwSignal::new((0, 0)),
            asked: Asked::new(model.context),
            place: Place::new(),
        };
        Effect::new(move |before: Option<(Option<RowKey>, Same)>| {
            let now = (this.key.get(), this.same.get());
            if before.is_some_and(|before| before != now) {
                this.steps.set((0, 0));
            }
            now
        });
        Effect::new(move |_| {
            let (after, before) = this.steps.get();
            if let Some(key) = this.key.get() {
                this.ask(Wanted { key, same: this.same.get(), after, before });
            }
        });
        this.keep_place();
        this
    }

    fn ask(&self, wanted: Wanted) {
        let shown = self.asked.answer.with_untracked(|answer| answer.as_ref().and_then(|answer| answer.row.clone()));
        let opened = self.opened_line();
        let known = [shown, opened].into_iter().flatten().find(|row| row.key() == wanted.key);
        self.asked.ask(move |call| look_around(call, wanted, known));
    }

    /// The line whose details are shown.
    fn opened_line(&self) -> Option<Arc<LogRow>> {
        self.model.opened.with_untracked(|opened| match opened {
            Some(Opened::Line(row)) => Some(Arc::clone(row)),
            _ => None,
        })
    }

    fn again(&self) {
        if let Some(key) = self.key.get_untracked() {
            let (after, before) = self.steps.get_untracked();
            self.ask(Wanted { key, same: self.same.get_untracked(), after, before });
        }
    }

    /// Centres a line that is new in the middle, and keeps the view where it is when more lines come.
    fn keep_place(self) {
        Effect::new(move |shown: Option<Option<(Wanted, usize)>>| {
            let answer = self.asked.answer.get()?;
            let (now, above) = (answer.wanted, answer.after.len());
            let place = self.place;
            match shown.flatten() {
                Some((wanted, before)) if (wanted.key, wanted.same) == (now.key, now.same) => {
                    let more = above.saturating_sub(before);
                    if more > 0 {
                        place.list.update(|list| list.pushed_down(more));
                        super::lines::put(place.scroller, place.list.with_untracked(|list| list.scroll_top));
                    }
                }
                _ => {
                    place.cursor.set(Some(0));
                    place.scroll_to.set(Some(ScrollTo::Centre(above)));
                }
            }
            Some((now, above))
        });
    }

    /// Shows the lines around `row`.
    fn show(&self, row: &LogRow) {
        let key = row.key();
        self.model.context.go(|view| {
            view.set_parameter("around", &key.to_text());
            view.set_parameter("tab", "");
        });
    }

    /// Back to the list.
    fn close(&self) {
        self.model.context.go(|view| {
            view.set_parameter("around", "");
            view.set_parameter("same", "");
        });
    }

    /// Does what a key asks for; false when there was nothing to do.
    pub(super) fn act(&self, action: Action) -> bool {
        let cursor = self.place.cursor.get_untracked();
        match action {
            Action::Refresh => {
                self.again();
                return true;
            }
            Action::Escape => {
                let slow = self.asked.progress.with_untracked(Option::is_some);
                if !(slow && self.asked.cancel()) {
                    self.close();
                }
                return true;
            }
            Action::Open => return cursor.is_some_and(|distance| self.open(distance)),
            _ => {}
        }
        let Some(answer) = self.asked.answer.get_untracked() else { return false };
        let at = cursor.map(|distance| answer.index(distance));
        let Some(to) = self.place.target(at, answer.len(), action) else { return false };
        let Some(distance) = answer.distance(to) else { return false };
        self.place.stand_on(distance, to);
        if self.model.opened.with_untracked(Option::is_some) {
            self.open(distance);
        }
        true
    }

    fn open(&self, distance: i64) -> bool {
        let row = self.asked.answer.with_untracked(|answer| answer.as_ref().and_then(|a| a.at(distance).cloned()));
        let Some(row) = row else { return false };
        self.place.cursor.set(Some(distance));
        self.model.open_line(row);
        true
    }
}

/// Finds the line, when only its key is known, and asks for its neighbours.
async fn look_around(call: Call, wanted: Wanted, known: Option<Arc<LogRow>>) -> Result<Neighbours, Refusal> {
    let row = match known {
        Some(row) => Some(row),
        None => find(&call, wanted.key).await?,
    };
    let nothing = Neighbours { wanted, row: None, before: vec![], after: vec![], same: vec![], stats: None };
    let Some(row) = row else { return Ok(nothing) };
    let request = SurroundingRequest {
        time: rfc3339(row.time_ns),
        service: Some(row.service.clone()),
        body: row.body.clone().filter(|body| body.len() <= BODY_BYTES_MAX),
        trace_id: row.trace_id.clone(),
        span_id: row.span_id.clone(),
        before: Some(Wanted::lines(wanted.before)),
        after: Some(Wanted::lines(wanted.after)),
        same: Some(wanted.same.fields().iter().map(|&field| field.to_owned()).collect()),
        query_id: Some(call.query_id.clone()),
        ..SurroundingRequest::default()
    };
    let answer: SurroundingResponse = call.client.ask("/logs/surrounding", &request, &call.signal).await?;
    let read = |rows: &[serde_json::Value]| {
        rows.iter().map(|row| LogRow::from_object(row).map(Arc::new)).collect::<Result<Vec<_>, _>>().map_err(unexpected)
    };
    Ok(Neighbours {
        wanted,
        row: read(answer.row.as_slice())?.pop(),
        before: read(&answer.before)?,
        after: read(&answer.after)?,
        same: answer.same.into_iter().collect(),
        stats: Some(answer.stats),
    })
}

async fn find(call: &Call, key: RowKey) -> Result<Option<Arc<LogRow>>, Refusal> {
    let sql = statement::lines("", PAGE_ROWS, 0);
    let question = Question { sql, from_ns: Some(key.time_ns), to_ns: Some(key.time_ns.saturating_add(1)) };
    let answer = call.client.sql(question, browser::query_id(), None, &call.signal).await?;
    let rows = log_row::lines(&answer).map_err(unexpected)?;
    Ok(rows.into_iter().find(|row| row.key() == key).map(Arc::new))
}

fn unexpected(error: ShapeError) -> Refusal {
    Failure::Malformed(error.0).into()
}

/// In the details of a line: the way to the lines around it.
#[component]
pub(super) fn SurroundingLink(around: SurroundingModel, row: Arc<LogRow>) -> impl IntoView {
    let key = row.key();
    view! {
        <Show when=move || around.key.get() != Some(key)>
            <div class="sect links">
                <button type="button" class="linkrow" on:click={
                    let row = Arc::clone(&row);
                    move |_| around.show(&row)
                }>
                    <Icon name=IconName::Logs />
                    <span>{text().show}</span>
                    <span></span>
                    <Icon name=IconName::Right small=true />
                </button>
            </div>
        </Show>
    }
}

/// The lines around a line.
#[component]
pub(super) fn Surrounding(around: SurroundingModel) -> impl IntoView {
    #[derive(Clone, PartialEq)]
    enum Shown {
        Skeleton,
        Rows,
        Gone,
        Trouble(Load),
    }
    let asked = around.asked;
    let shown = Memo::new(move |_| {
        let now = (around.key.get(), around.same.get());
        let answered = asked.answer.with(|answer| {
            let answer = answer.as_ref().filter(|a| (Some(a.wanted.key), a.wanted.same) == now);
            answer.map(|answer| answer.row.is_some())
        });
        match (asked.load.get(), answered) {
            (load @ (Load::Failed(_) | Load::Cancelled), _) => Shown::Trouble(load),
            (_, None) => Shown::Skeleton,
            (_, Some(true)) => Shown::Rows,
            (_, Some(false)) => Shown::Gone,
        }
    });
    let retry = Callback::new(move |()| around.again());
    let cancel = Callback::new(move |()| {
        asked.cancel();
    });
    let content = move || match shown.get() {
        Shown::Skeleton => view! { <Skeleton /> }.into_any(),
        Shown::Rows => view! { <Rows around /> }.into_any(),
        Shown::Gone => view! { <Gone around /> }.into_any(),
        Shown::Trouble(Load::Failed(failure)) => {
            view! { <div class="grow"><FailurePanel failure on_retry=retry /></div> }.into_any()
        }
        Shown::Trouble(_) => view! { <div class="grow"><Cancelled on_retry=retry /></div> }.into_any(),
    };
    view! {
        <section class="list" aria-label=text().list aria-busy=move || asked.waits().to_string()>
            <Bar around />
            {move || asked.progress.get().map(|progress| view! { <ProgressStrip progress on_cancel=cancel /> })}
            {content}
            <Foot around />
        </section>
    }
}

#[component]
fn Gone(around: SurroundingModel) -> impl IntoView {
    let t = text();
    view! {
        <div class="state grow" role="status">
            <h3>{t.gone_title}</h3>
            <p>{t.gone_detail}</p>
            <div class="do">
                <button type="button" class="btn primary" on:click=move |_| around.close()>{t.back}</button>
            </div>
        </div>
    }
}

#[component]
fn Rows(around: SurroundingModel) -> impl IntoView {
    let answer = around.asked.answer;
    let with = move |read: fn(&Neighbours) -> usize| answer.with(|answer| answer.as_ref().map_or(0, |a| read(a)));
    let count = Memo::new(move |_| with(Neighbours::len));
    let style = style(around);
    let model = around.model;
    let terms = Memo::new(move |_| body_terms(&model.query()));
    let open = Callback::new(move |distance| {
        around.open(distance);
    });
    let draw = move |distance: i64| {
        let row = Memo::new(move |_| answer.with(|answer| answer.as_ref()?.at(distance).cloned().map(Held)));
        let is_marked = distance == 0;
        view! { <LineRow model place=around.place key=distance prefix=PREFIX row style terms is_marked on_open=open /> }
            .into_any()
    };
    let key_at = move |index: usize| answer.with(|answer| answer.as_ref()?.distance(index));
    view! {
        <ListHead model />
        <More around later=true />
        <RowList wraps=true place=around.place count key_at draw label=text().list prefix=PREFIX />
        <More around later=false />
    }
}

/// How lines write their time: with the day where they are of several.
fn style(around: SurroundingModel) -> Memo<RowStyle> {
    let context = around.model.context;
    Memo::new(move |_| {
        let span = around.asked.answer.with(|answer| {
            let answer = answer.as_ref()?;
            let oldest = answer.before.first().or(answer.row.as_ref())?.time_ns;
            Some((oldest, answer.after.last().or(answer.row.as_ref())?.time_ns))
        });
        let (from_ns, to_ns) = span.unwrap_or_default();
        let date = DateStyle::for_span(from_ns, to_ns, context.now_ns(), context.offset_minutes(from_ns));
        RowStyle { date, utc: context.utc() }
    })
}
