use super::{AttributeColumns, ScanAttribute};
use crate::function::attribute::{self, rebuild};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, ScalarValue};
use datafusion::physical_expr::expressions::{Column, Literal, TryCastExpr, lit};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};
use lincei_model::{ATTRIBUTE_MAPS, attribute_column_name, attribute_map_type, attribute_of_column};
use std::sync::Arc;

/// Rewrites a scan's expressions for one file, whose schema tells which attributes have columns.
///
/// | expression | becomes, where the file has a column | else |
/// |---|---|---|
/// | a column of [`AttributeColumns`] | that column, cast | NULL |
/// | `attribute(map, 'k')`, a cast of it | that column, cast | a look-up in the map |
/// | the map | the columns and the map, put together | the map |
#[derive(Debug)]
pub(in crate::table) struct FileAttributeRewrite {
    attributes: Arc<AttributeColumns>,
}

impl FileAttributeRewrite {
    pub(in crate::table) const fn new(attributes: Arc<AttributeColumns>) -> Self {
        Self { attributes }
    }
}

impl PhysicalExprAdapterFactory for FileAttributeRewrite {
    fn create(&self, logical: SchemaRef, physical: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let inner = DefaultPhysicalExprAdapterFactory.create(Arc::clone(&logical), Arc::clone(&physical))?;
        Ok(Arc::new(Rewrite { attributes: Arc::clone(&self.attributes), physical, inner }))
    }
}

#[derive(Debug)]
struct Rewrite {
    attributes: Arc<AttributeColumns>,
    physical: SchemaRef,
    inner: Arc<dyn PhysicalExprAdapter>,
}

impl PhysicalExprAdapter for Rewrite {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let rewritten = expr.transform_down(|expr| {
            Ok(match self.attribute(&expr)? {
                Some(replacement) => Transformed::new(replacement, true, TreeNodeRecursion::Jump),
                // what was not replaced may be a column of the table itself
                None if expr.children().is_empty() => {
                    let adapted = self.inner.rewrite(Arc::clone(&expr))?;
                    Transformed::new(adapted, true, TreeNodeRecursion::Jump)
                }
                None => Transformed::no(expr),
            })
        });
        rewritten.map(|rewritten| rewritten.data)
    }
}

impl Rewrite {
    /// What stands for an expression that is about attributes.
    fn attribute(&self, expr: &Arc<dyn PhysicalExpr>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        if let Some(column) = expr.downcast_ref::<Column>() {
            if let Some(attribute) = self.attributes.get(column.name()) {
                // such columns are asked only of files that have the key in a column, or not at all
                let value = match self.stored(attribute)? {
                    Some(value) => value,
                    None => null(attribute.cast.as_ref())?,
                };
                return Ok(Some(value));
            }
            return if ATTRIBUTE_MAPS.contains(&column.name()) { self.map(column.name()) } else { Ok(None) };
        }
        let of =
            |(map, key): (&Column, &str), cast| ScanAttribute { map: map.name().to_owned(), key: key.to_owned(), cast };
        if let Some(cast) = expr.downcast_ref::<TryCastExpr>()
            && let Some(parts) = attribute::physical_parts(cast.expr().as_ref())
        {
            return self.value(&of(parts, Some(cast.cast_type().clone()))).map(Some);
        }
        attribute::physical_parts(expr.as_ref()).map(|parts| self.value(&of(parts, None))).transpose()
    }

    fn column(&self, name: &str) -> Option<(Arc<dyn PhysicalExpr>, &Field)> {
        let (index, field) = self.physical.column_with_name(name)?;
        Some((Arc::new(Column::new(name, index)), field))
    }

    /// The file's column of an attribute, `None` where it has none.
    fn stored(&self, attribute: &ScanAttribute) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let name = attribute_column_name(&attribute.map, &attribute.key);
        let Some((column, field)) = self.column(&name) else { return Ok(None) };
        cast(column, field.data_type(), attribute.cast.as_ref(), &self.physical).map(Some)
    }

    fn value(&self, attribute: &ScanAttribute) -> Result<Arc<dyn PhysicalExpr>> {
        if let Some(column) = self.stored(attribute)? {
            return Ok(column);
        }
        let Some((map, _)) = self.column(&attribute.map) else { return null(attribute.cast.as_ref()) };
        let key = lit(ScalarValue::Utf8(Some(attribute.key.clone())));
        let text = call(attribute::udf(), vec![map, key], &self.physical)?;
        Ok(match &attribute.cast {
            Some(cast) => Arc::new(TryCastExpr::new(text, cast.clone())),
            None => text,
        })
    }

    /// The whole map, `None` where the file's map is that.
    fn map(&self, name: &str) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some((rest, rest_field)) = self.column(name) else { return Ok(None) };
        let (mut keys, mut args) = (Vec::new(), vec![rest]);
        for (index, field) in self.physical.fields().iter().enumerate() {
            if let Some((map, key)) = attribute_of_column(field.name())
                && map == name
            {
                keys.push(key.to_owned());
                args.push(Arc::new(Column::new(field.name(), index)));
            }
        }
        if keys.is_empty() && rest_field.data_type() == &attribute_map_type() {
            return Ok(None);
        }
        call(rebuild::whole_map(keys), args, &self.physical).map(Some)
    }
}

fn null(cast: Option<&DataType>) -> Result<Arc<dyn PhysicalExpr>> {
    let data_type = cast.unwrap_or(&DataType::Utf8View);
    Ok(Arc::new(Literal::new(ScalarValue::try_new_null(data_type)?)))
}

/// A column of an attribute, as what [`ScanAttribute::cast`] says. Goes by the text only where a
/// cast of the column could say something else than a cast of the text.
fn cast(
    column: Arc<dyn PhysicalExpr>,
    stored: &DataType,
    wanted: Option<&DataType>,
    schema: &Schema,
) -> Result<Arc<dyn PhysicalExpr>> {
    let text = || match stored {
        DataType::Utf8View => Ok(Arc::clone(&column)),
        _ => call(rebuild::text(), vec![Arc::clone(&column)], schema),
    };
    let Some(wanted) = wanted else { return text() };
    if wanted == stored {
        return Ok(column);
    }
    let same = match stored {
        DataType::Int64 => wanted.is_integer() || wanted == &DataType::Float64,
        _ => false,
    };
    Ok(Arc::new(TryCastExpr::new(if same { column } else { text()? }, wanted.clone())))
}

fn call(
    function: Arc<datafusion::logical_expr::ScalarUDF>,
    args: Vec<Arc<dyn PhysicalExpr>>,
    schema: &Schema,
) -> Result<Arc<dyn PhysicalExpr>> {
    Ok(Arc::new(ScalarFunctionExpr::try_new(function, args, schema, Arc::new(ConfigOptions::default()))?))
}
