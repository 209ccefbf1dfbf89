use super::{access, is_text_map};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawFieldAccessExpr};
use datafusion::logical_expr::{ExprSchemable, GetFieldAccess};

/// Plans `map['key']` on a map of text to text as our function; other subscripts go to
/// DataFusion's own planners, which come after this one.
#[derive(Debug)]
pub(crate) struct AttributeAccess;

impl ExprPlanner for AttributeAccess {
    fn plan_field_access(
        &self,
        raw: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        if let GetFieldAccess::NamedStructField { name } = &raw.field_access
            && let Some(Some(key)) = name.try_as_str()
            && is_text_map(&raw.expr.get_type(schema)?)
        {
            return Ok(PlannerResult::Planned(access(raw.expr, key)));
        }
        Ok(PlannerResult::Original(raw))
    }
}
