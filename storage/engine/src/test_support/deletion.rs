use crate::{Deletion, LiveFile, RowPredicate};
use arrow_array::cast::AsArray;
use arrow_array::{BooleanArray, RecordBatch};
use futures::future::BoxFuture;
use lincei_model::{Table, TenantId, TimeRange};
use parking_lot::Mutex;
use std::sync::Arc;

type Choice = dyn Fn(u64) -> Option<bool> + Send + Sync;

/// Chooses log records by their numbers.
pub(crate) struct Numbers {
    chooses: Box<Choice>,
    /// Awaited when files are chosen: everything has been flushed by then, and nothing deleted.
    pub(crate) meanwhile: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Numbers {
    pub(crate) fn of(chooses: impl Fn(u64) -> bool + Send + Sync + 'static) -> Self {
        Self::nullable(move |n| Some(chooses(n)))
    }

    pub(crate) fn nullable(chooses: impl Fn(u64) -> Option<bool> + Send + Sync + 'static) -> Self {
        Self { chooses: Box::new(chooses), meanwhile: Mutex::default() }
    }

    pub(crate) fn deletion(self: &Arc<Self>) -> Deletion {
        let predicate = Arc::clone(self) as Arc<dyn RowPredicate>;
        Deletion { tenant: TenantId::default(), table: Table::Logs, range: TimeRange::ALL, predicate }
    }
}

impl RowPredicate for Numbers {
    fn matches(&self, rows: &RecordBatch) -> Result<BooleanArray, Box<dyn std::error::Error + Send + Sync>> {
        assert_eq!(rows.schema(), Table::Logs.schema());
        let bodies = rows.column_by_name("body").unwrap().as_string_view();
        let number = |body: Option<&str>| body.unwrap().rsplit(' ').next().unwrap().parse::<u64>().unwrap();
        let numbers: Vec<u64> = bodies.iter().map(number).collect();
        if numbers.contains(&404) {
            return Err("404 cannot be compared".into());
        }
        Ok(numbers.into_iter().map(|n| (self.chooses)(n)).collect())
    }

    fn candidates(&self, files: Vec<Arc<LiveFile>>) -> BoxFuture<'_, Vec<Arc<LiveFile>>> {
        let meanwhile = self.meanwhile.lock().take();
        Box::pin(async move {
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            files
        })
    }
}
