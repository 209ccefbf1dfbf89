use super::SearchError;
use super::ast::{Comparison, Condition, FieldTerm, Pattern, Search, Value};
use super::columns::{Columns, is_text};
use super::value::{self, Level};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::logical_expr::expr::{InList, Like, TryCast};
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit};

/// Columns whose values are short names in a fixed case, which people type in any.
const CASELESS: [&str; 3] = ["kind", "status", "temporality"];
/// Columns of lower-case hex.
const HEX: [&str; 4] = ["trace_id", "span_id", "parent_span_id", "stack_id"];

/// The predicate of a search text over the columns in scope. It may be NULL where a column is;
/// a negation is true there.
///
/// # Errors
/// [`SearchError`] for a value that does not fit its column, or words where no column has text.
pub(crate) fn lower(search: &Search, schema: &DFSchema) -> Result<Expr, SearchError> {
    lower_in(search, &Columns(schema))
}

fn lower_in(search: &Search, columns: &Columns<'_>) -> Result<Expr, SearchError> {
    let each = |items: &[Search]| items.iter().map(|item| lower_in(item, columns)).collect::<Result<Vec<_>, _>>();
    Ok(match search {
        Search::Everything => lit(true),
        Search::And(all) => conjunction(each(all)?).unwrap_or_else(|| lit(true)),
        Search::Or(any) => disjunction(each(any)?).unwrap_or_else(|| lit(false)),
        Search::Not(inner) => Expr::IsNotTrue(Box::new(lower_in(inner, columns)?)),
        Search::Text(pattern) => contains(columns.text(pattern.offset)?, pattern),
        Search::Field(term) => field(term, columns)?,
    })
}

fn field(term: &FieldTerm, columns: &Columns<'_>) -> Result<Expr, SearchError> {
    if term.name == "severity"
        && let Some(number) = columns.find("severity_number", term.offset)?
    {
        return severity(term, columns, &number.expr);
    }
    let Some(column) = columns.find(&term.name, term.offset)? else {
        let accesses = columns.attributes(&term.name, term.offset)?;
        return Ok(any(accesses.into_iter().map(|access| attribute(access, &term.condition))));
    };
    if is_text(&column.data_type) {
        return Ok(text_column(&column.expr, term));
    }
    typed_column(&column.expr, &column.data_type, term)
}

fn text_column(column: &Expr, term: &FieldTerm) -> Expr {
    let name = term.name.as_str();
    let normal = |text: &str| if HEX.contains(&name) { text.to_ascii_lowercase() } else { text.to_owned() };
    match &term.condition {
        Condition::Present => column.clone().is_not_null().and(column.clone().not_eq(lit(""))),
        Condition::AnyOf(patterns) if name == "body" => any(patterns.iter().map(|p| contains(column.clone(), p))),
        Condition::AnyOf(patterns) => equal_any(column, patterns, |text| {
            if CASELESS.contains(&name) {
                let mut spellings = vec![text.to_owned(), text.to_ascii_uppercase(), text.to_ascii_lowercase()];
                spellings.sort();
                spellings.dedup();
                spellings
            } else {
                vec![normal(text)]
            }
        }),
        Condition::Compare(op, value) => binary_expr(column.clone(), operator(*op), lit(normal(&value.text))),
        Condition::Range(low, high) => between(column, low.as_ref(), high.as_ref(), |v| lit(normal(&v.text))),
    }
}

/// Literals in one `IN`, patterns as `LIKE`.
fn equal_any(column: &Expr, patterns: &[Pattern], spellings: impl Fn(&str) -> Vec<String>) -> Expr {
    let mut values: Vec<Expr> = Vec::new();
    let mut alternatives: Vec<Expr> = Vec::new();
    for pattern in patterns {
        match pattern.literal() {
            Some(text) => values.extend(spellings(text).into_iter().map(lit)),
            None => alternatives.extend(spellings(&pattern.like()).into_iter().map(|p| like(column.clone(), p, false))),
        }
    }
    match values.pop() {
        None => {}
        Some(only) if values.is_empty() => alternatives.insert(0, column.clone().eq(only)),
        Some(last) => {
            values.push(last);
            alternatives.insert(0, Expr::InList(InList::new(Box::new(column.clone()), values, false)));
        }
    }
    any(alternatives)
}

fn typed_column(column: &Expr, data_type: &DataType, term: &FieldTerm) -> Result<Expr, SearchError> {
    let literal =
        |value: &Value| value::literal(&term.name, data_type, value).map(|scalar| Expr::Literal(scalar, None));
    Ok(match &term.condition {
        Condition::Present => column.clone().is_not_null(),
        Condition::AnyOf(patterns) => {
            let mut alternatives = Vec::with_capacity(patterns.len());
            for pattern in patterns {
                let Some(text) = pattern.literal() else {
                    let message = format!("'*' needs text, column {} is of type {data_type}", term.name);
                    return Err(SearchError::new(pattern.offset, message));
                };
                let value = Value { text: text.to_owned(), offset: pattern.offset };
                alternatives.push(column.clone().eq(literal(&value)?));
            }
            any(alternatives)
        }
        Condition::Compare(op, value) => binary_expr(column.clone(), operator(*op), literal(value)?),
        Condition::Range(low, high) => {
            let low = low.as_ref().map(literal).transpose()?;
            let high = high.as_ref().map(literal).transpose()?;
            let low = low.map(|value| column.clone().gt_eq(value));
            let high = high.map(|value| column.clone().lt_eq(value));
            conjunction(low.into_iter().chain(high)).unwrap_or_else(|| lit(true))
        }
    })
}

