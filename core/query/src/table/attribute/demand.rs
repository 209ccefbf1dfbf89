//! Asks scans for the attributes that a plan uses.
//!
//! From the top of the plan down, each node gives its input the attributes it wants, named by the
//! map column as the input's output has it; a node that passes the map through passes the wish on,
//! down to the scan, which becomes a scan with more columns. On the way back up, accesses are
//! replaced by these columns. Where a node in between does not let columns pass (a union, an
//! aggregate over whole maps), the access stays a look-up in the map, which gives the same.

use super::{AttributeColumns, ScanAttribute};
use crate::function::attribute;
use crate::table::StoredTable;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::TableScanBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Projection, SubqueryAlias, TableScan};
use datafusion::optimizer::AnalyzerRule;
use std::sync::Arc;

/// The rule. Runs after casts of accesses have become `TRY_CAST`.
#[derive(Debug)]
pub(crate) struct AttributesFromScans;

impl AnalyzerRule for AttributesFromScans {
    fn name(&self) -> &str {
        "attributes_from_scans"
    }

    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        standalone(plan)
    }
}

/// An attribute of a map column in some node's output.
#[derive(Clone, Debug, PartialEq)]
struct Want {
    map: Column,
    key: String,
    cast: Option<DataType>,
}

/// A plan, and for each want the column that it has become.
type Granted = (LogicalPlan, Vec<Option<Column>>);

/// A plan of which nothing is wanted; its columns stay what they are.
fn standalone(plan: LogicalPlan) -> Result<LogicalPlan> {
    let before = Arc::clone(plan.schema());
    let (plan, _) = grant(plan, &[])?;
    if plan.schema().columns() == before.columns() {
        return Ok(plan);
    }
    let columns = before.columns().into_iter().map(Expr::Column).collect::<Vec<_>>();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

fn grant(plan: LogicalPlan, wants: &[Want]) -> Result<Granted> {
    let plan = plan.map_subqueries(|subquery| standalone(subquery).map(Transformed::yes))?.data;
    match plan {
        LogicalPlan::TableScan(scan) => grant_by_scan(scan, wants),
        LogicalPlan::SubqueryAlias(alias) => grant_by_alias(&alias, wants),
        LogicalPlan::Projection(projection) => grant_by_projection(projection, wants),
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Join(_) => {
            let passed: Vec<bool> = wants.iter().map(|want| plan.schema().has_column(&want.map)).collect();
            grant_by_inputs(&plan, wants, &passed)
        }
        LogicalPlan::Aggregate(_) => grant_by_inputs(&plan, wants, &vec![false; wants.len()]),
        other => {
            let plan = other.map_children(|input| standalone(input).map(Transformed::yes))?.data;
            Ok((plan.recompute_schema()?, vec![None; wants.len()]))
        }
    }
}

fn grant_by_scan(scan: TableScan, wants: &[Want]) -> Result<Granted> {
    let none = |scan| Ok((LogicalPlan::TableScan(scan), vec![None; wants.len()]));
    let Ok(provider) = source_as_provider(&scan.source) else { return none(scan) };
    let Some(table) = provider.downcast_ref::<StoredTable>() else { return none(scan) };
    if wants.is_empty() || scan.projection.is_some() {
        return none(scan);
    }
    let attributes: Vec<ScanAttribute> = wants
        .iter()
        .map(|want| ScanAttribute { map: want.map.name.clone(), key: want.key.clone(), cast: want.cast.clone() })
        .collect();
    let granted =
        attributes.iter().map(|a| Some(Column::new(Some(scan.table_name.clone()), a.name()))).collect::<Vec<_>>();
    let mut distinct: Vec<ScanAttribute> = Vec::with_capacity(attributes.len());
    for attribute in attributes {
        if !distinct.contains(&attribute) {
            distinct.push(attribute);
        }
    }
    let source = provider_as_source(Arc::new(table.with_attributes(AttributeColumns::new(distinct))));
    let scan = TableScanBuilder::new(scan.table_name, source).with_filters(scan.filters).with_fetch(scan.fetch);
    Ok((LogicalPlan::TableScan(scan.build()?), granted))
}

fn grant_by_alias(alias: &SubqueryAlias, wants: &[Want]) -> Result<Granted> {
    let inner = |want: &Want| {
        let index = alias.schema.maybe_index_of_column(&want.map)?;
        let map = alias.input.schema().columns().get(index).cloned()?;
        Some(Want { map, ..want.clone() })
    };
    let asked: Vec<Option<Want>> = wants.iter().map(inner).collect();
    let (input, columns) = grant((*alias.input).clone(), &asked.iter().flatten().cloned().collect::<Vec<_>>())?;
    let outer = |column: Column| Column::new(Some(alias.alias.clone()), column.name);
    let mut columns = columns.into_iter();
    let granted = asked.iter().map(|asked| asked.as_ref().and_then(|_| columns.next().flatten()).map(outer));
    let granted = granted.collect();
    let plan = SubqueryAlias::try_new(Arc::new(input), alias.alias.clone())?;
    Ok((LogicalPlan::SubqueryAlias(plan), granted))
}

fn grant_by_projection(projection: Projection, wants: &[Want]) -> Result<Granted> {
    let inner = |want: &Want| {
        let index = projection.schema.maybe_index_of_column(&want.map)?;
        match projection.expr.get(index)?.clone().unalias() {
            Expr::Column(map) => Some(Want { map, ..want.clone() }),
            _ => None,
        }
    };
    let asked: Vec<Option<Want>> = wants.iter().map(inner).collect();
    let asked_only: Vec<Want> = asked.iter().flatten().cloned().collect();
    let own = wanted_by(&LogicalPlan::Projection(projection.clone()))?;
    let all: Vec<Want> = asked_only.iter().chain(&own).cloned().collect();
    let (input, columns) = grant(Arc::unwrap_or_clone(projection.input), &all)?;
    let mut for_parent = columns.iter().take(asked_only.len());
    let granted: Vec<Option<Column>> =
        asked.iter().map(|asked| asked.as_ref().and_then(|_| for_parent.next()?.clone())).collect();
    let mut exprs = Vec::with_capacity(projection.expr.len());
    let names = NamePreserver::new_for_projection();
    for expr in projection.expr {
        let name = names.save(&expr);
        exprs.push(name.restore(replace(expr, &all, &columns)?));
    }
    let mut passed: Vec<Column> = Vec::with_capacity(granted.len());
    let granted = granted.into_iter().map(|column| {
        let column = column?;
        if !passed.contains(&column) {
            // columns of one name, of two tables, could not go through a later alias
            if passed.iter().any(|other| other.name == column.name) {
                return None;
            }
            passed.push(column.clone());
            exprs.push(Expr::Column(column.clone()));
        }
        Some(column)
    });
    let granted = granted.collect();
    Ok((LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(input))?), granted))
}

