//! Home: what is wrong now, the services, intake and storage; the guide while there is no data.

mod changes;
mod figures;
mod findings;
mod frame;
mod intake;
mod jump;
mod model;
mod spark;
mod stack;
mod table;
mod values;

use super::guide::Guide;
use crate::app::set_title;
use crate::components::PageHead;
use crate::context::Context;
use crate::keys::Action;
use crate::strings::home;
use frame::Frame;
use leptos::prelude::*;
use model::HomeModel;

/// The page.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let context = Context::get();
    Effect::new(move |_| set_title(home::text().document_title));
    let nothing_sent = Memo::new(move |_| nothing_sent(context));
    view! {
        <main class="main">
            {move || match nothing_sent.get() {
                None => view! { <PageHead title=home::text().title /> }.into_any(),
                Some(true) => {
                    view! {
                        <PageHead title=home::text().title />
                        <Guide />
                    }
                        .into_any()
                }
                Some(false) => view! { <Services /> }.into_any(),
            }}
        </main>
    }
}

/// Whether nothing at all was sent to this server yet; tracked. `None` before it is known.
fn nothing_sent(context: Context) -> Option<bool> {
    context.status.with(|status| match status.as_ref()? {
        Ok(status) => {
            let sent = |name: &str| status.tables.iter().any(|table| table.name == name && table.rows > 0);
            Some(!["logs", "spans", "metrics"].into_iter().any(sent))
        }
        Err(_) => Some(false),
    })
}

/// What is shown once there are data.
#[component]
fn Services() -> impl IntoView {
    let context = Context::get();
    let model = HomeModel::new(context);
    model.run();
    context.on_action.set_value(Some(Callback::new(move |action| act(model, action))));
    on_cleanup(move || context.on_action.set_value(None));
    view! {
        <PageHead title=home::text().title on_refresh=Callback::new(move |()| model.start()) />
        <Frame model />
    }
}

fn act(model: HomeModel, action: Action) -> bool {
    let rows = model.places();
    let cursor = model.cursor.get_untracked();
    let to = match action {
        Action::Refresh => {
            model.start();
            return true;
        }
        Action::Escape => {
            let chosen = cursor.is_some();
            model.cursor.set(None);
            return model.cancel() || chosen;
        }
        Action::Open => return cursor.is_some_and(|place| model.open(place)),
        Action::Down => cursor.map_or(0, |at| at + 1),
        Action::Up => cursor.map_or(0, |at| at.saturating_sub(1)),
        Action::First => 0,
        Action::Last => rows,
        _ => return false,
    };
    if rows == 0 {
        return false;
    }
    model.point(true);
    model.cursor.set(Some(to.min(rows - 1)));
    true
}
