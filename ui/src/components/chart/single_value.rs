use super::figure::figure;
use crate::chart::{Health, SPARK_HEIGHT, SPARK_WIDTH, Thresholds, Unit, spark_path};
use crate::components::Show;
use crate::strings::charts::charts;
use leptos::prelude::*;

/// One figure: how much, in which state, how it came to be, how it differs from before.
#[component]
pub(crate) fn SingleValue(
    /// What it is.
    #[prop(into)]
    label: String,
    /// How much; none when it is not known.
    #[prop(into)]
    value: Signal<Option<f64>>,
    /// What it is measured in.
    #[prop(default = Unit::Number)]
    unit: Unit,
    /// What it was at the same point of an earlier window.
    #[prop(optional, into)]
    before: Signal<Option<f64>>,
    /// How it came to be, oldest first.
    #[prop(optional, into)]
    spark: Signal<Vec<Option<f64>>>,
    /// Top of the sparkline while all values are below it.
    #[prop(optional)]
    spark_floor: f64,
    /// From when on it is degraded or failing.
    #[prop(optional)]
    thresholds: Option<Thresholds>,
) -> impl IntoView {
    let unit = StoredValue::new(unit);
    let health = Memo::new(move |_| thresholds.map(|thresholds| thresholds.health(value.get())));
    let trouble = move || health.get().filter(|health| matches!(health, Health::Warn | Health::Bad));
    let change = move || {
        let (value, before) = value.get().zip(before.get())?;
        unit.with_value(|unit| Some((unit.change(value, before)?, unit.text(before))))
    };
    view! {
        <div class="stat single">
            <div class="k hstack">
                {move || {
                    trouble()
                        .map(|health| {
                            let word = word(health);
                            view! { <i class=format!("health {}", health.class()) role="img" aria-label=word title=word></i> }
                        })
                }}
                <span class="ell">{label}</span>
            </div>
            <div class="stat-top">
                <span class=move || format!("v {}", trouble().map_or("", text_class))>
                    {move || unit.with_value(|unit| figure(unit, value.get()))}
                </span>
                {move || {
                    change()
                        .map(|(change, before)| {
                            let class = format!("d {}", trouble().map_or("dim", text_class));
                            view! { <span class=class title=(charts().compared)(&before)>{change}</span> }
                        })
                }}
            </div>
            <Show when=move || spark.with(|spark| !spark.is_empty())>
                <Sparkline values=spark floor=spark_floor health=Signal::derive(trouble) />
            </Show>
        </div>
    }
}

/// A line the size of a word. It is beside the figure that it explains, so it says nothing itself.
#[component]
pub(crate) fn Sparkline(
    /// Values, oldest first.
    #[prop(into)]
    values: Signal<Vec<Option<f64>>>,
    /// Top of the line while all values are below it, so that few errors do not look like many.
    #[prop(optional)]
    floor: f64,
    /// State of the newest value.
    #[prop(optional, into)]
    health: Signal<Option<Health>>,
) -> impl IntoView {
    view! {
        <svg
            class=move || format!("spark {}", health.get().map_or("", Health::class))
            viewBox=format!("0 0 {SPARK_WIDTH} {SPARK_HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path d=move || values.with(|values| spark_path(values, floor)) />
        </svg>
    }
}

fn text_class(health: Health) -> &'static str {
    match health {
        Health::Ok => "t-ok",
        Health::Warn => "t-warn",
        Health::Bad => "t-bad",
        Health::Unknown => "faint",
    }
}

fn word(health: Health) -> &'static str {
    let t = charts();
    match health {
        Health::Ok => t.ok,
        Health::Warn => t.warn,
        Health::Bad => t.bad,
        Health::Unknown => t.unknown,
    }
}
