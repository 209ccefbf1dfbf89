//! Values of fields and how often each occurs, all fields in one scan.

use super::field::Field;
use super::value_counts::ValueCounts;
use super::{Selection, spelling, tally};
use crate::error::{self, QueryError};
use crate::service::QueryService;
use crate::stats::QueryStats;
use datafusion::logical_expr::Expr;

/// Fields in one request.
const FIELDS_MAX: usize = 32;
/// Values of one field in the answer.
const VALUES_MAX: usize = 1_000;

/// Which fields to count.
#[derive(Clone, Debug)]
pub struct FacetsRequest {
    /// In which rows.
    pub selection: Selection,
    /// Columns, or else attribute or resource keys; 1 to 32.
    pub fields: Vec<String>,
    /// Values per field, 1 to 1,000.
    pub values_max: usize,
}

/// What fields hold.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetsResult {
    /// In the order asked for, each once.
    pub facets: Vec<Facet>,
    /// The same in SQL, for the first field.
    pub sql: String,
    /// What it cost.
    pub stats: QueryStats,
}

/// What one field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The name asked for.
    pub field: String,
    /// Rows that have the field with a value other than the empty text.
    pub rows: u64,
    /// Different values seen; a lower bound where counts are not exact.
    pub distinct: u64,
    /// The most frequent values, equal counts by value.
    pub values: Vec<FieldValue>,
    /// Whether every count is exact and every value was told apart.
    pub exact: bool,
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// As text.
    pub value: String,
    /// Rows that have it.
    pub count: u64,
}

impl Facet {
    pub(super) fn new(field: String, counts: ValueCounts, values_max: usize) -> Self {
        let (rows, distinct, exact) = (counts.rows, counts.distinct() as u64, counts.is_exact());
        let values = counts.top(values_max).into_iter().map(|(value, count)| FieldValue { value, count }).collect();
        Self { field, rows, distinct, values, exact }
    }
}

impl QueryService {
    /// The most frequent values of several fields, in one scan.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for fields that cannot be counted.
    pub async fn facets(&self, request: FacetsRequest) -> Result<FacetsResult, QueryError> {
        let FacetsRequest { selection, mut fields, values_max } = request;
        let mut seen = std::collections::HashSet::new();
        fields.retain(|field| seen.insert(field.clone()));
        if fields.is_empty() || fields.len() > FIELDS_MAX {
            return Err(QueryError::Parameter(format!("{} fields asked for, not 1 to {FIELDS_MAX}", fields.len())));
        }
        if values_max == 0 || values_max > VALUES_MAX {
            return Err(QueryError::Parameter(format!("limit {values_max} is not 1 to {VALUES_MAX}")));
        }
        selection.check()?;
        let known: Vec<Field> =
            fields.iter().map(|name| Field::new(selection.table, name)).collect::<Result<_, _>>()?;
        let sql = sql(&selection, known.first(), values_max);
        let count =
            |(i, field): (usize, Field)| tally::call(&format!("facet {i}"), ValueCounts::default, vec![field.expr]);
        let counts: Vec<Expr> = known.into_iter().enumerate().map(count).collect();
        let rows = selection.clone();
        let (tallies, stats) = self
            .tallies::<ValueCounts>(selection.request(sql.clone()), move |scope| {
                let plan = rows.rows(scope)?.aggregate(Vec::<Expr>::new(), counts).and_then(|plan| plan.build());
                plan.map_err(error::building)
            })
            .await?;
        let facets = fields.into_iter().zip(tallies).map(|(field, counts)| Facet::new(field, counts, values_max));
        Ok(FacetsResult { facets: facets.collect(), sql, stats })
    }
}

fn sql(selection: &Selection, field: Option<&Field>, values_max: usize) -> String {
    let spelled = field.map(|field| field.sql.as_str()).unwrap_or_default();
    let rows = spelling::from_where(selection, &format!("{spelled} <> ''"));
    format!("SELECT {spelled} AS value, count(*) AS count{rows} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {values_max}")
}
