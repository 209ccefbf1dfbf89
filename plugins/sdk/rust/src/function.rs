//! Scalar functions for SQL.

use crate::bindings::columns as wit;
use crate::bindings::function::lincei::plugin::functions;

pub use crate::builder::Builder;
pub use crate::column::{Bools, Column, ColumnType, Floats, Ints, Kind, Text};
pub use crate::frame::{Frame, Record, View};
pub use functions::Volatility;

#[doc(hidden)]
pub use crate::bindings::function as bindings;

/// What a function says of itself.
#[derive(Debug)]
pub struct Info(functions::Info);

impl Info {
    /// `name` is its name in SQL: 1 to 64 of `a-z`, `0-9` and `_`, a letter first. `arguments` are at most
    /// 16. The same arguments always give the same result unless said otherwise.
    #[must_use]
    pub fn new(name: &str, version: &str, description: &str, arguments: &[ColumnType]) -> Self {
        Self(functions::Info {
            name: name.to_owned(),
            version: version.to_owned(),
            description: description.to_owned(),
            arguments: arguments.to_vec(),
            returns: ColumnType::Text,
            volatility: Volatility::Immutable,
        })
    }

    /// How much a result can be relied on.
    #[must_use]
    pub fn volatility(mut self, volatility: Volatility) -> Self {
        self.0.volatility = volatility;
        self
    }
}

/// A function. It implements either [`Function::on_row`] or [`Function::call`].
pub trait Function: Sized + 'static {
    /// [`Text`], [`Ints`], [`Floats`] or [`Bools`].
    type Returns: Kind;

    /// What it says of itself; asked once when it is installed.
    fn describe() -> Info;

    /// Adds the result of one row to `result`: exactly one value, or one missing.
    fn on_row(row: Record<'_>, result: &mut Builder<Self::Returns>) {
        let _ = row;
        result.push_missing();
    }

    /// The results of all rows. The arguments are the columns 0, 1, …
    ///
    /// # Errors
    ///
    /// A text for people; the query ends with it.
    fn call(rows: &Frame) -> Result<Builder<Self::Returns>, String> {
        let mut result = Builder::new(Column::new(0), rows.rows());
        for row in rows.records() {
            Self::on_row(row, &mut result);
        }
        Ok(result)
    }
}

#[doc(hidden)]
pub fn describe<T: Function>() -> functions::Info {
    let mut info = T::describe().0;
    info.returns = <T::Returns as Kind>::TYPE;
    info
}

#[doc(hidden)]
pub fn call<T: Function>(arguments: wit::Frame) -> Result<wit::Column, String> {
    crate::host::log::panics();
    let rows = Frame::of_arguments(arguments);
    Ok(T::call(&rows)?.finish(rows.rows()))
}

/// Makes a type the function of this plugin.
#[macro_export]
macro_rules! function {
    ($function:ty) => {
        const _: () = {
            use $crate::bindings::columns;
            use $crate::function::bindings::lincei::plugin::functions;

            struct LinceiExports;

            impl $crate::function::bindings::Guest for LinceiExports {
                fn describe() -> functions::Info {
                    $crate::function::describe::<$function>()
                }

                fn call(arguments: columns::Frame) -> Result<columns::Column, String> {
                    $crate::function::call::<$function>(arguments)
                }
            }

    $crate::function::bindings::export!(LinceiExports with_types_in $crate::function::bindings);
        };
    };
}
