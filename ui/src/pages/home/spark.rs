use crate::chart::Health;
use crate::components::Sparkline;
use leptos::prelude::*;

/// A line the size of a word, in the colour of a trouble.
pub(super) fn spark(values: &[Option<f64>], floor: f64, health: Health) -> impl IntoView + use<> {
    let trouble = matches!(health, Health::Bad | Health::Warn).then_some(health);
    view! { <Sparkline values=Signal::stored(values.to_vec()) floor=floor health=Signal::stored(trouble) /> }
}
