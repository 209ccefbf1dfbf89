use leptos::prelude::*;

/// Draws its children while something holds, else the fallback. As that of the library, but compiled once and
/// not for each use.
#[component]
pub(crate) fn Show<W>(
    /// What has to hold.
    when: W,
    /// Drawn while it does not.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// Content.
    children: ChildrenFn,
) -> impl IntoView
where
    W: Fn() -> bool + Send + Sync + 'static,
{
    shown(Box::new(when), fallback, children)
}

fn shown(when: Box<dyn Fn() -> bool + Send + Sync>, fallback: ViewFn, children: ChildrenFn) -> AnyView {
    let holds = Memo::new(move |_| when());
    (move || if holds.get() { children() } else { fallback.run() }).into_any()
}
