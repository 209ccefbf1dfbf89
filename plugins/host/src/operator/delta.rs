//! What an operator gave back, checked and put into the rows.

use crate::error::PluginFailure;
use crate::flat;
use crate::guest::Guest;
use crate::v1::columns::Column;
use crate::v1::operators::{Delta, Emission as WitEmission};
use lincei_pipeline::{Emission, FailureKind, Work};

fn output(detail: String) -> PluginFailure {
    PluginFailure::new(FailureKind::Output, detail)
}

/// Puts the delta into the rows. After an error the rows are in no particular state.
pub(super) fn apply(guest: &mut Guest, work: &mut Work, delta: Delta, routes: usize) -> Result<(), PluginFailure> {
    let rows = work.rows();
    for column in delta.set {
        set(guest, work, column)?;
    }
    emit(guest, work, delta.emit)?;
    if let Some(keep) = delta.keep {
        let keep = flat::bits(keep, rows, "keep").map_err(output)?;
        work.keep(&keep).map_err(|error| output(error.to_string()))?;
    }
    if let Some(route) = delta.route {
        if let Some(unknown) = route.iter().find(|route| usize::from(**route) > routes) {
            return Err(output(format!("route {unknown}: the description lists {routes} routes")));
        }
        work.route(route).map_err(|error| output(error.to_string()))?;
    }
    Ok(())
}

fn set(guest: &mut Guest, work: &mut Work, column: Column) -> Result<(), PluginFailure> {
    let what = guest.columns.name(column.id);
    let target = guest.columns.writable(column.id, work.table()).map_err(output)?;
    let values = flat::unflatten(column, work.rows(), target.column_type, &what).map_err(output)?;
    work.write(&target.path, &values).map_err(|error| output(format!("{what}: {error}")))
}

fn emit(guest: &mut Guest, work: &mut Work, emissions: Vec<WitEmission>) -> Result<(), PluginFailure> {
    let rows_max = usize::try_from(guest.limits.output_rows).unwrap_or(usize::MAX);
    let mut total = 0usize;
    for emission in emissions {
        let rows = usize::try_from(emission.rows.rows).unwrap_or(usize::MAX);
        total = total.saturating_add(rows);
        if total > rows_max {
            let detail = format!("{total} rows or more are added in one call, at most {rows_max} are allowed");
            return Err(PluginFailure::new(FailureKind::Limit, detail));
        }
        let table = super::table_of(emission.signal);
        if let Some(source) = &emission.source
            && (source.len() != rows || table != work.table())
        {
            return Err(output(format!(
                "{} source rows for {rows} rows of {table} that are added to a batch of {}",
                source.len(),
                work.table()
            )));
        }
        let mut columns = Vec::new();
        for column in emission.rows.columns {
            let what = guest.columns.name(column.id);
            let target = guest.columns.writable(column.id, table).map_err(output)?;
            columns.push((target.path, flat::unflatten(column, rows, target.column_type, &what).map_err(output)?));
        }
        let emission = Emission { table, source: emission.source, rows, columns };
        work.emit(&emission).map_err(|error| output(error.to_string()))?;
    }
    Ok(())
}
