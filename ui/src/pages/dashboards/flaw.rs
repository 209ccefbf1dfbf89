//! What is wrong with a document, a statement or an answer, in words.

use crate::dashboard::{BuildFlaw, BuildKind, Flaw, FlawKind, ShapeFlaw};
use crate::failure::Failure;
use crate::strings::dashboards::text;

/// What is wrong with a document, and where.
pub(super) fn document_flaw(flaw: &Flaw) -> String {
    let t = &text().flaw;
    let what = match &flaw.kind {
        FlawKind::Syntax(what) => (t.syntax)(what),
        FlawKind::Type(kind) => {
            let named = t.types.iter().find(|(name, _)| name == kind).map_or(*kind, |(_, named)| *named);
            (t.of_type)(named)
        }
        FlawKind::Missing => t.missing.to_owned(),
        FlawKind::Unknown(name) => (t.unknown)(name),
        FlawKind::Format(number) => (t.format)(&number.to_string()),
        FlawKind::OneOf(values) => (t.one_of)(values),
        FlawKind::Range(bounds) => (t.range)(bounds),
        FlawKind::TooMany(most) => (t.too_many)(&most.to_string()),
        FlawKind::Name => t.name.to_owned(),
        FlawKind::Twice(name) => (t.twice)(name),
        FlawKind::OneField(names) => (t.one_field)(names),
    };
    if flaw.place.is_empty() { what } else { (t.at)(&flaw.place, &what) }
}

/// Why nothing was asked.
pub(super) fn build_flaw(flaw: &BuildFlaw) -> String {
    let t = &text().flaw;
    match flaw.kind {
        BuildKind::Unknown => (t.no_variable)(&flaw.name),
        BuildKind::Empty => (t.no_value)(&flaw.name),
    }
}

/// Why an answer cannot be shown.
pub(super) fn shape_flaw(flaw: ShapeFlaw) -> &'static str {
    let t = &text().flaw;
    match flaw {
        ShapeFlaw::NoTime => t.no_time,
        ShapeFlaw::NoNumber => t.no_number,
        ShapeFlaw::NoRange => t.no_range,
    }
}

/// Cause and next step of a failure, in one sentence or two.
pub(super) fn failure(failure: &Failure) -> String {
    let detail = failure.detail();
    if detail.is_empty() { failure.title().to_owned() } else { detail }
}