/// A condition on an attribute, whose value is text: numbers compare after a cast that yields
/// NULL for other text.
fn attribute(access: Expr, condition: &Condition) -> Expr {
    let comparable = |value: &Value| match value::parse_number(&value.text) {
        Some(number) => (try_double(access.clone()), Expr::Literal(number, None)),
        None => (access.clone(), lit(value.text.clone())),
    };
    let compare = |op: Operator, value: &Value| {
        let (left, right) = comparable(value);
        binary_expr(left, op, right)
    };
    match condition {
        Condition::Present => access.is_not_null(),
        Condition::AnyOf(patterns) => equal_any(&access, patterns, |text| vec![text.to_owned()]),
        Condition::Compare(op, value) => compare(operator(*op), value),
        Condition::Range(low, high) => {
            let low = low.as_ref().map(|value| compare(Operator::GtEq, value));
            let high = high.as_ref().map(|value| compare(Operator::LtEq, value));
            conjunction(low.into_iter().chain(high)).unwrap_or_else(|| lit(true))
        }
    }
}

/// Severities by their number, which is what orders them; 0 is "unknown" and below none.
fn severity(term: &FieldTerm, columns: &Columns<'_>, number: &Expr) -> Result<Expr, SearchError> {
    let level = |value: &Value| {
        value::level(&value.text).ok_or_else(|| {
            let message = format!("found {:?}, expected TRACE, DEBUG, INFO, WARN, ERROR, FATAL or 1 to 24", value.text);
            SearchError::new(value.offset, message)
        })
    };
    let within = |low: i64, high: i64| number.clone().gt_eq(lit(low)).and(number.clone().lt_eq(lit(high)));
    Ok(match &term.condition {
        Condition::Present => number.clone().gt(lit(0_i64)),
        Condition::AnyOf(patterns) => {
            let mut alternatives = Vec::with_capacity(patterns.len());
            for pattern in patterns {
                let known = pattern.literal().and_then(value::level);
                alternatives.push(match (known, columns.find("severity", term.offset)?) {
                    (Some(Level { low, high }), _) if low == high => number.clone().eq(lit(low)),
                    (Some(Level { low, high }), _) => within(low, high),
                    (None, Some(text)) => like(text.expr, pattern.like(), true),
                    (None, None) => {
                        level(&Value { text: pattern.parts.join("*"), offset: pattern.offset })?;
                        lit(false)
                    }
                });
            }
            any(alternatives)
        }
        Condition::Compare(op, value) => {
            let Level { low, high } = level(value)?;
            match op {
                Comparison::GreaterOrEqual => number.clone().gt_eq(lit(low)),
                Comparison::Greater => number.clone().gt(lit(high)),
                Comparison::Less => number.clone().lt(lit(low)).and(number.clone().gt(lit(0_i64))),
                Comparison::LessOrEqual => within(1, high),
            }
        }
        Condition::Range(low, high) => {
            let low = low.as_ref().map(level).transpose()?.map_or(1, |level| level.low);
            let high = high.as_ref().map(level).transpose()?.map_or(24, |level| level.high);
            within(low, high)
        }
    })
}

/// Contains the parts in this order, whatever the case.
fn contains(column: Expr, pattern: &Pattern) -> Expr {
    // without letters LIKE says the same as ILIKE and is a plain memory search
    let cased = pattern.parts.iter().flat_map(|part| part.chars()).any(|c| c.is_lowercase() || c.is_uppercase());
    like(column, format!("%{}%", pattern.like()), cased)
}

fn like(column: Expr, pattern: String, any_case: bool) -> Expr {
    Expr::Like(Like::new(false, Box::new(column), Box::new(lit(pattern)), None, any_case))
}

fn between(column: &Expr, low: Option<&Value>, high: Option<&Value>, literal: impl Fn(&Value) -> Expr) -> Expr {
    let low = low.map(|value| column.clone().gt_eq(literal(value)));
    let high = high.map(|value| column.clone().lt_eq(literal(value)));
    conjunction(low.into_iter().chain(high)).unwrap_or_else(|| lit(true))
}

fn try_double(expr: Expr) -> Expr {
    Expr::TryCast(TryCast::new(Box::new(expr), DataType::Float64))
}

fn any(alternatives: impl IntoIterator<Item = Expr>) -> Expr {
    disjunction(alternatives).unwrap_or_else(|| lit(false))
}

const fn operator(comparison: Comparison) -> Operator {
    match comparison {
        Comparison::Greater => Operator::Gt,
        Comparison::GreaterOrEqual => Operator::GtEq,
        Comparison::Less => Operator::Lt,
        Comparison::LessOrEqual => Operator::LtEq,
    }
}
