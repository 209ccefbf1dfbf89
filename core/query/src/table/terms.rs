//! Which pages of a file can have rows for which the filters are true, by the file's index of terms.
//!
//! Of a condition the index knows: `LIKE` and `ILIKE` with a part of at least four bytes between
//! wildcards, equality and `IN` with text. `AND` needs the pages of one side, `OR` of both; of
//! anything else nothing is known.

use super::attribute::AttributeColumns;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Like, Operator};
use futures::StreamExt;
use lincei_engine::{Engine, LiveFile, PageSet, Term};
use std::sync::Arc;

/// Values of one `IN (…)` that are looked up.
const IN_LIST_MAX: usize = 100;
/// Files whose indexes are read at once.
const READS: usize = 16;
/// Reading single pages does not pay from this share of a file's pages on.
const SHARE_MAX: (usize, usize) = (3, 4);

/// A condition as far as an index can know it.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Term(Term),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// A file, and the pages that are to be read unless it is all of them.
pub(super) struct FilePages {
    pub(super) file: Arc<LiveFile>,
    pub(super) pages: Option<PageSet>,
}

/// Leaves out files and pages in which no row can match; keeps the order of files.
pub(super) async fn prune(
    engine: &Engine,
    attributes: &AttributeColumns,
    filters: &[Expr],
    files: Vec<Arc<LiveFile>>,
) -> Vec<FilePages> {
    let all: Vec<Condition> = filters.iter().filter_map(|filter| condition(filter, attributes)).collect();
    if all.is_empty() {
        return files.into_iter().map(|file| FilePages { file, pages: None }).collect();
    }
    let condition = Condition::All(all);
    let looked_up = futures::stream::iter(files).map(|file| {
        let condition = &condition;
        async move {
            let pages = if file.terms.is_some() { pages(engine, &file, condition).await } else { None };
            FilePages { file, pages }
        }
    });
    let looked_up: Vec<FilePages> = looked_up.buffered(READS).collect().await;
    let kept = looked_up.into_iter().filter_map(|FilePages { file, pages }| match pages.as_ref().map(PageSet::count) {
        Some((0, _)) => None,
        Some((some, of)) if some * SHARE_MAX.1 > of * SHARE_MAX.0 => Some(FilePages { file, pages: None }),
        _ => Some(FilePages { file, pages }),
    });
    kept.collect()
}

/// `None` when nothing is known.
async fn pages(engine: &Engine, file: &LiveFile, condition: &Condition) -> Option<PageSet> {
    match condition {
        Condition::Term(term) => engine.pages_with(file, term).await,
        Condition::All(all) => {
            let mut found: Option<PageSet> = None;
            for one in all {
                if let Some(pages) = Box::pin(pages(engine, file, one)).await {
                    found = Some(match found {
                        Some(found) => found.and(&pages),
                        None => pages,
                    });
                }
            }
            found
        }
        Condition::Any(any) => {
            let mut found: Option<PageSet> = None;
            for one in any {
                let pages = Box::pin(pages(engine, file, one)).await?;
                found = Some(match found {
                    Some(found) => found.or(&pages),
                    None => pages,
                });
            }
            found
        }
    }
}

fn condition(filter: &Expr, attributes: &AttributeColumns) -> Option<Condition> {
    let one = |expr: &Expr| condition(expr, attributes);
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match op {
            Operator::And => match (one(left), one(right)) {
                (Some(left), Some(right)) => Some(Condition::All(vec![left, right])),
                (left, right) => left.or(right),
            },
            Operator::Or => Some(Condition::Any(vec![one(left)?, one(right)?])),
            Operator::Eq => equal(left, right, attributes).or_else(|| equal(right, left, attributes)),
            _ => None,
        },
        Expr::InList(InList { expr, list, negated: false }) if list.len() <= IN_LIST_MAX => {
            let any = list.iter().map(|value| equal(expr, value, attributes)).collect::<Option<Vec<_>>>()?;
            Some(Condition::Any(any))
        }
        Expr::Like(Like { negated: false, expr, pattern, escape_char, case_insensitive }) => {
            let (column, pattern) = (column(expr, attributes)?, text(pattern)?);
            let parts = parts_of_like(pattern, escape_char.unwrap_or('\\'));
            let part = |text| Condition::Term(Term::Part { column: column.clone(), text, any_case: *case_insensitive });
            Some(Condition::All(parts.into_iter().map(part).collect()))
        }
        _ => None,
    }
}

fn equal(left: &Expr, right: &Expr, attributes: &AttributeColumns) -> Option<Condition> {
    let (column, text) = (column(left, attributes)?, text(right)?.to_owned());
    Some(Condition::Term(Term::Whole { column, text }))
}

/// The file's name of a column of text.
fn column(expr: &Expr, attributes: &AttributeColumns) -> Option<String> {
    let Expr::Column(column) = expr else { return None };
    match attributes.get(column.name()) {
        Some(attribute) => attribute.cast.is_none().then(|| column.name.clone()),
        None => Some(column.name.clone()),
    }
}

fn text(expr: &Expr) -> Option<&str> {
    let Expr::Literal(value, _) = expr else { return None };
    value.try_as_str().flatten()
}

/// What a matching text must contain.
fn parts_of_like(pattern: &str, escape: char) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character == escape {
            part.extend(characters.next());
        } else if character == '%' || character == '_' {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(character);
        }
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{col, lit};

    fn part(text: &str, any_case: bool) -> Condition {
        Condition::Term(Term::Part { column: "body".into(), text: text.into(), any_case })
    }

    fn whole(text: &str) -> Condition {
        Condition::Term(Term::Whole { column: "trace_id".into(), text: text.into() })
    }

    #[test]
    fn only_what_must_be_there_is_asked_for() {
        let (body, id) = (|| col("body"), || col("trace_id"));
        let all = |conditions: Vec<Condition>| Some(Condition::All(conditions));
        for (filter, expected) in [
            (body().like(lit("%abc%")), all(vec![part("abc", false)])),
            (body().ilike(lit("a%b_c\\%d")), all(vec![part("a", true), part("b", true), part("c%d", true)])),
            (body().not_like(lit("%abc%")), None),
            (body().like(col("service")), None),
            (id().eq(lit("a")), Some(whole("a"))),
            (lit("a").eq(id()), Some(whole("a"))),
            (id().not_eq(lit("a")), None),
            (id().gt(lit("a")), None),
            (id().eq(lit("a")).and(col("x").gt(lit(1))), Some(whole("a"))),
            (id().eq(lit("a")).or(col("x").gt(lit(1))), None),
            (id().eq(lit("a")).or(id().eq(lit("b"))), Some(Condition::Any(vec![whole("a"), whole("b")]))),
            (id().in_list(vec![lit("a"), lit("b")], false), Some(Condition::Any(vec![whole("a"), whole("b")]))),
            (id().in_list(vec![lit("a")], true), None),
            (id().in_list(vec![col("x")], false), None),
            (!id().eq(lit("a")), None),
        ] {
            assert_eq!(condition(&filter, &AttributeColumns::default()), expected, "{filter}");
        }
    }
}
