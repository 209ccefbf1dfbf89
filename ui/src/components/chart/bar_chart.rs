use super::exports::{self, Exports};
use super::figure::figure;
use super::foot::Foot;
use super::phase::Phase;
use super::table::Table;
use crate::chart::{Bar, Picture, Unit, bar_extent, bar_range, bars_csv};
use crate::context::Context;
use crate::strings::charts::charts;
use leptos::prelude::*;
use std::sync::Arc;

/// Width of the picture of it.
const PICTURE_WIDTH: f64 = 720.0;

/// A bar per category, in the order given; also as a table and a file. While `bars` is none, it waits.
#[component]
pub(crate) fn BarChart(
    /// Categories and their values.
    #[prop(into)]
    bars: Signal<Option<Arc<Vec<Bar>>>>,
    /// What the values are measured in.
    #[prop(default = Unit::Number)]
    unit: Unit,
    /// Names the chart, for screen readers and in files.
    #[prop(into)]
    label: String,
    /// Height of the bars at most, the others are scrolled to; without it as high as they are.
    #[prop(optional)]
    height: Option<f64>,
    /// Takes the category that was chosen; without it the bars are not buttons.
    #[prop(optional)]
    on_pick: Option<Callback<String>>,
    /// Where its files are offered, too.
    #[prop(optional)]
    exports_to: Option<RwSignal<Option<Exports>>>,
) -> impl IntoView {
    let unit = StoredValue::new(unit);
    let label = StoredValue::new(label);
    let table = RwSignal::new(false);
    let phase = Phase::of(bars, |bars| bars.is_empty(), table);
    let exports = exports_of(bars, unit, label, phase);
    exports.lend(exports_to);
    let rows = move || {
        let bars = bars.get()?;
        let range = bar_range(&bars);
        Some(bars.iter().map(|bar| row(bar, range, unit, on_pick)).collect_view())
    };
    let waiting = || (0..4).map(|_| view! { <div class="bar-row"><i class="skeleton"></i></div> }).collect_view();
    view! {
        <figure
            class="chart bar-chart"
            aria-label=label.get_value()
            aria-busy=move || (phase.get() == Phase::Waiting).to_string()
        >
            {move || match phase.get() {
                Phase::Waiting => waiting().into_any(),
                Phase::Empty => view! { <p class="chart-none">{charts().empty}</p> }.into_any(),
                Phase::Table => view! { <BarTable bars unit label height /> }.into_any(),
                Phase::Drawing => {
                    view! {
                        <ul
                            class:scroll=height.is_some()
                            style:max-height=height.map(|height| format!("{height}px"))
                            tabindex=height.map(|_| "0")
                            aria-label=label.get_value()
                        >
                            {rows}
                        </ul>
                    }
                        .into_any()
                }
            }}
            <Foot exports table />
        </figure>
    }
}

fn exports_of(
    bars: Signal<Option<Arc<Vec<Bar>>>>,
    unit: StoredValue<Unit>,
    label: StoredValue<String>,
    phase: Memo<Phase>,
) -> Exports {
    let context = Context::get();
    let csv = move || Some((exports::named(label, None, "csv"), bars_csv(&bars.get_untracked()?)));
    let png = Callback::new(move |()| {
        if let Some(bars) = bars.get_untracked() {
            let picture = unit.with_value(|unit| Picture::of_bars(&bars, unit, PICTURE_WIDTH));
            let file = exports::named(label, None, "png");
            exports::save_png(context, file, exports::drawn(picture, label.get_value()));
        }
    });
    let drawn = move || (phase.get() == Phase::Drawing).then_some(png);
    Exports { png: Signal::derive(drawn), ..Exports::of_rows(move || phase.get().filled(), csv) }
}

/// Names and values.
#[component]
fn BarTable(
    bars: Signal<Option<Arc<Vec<Bar>>>>,
    unit: StoredValue<Unit>,
    label: StoredValue<String>,
    #[prop(optional_no_strip)] height: Option<f64>,
) -> impl IntoView {
    let t = charts();
    let row = move |bar: &Bar| {
        view! {
            <tr>
                <td>{bar.label.clone()}</td>
                <td class="num">{unit.with_value(|unit| figure(unit, bar.value))}</td>
            </tr>
        }
    };
    let rows = move || bars.get().map(|bars| bars.iter().map(row).collect_view());
    let heads = vec![(t.name.to_owned(), false), (t.value.to_owned(), true)];
    view! {
        <Table label height=height.unwrap_or_default() heads note=None>
            {rows}
        </Table>
    }
}

fn row(
    bar: &Bar,
    range: (f64, f64),
    unit: StoredValue<Unit>,
    on_pick: Option<Callback<String>>,
) -> impl IntoView + use<> {
    let (start, length) = bar.value.map_or((0.0, 0.0), |value| bar_extent(value, range));
    let value = unit.with_value(|unit| figure(unit, bar.value));
    let picked = bar.label.clone();
    let content = view! {
        <span class="ell" title=bar.label.clone()>{bar.label.clone()}</span>
        <span class="bar-track" aria-hidden="true">
            <i
                style:margin-left=format!("{start:.2}%")
                style:width=format!("{length:.2}%")
                style:background=bar.colour.map(|colour| colour.css())
            ></i>
        </span>
        <span class="num">{value}</span>
    };
    match on_pick {
        Some(on_pick) => view! {
            <li>
                <button type="button" class="bar-row" on:click=move |_| on_pick.run(picked.clone())>
                    {content}
                </button>
            </li>
        }
        .into_any(),
        None => view! { <li class="bar-row">{content}</li> }.into_any(),
    }
}
