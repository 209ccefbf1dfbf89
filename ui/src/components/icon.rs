//! Icons on a grid of 16 with strokes of 1.5, one family.

use leptos::prelude::*;

/// An icon by what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IconName {
    Alert,
    Check,
    Clock,
    Columns,
    Copy,
    Cross,
    Dashboards,
    Database,
    Dots,
    Down,
    Download,
    Edit,
    Exclude,
    Eye,
    Filter,
    Full,
    Globe,
    Grip,
    Help,
    History,
    Home,
    Key,
    Leave,
    Left,
    Link,
    Logs,
    Metrics,
    Moon,
    Open,
    Pause,
    Pipelines,
    Play,
    Plugins,
    Plus,
    Refresh,
    Right,
    Save,
    Search,
    Settings,
    Share,
    Sql,
    Sun,
    Table,
    Traces,
    Trash,
    Up,
    User,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
            Self::Check => "M3.5 8.5l3 3 6-7",
            Self::Clock => "M8 5v3.2l2 1.3",
            Self::Columns => "M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9",
            Self::Copy => "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Dashboards => "M2.5 3h4.5v5.5H2.5zM9 3h4.5v3H9zM9 8h4.5v5H9zM2.5 10.5H7V13H2.5z",
            Self::Database => {
                "M3.5 4.5c0-1 2-1.8 4.5-1.8s4.5.8 4.5 1.8-2 1.8-4.5 1.8-4.5-.8-4.5-1.8zM3.5 4.5v7c0 1 2 1.8 4.5 1.8s4.5-.8 4.5-1.8v-7"
            }
            Self::Dots => "M3.5 8v.1M8 8v.1M12.5 8v.1",
            Self::Down => "M4.5 6.5 8 10l3.5-3.5",
            Self::Download => "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10",
            Self::Edit => "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9.2 4.5l2.3 2.3",
            Self::Exclude => "M4.2 4.2l7.6 7.6",
            Self::Eye => "M1.8 8C4.5 3.6 11.5 3.6 14.2 8 11.5 12.4 4.5 12.4 1.8 8z",
            Self::Filter => "M2.5 4h11M4.5 8h7M6.5 12h3",
            Self::Full => "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
            Self::Globe => "M2.5 8h11M8 2.5c3.5 3.2 3.5 7.8 0 11M8 2.5c-3.5 3.2-3.5 7.8 0 11",
            Self::Grip => "M6 4v.1M10 4v.1M6 8v.1M10 8v.1M6 12v.1M10 12v.1",
            Self::Help => "M6.3 6.2a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.7-.9 1.3M8 11.2v.1",
            Self::History => "M3 8a5 5 0 1 0 1.5-3.5M3 2.5v2.8h2.8M8 5.2v3l2 1.2",
            Self::Home => "M2.5 7.5 8 3l5.5 4.5V13h-4V9.5h-3V13h-4z",
            Self::Key => "M7.4 8.6 13 3M10.6 5.4l2 2M12.2 3.8l1 1",
            Self::Leave => "M9.5 3H4v10h5.5M7 8h6.5M11 5.5 13.5 8 11 10.5",
            Self::Left => "M9.5 4.5 6 8l3.5 3.5",
            Self::Link => "M6.5 9.5l3-3M7 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7.5",
            Self::Logs => "M2.5 4h11M2.5 8h8M2.5 12h10",
            Self::Metrics => "M2.5 12.5 6 8l2.5 2.5 5-6.5",
            Self::Moon => "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
            Self::Open => "M9 3h4v4M13 3 7.5 8.5M7 4H3.5v8.5H12V9",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Pipelines => "M2.5 3.5h4v3h-4zM9.5 9.5h4v3h-4zM4.5 6.5V11h5M6.5 5H11v4.5",
            Self::Play => "M5 3.5v9l7.5-4.5z",
            Self::Plugins => "M6 2.5v3M10 2.5v3M4 5.5h8V8a4 4 0 0 1-8 0zM8 12v1.5",
            Self::Plus => "M8 3.5v9M3.5 8h9",
            Self::Refresh => "M13 8a5 5 0 1 1-1.5-3.5M13 2.5v2.8h-2.8",
            Self::Right => "M6.5 4.5 10 8l-3.5 3.5",
            Self::Save => "M4.5 2.5h7v11L8 10.8l-3.5 2.7z",
            Self::Search => "M10.5 10.5 13.5 13.5",
            Self::Settings => {
                "M8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M3.8 12.2l1.4-1.4M10.8 5.2l1.4-1.4"
            }
            Self::Share => "M8 9.5v-7M5 5.2 8 2.3l3 2.9M3.5 8v5.5h9V8",
            Self::Sql => {
                "M3 4.5c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2zM3 4.5v7c0 1.1 2.2 2 5 2s5-.9 5-2v-7M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"
            }
            Self::Sun => {
                "M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1"
            }
            Self::Table => "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6",
            Self::Traces => "M2.5 3.5h6M5.5 8h7M8.5 12.5h5",
            Self::Trash => "M3 4.5h10M6.2 4.5V3h3.6v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M7 7v3.5M9 7v3.5",
            Self::Up => "M4.5 9.5 8 6l3.5 3.5",
            Self::User => "M3 13.5c.5-2.7 2.5-4 5-4s4.5 1.3 5 4",
        }
    }

    fn circle(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Clock | Self::Exclude | Self::Globe | Self::Help => Some(("8", "8", "5.5")),
            Self::Eye => Some(("8", "8", "1.8")),
            Self::Key => Some(("5.5", "10.5", "2.7")),
            Self::Search => Some(("7", "7", "4.3")),
            Self::Settings => Some(("8", "8", "2.6")),
            Self::Sun => Some(("8", "8", "2.7")),
            Self::User => Some(("8", "5.2", "2.6")),
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
