//! Icons on a grid of 16 with strokes of 1.5, one family.

use leptos::prelude::*;

/// An icon by what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IconName {
    Alert,
    Clock,
    Copy,
    Cross,
    Down,
    Exclude,
    Filter,
    Help,
    Leave,
    Link,
    Logs,
    Moon,
    Refresh,
    Right,
    Search,
    Sun,
    Traces,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
            Self::Clock => "M8 5v3.2l2 1.3",
            Self::Copy => "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Down => "M4.5 6.5 8 10l3.5-3.5",
            Self::Exclude => "M4.2 4.2l7.6 7.6",
            Self::Filter => "M2.5 4h11M4.5 8h7M6.5 12h3",
            Self::Help => "M6.3 6.2a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.7-.9 1.3M8 11.2v.1",
            Self::Leave => "M9.5 3H4v10h5.5M7 8h6.5M11 5.5 13.5 8 11 10.5",
            Self::Link => "M6.5 9.5l3-3M7 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7.5",
            Self::Logs => "M2.5 4h11M2.5 8h8M2.5 12h10",
            Self::Moon => "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
            Self::Refresh => "M13 8a5 5 0 1 1-1.5-3.5M13 2.5v2.8h-2.8",
            Self::Right => "M6.5 4.5 10 8l-3.5 3.5",
            Self::Search => "M10.5 10.5 13.5 13.5",
            Self::Sun => {
                "M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1"
            }
            Self::Traces => "M2.5 3.5h6M5.5 8h7M8.5 12.5h5",
        }
    }

    fn circle(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Clock | Self::Exclude | Self::Help => Some(("8", "8", "5.5")),
            Self::Search => Some(("7", "7", "4.3")),
            Self::Sun => Some(("8", "8", "2.7")),
            _ => None,
        }
    }
}

/// An icon; it has no meaning of its own for a screen reader.
#[component]
pub(crate) fn Icon(
    /// Which.
    name: IconName,
    /// 13 instead of 16 pixels.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let circle = name.circle().map(|(cx, cy, r)| view! { <circle cx=cx cy=cy r=r /> });
    view! {
        <svg class="icon" class:sm=small viewBox="0 0 16 16" aria-hidden="true">
            <path d=name.path() />
            {circle}
        </svg>
    }
}

/// The mark: two strokes of one weight, a slit pupil.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <clipPath id="lid">
                <path d="M1.5 14.5C5.5 7 15 5 21.5 8.5 20.5 16 11 20.5 1.5 14.5z" />
            </clipPath>
            <circle class="iris" cx="12.3" cy="12.3" r="5.1" clip-path="url(#lid)" />
            <ellipse class="slit" cx="12.3" cy="12.3" rx="1.1" ry="4.1" clip-path="url(#lid)" />
            <path class="lid" d="M1.5 14.5C5.5 7 15 5 21.5 8.5 20.5 16 11 20.5 1.5 14.5zM21.5 8.5l1.2-4" />
        </svg>
    }
}