/// A node whose expressions see its inputs' columns, and that passes the wants marked in `passed`
/// on to them.
fn grant_by_inputs(plan: &LogicalPlan, wants: &[Want], passed: &[bool]) -> Result<Granted> {
    let passed_on = wants.iter().zip(passed).filter(|(_, passed)| **passed).map(|(want, _)| want.clone());
    let all: Vec<Want> = passed_on.chain(wanted_by(plan)?).collect();
    let mut columns: Vec<Option<Column>> = vec![None; all.len()];
    let mut inputs = Vec::new();
    for input in plan.inputs() {
        let of_input: Vec<usize> =
            (0..all.len()).filter(|i| all.get(*i).is_some_and(|w| input.schema().has_column(&w.map))).collect();
        let asked: Vec<Want> = of_input.iter().filter_map(|i| all.get(*i).cloned()).collect();
        let (input, granted) = grant(input.clone(), &asked)?;
        for (index, column) in of_input.into_iter().zip(granted) {
            if let Some(slot) = columns.get_mut(index) {
                *slot = column;
            }
        }
        inputs.push(input);
    }
    let named = matches!(plan, LogicalPlan::Aggregate(_) | LogicalPlan::Window(_));
    let names = NamePreserver::new_for_projection();
    let mut exprs = Vec::new();
    for expr in plan.expressions() {
        let name = named.then(|| names.save(&expr));
        let expr = replace(expr, &all, &columns)?;
        exprs.push(match name {
            Some(name) => name.restore(expr),
            None => expr,
        });
    }
    let plan = plan.with_new_exprs(exprs, inputs)?;
    let mut for_parent = columns.into_iter();
    let granted = passed
        .iter()
        .map(|passed| if *passed { for_parent.next().flatten() } else { None })
        .map(|column| column.filter(|column| plan.schema().has_column(column)))
        .collect();
    Ok((plan, granted))
}

/// The attributes that a node's own expressions use.
fn wanted_by(plan: &LogicalPlan) -> Result<Vec<Want>> {
    let mut wants: Vec<Want> = Vec::new();
    plan.apply_expressions(|expr| {
        expr.apply(|expr| match want(expr) {
            Some(want) => {
                if !wants.contains(&want) {
                    wants.push(want);
                }
                Ok(TreeNodeRecursion::Jump)
            }
            None => Ok(TreeNodeRecursion::Continue),
        })
    })?;
    Ok(wants)
}

fn want(expr: &Expr) -> Option<Want> {
    match expr {
        Expr::TryCast(cast) => {
            let (map, key) = attribute::parts(&cast.expr)?;
            Some(Want { map: map.clone(), key: key.to_owned(), cast: Some(cast.field.data_type().clone()) })
        }
        other => {
            let (map, key) = attribute::parts(other)?;
            Some(Want { map: map.clone(), key: key.to_owned(), cast: None })
        }
    }
}

/// The expression with accesses replaced by the columns that were granted.
fn replace(expr: Expr, wants: &[Want], columns: &[Option<Column>]) -> Result<Expr> {
    let replaced = expr.transform_down(|expr| {
        let Some(found) = want(&expr) else { return Ok(Transformed::no(expr)) };
        let column = wants.iter().position(|want| *want == found).and_then(|i| columns.get(i).cloned().flatten());
        Ok(match column {
            Some(column) => Transformed::new(Expr::Column(column), true, TreeNodeRecursion::Jump),
            None => Transformed::new(expr, false, TreeNodeRecursion::Jump),
        })
    });
    replaced.map(|replaced| replaced.data)
}
