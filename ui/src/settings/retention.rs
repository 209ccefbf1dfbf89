//! How long rows are kept, as it is typed, and what a shorter time would delete.

use crate::statement::literal;
use lincei_api::{RetentionSettings, SqlResponse};
use serde_json::Value;

/// Seconds of the units that an age is typed in.
pub const AGE_UNITS: [u64; 3] = [3600, 86_400, 365 * 86_400];
/// Bytes of the units that a size is typed in.
pub const SIZE_UNITS: [u64; 3] = [1_000_000, 1_000_000_000, 1_000_000_000_000];
/// The least age: files hold the rows of an hour.
const AGE_SECONDS_MIN: u64 = 3600;
/// The greatest age that the server can count in nanoseconds.
const AGE_SECONDS_MAX: u64 = i64::MAX as u64 / 1_000_000_000;

/// Why a bound cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundError {
    /// Not a number.
    NoNumber,
    /// Below the least there is.
    TooSmall,
    /// Beyond what can be counted.
    TooLarge,
}

/// One bound as it stands in the form: a number and its unit; an empty number is no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What was typed.
    pub number: String,
    /// Place of the unit in the list of units.
    pub unit: usize,
}

impl Typed {
    /// A stored bound in the largest of `units` that does not make it a long fraction.
    #[must_use]
    pub fn of(bound: Option<u64>, units: &[u64]) -> Self {
        let Some(bound) = bound else { return Self { number: String::new(), unit: units.len().min(2) - 1 } };
        let whole = units.iter().rposition(|unit| bound.is_multiple_of(*unit) && bound > 0);
        let unit = whole.or_else(|| units.iter().rposition(|unit| bound >= *unit)).unwrap_or(0);
        let size = units.get(unit).copied().unwrap_or(1);
        let number = if bound.is_multiple_of(size) {
            (bound / size).to_string()
        } else {
            format!("{:.3}", bound as f64 / size as f64).trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        Self { number, unit }
    }

    fn read(&self, units: &[u64]) -> Result<Option<u64>, BoundError> {
        let number = self.number.trim().replace(',', ".");
        if number.is_empty() {
            return Ok(None);
        }
        let value: f64 = number.parse().map_err(|_| BoundError::NoNumber)?;
        let value = value * units.get(self.unit).copied().unwrap_or(1) as f64;
        if value.is_nan() || value < 1.0 {
            return Err(BoundError::TooSmall);
        }
        if value > 9e18 {
            return Err(BoundError::TooLarge);
        }
        Ok(Some(value.round() as u64))
    }

    /// As an age in seconds.
    pub fn age_seconds(&self) -> Result<Option<u64>, BoundError> {
        match self.read(&AGE_UNITS)? {
            Some(age) if age < AGE_SECONDS_MIN => Err(BoundError::TooSmall),
            Some(age) if age > AGE_SECONDS_MAX => Err(BoundError::TooLarge),
            age => Ok(age),
        }
    }

    /// As a size in bytes.
    pub fn size_bytes(&self) -> Result<Option<u64>, BoundError> {
        self.read(&SIZE_UNITS)
    }
}

/// Whether rows could go by `new` that are kept by `old`.
#[must_use]
pub fn is_shorter(old: &RetentionSettings, new: &RetentionSettings) -> bool {
    let less = |old: Option<u64>, new: Option<u64>| new.is_some_and(|new| old.is_none_or(|old| new < old));
    less(old.max_age_seconds, new.max_age_seconds) || less(old.max_bytes, new.max_bytes)
}

/// Counts what the server will delete by these bounds: whole files, by their newest row, and from the
/// newest on those beyond the bytes. One row of `rows`, `bytes`, `files`, all null for nothing.
#[must_use]
pub fn loss_statement(new: &RetentionSettings) -> String {
    let mut conditions = Vec::new();
    if let Some(seconds) = new.max_age_seconds {
        conditions.push(format!("max_time < now() - INTERVAL '{seconds}' SECOND"));
    }
    if let Some(bytes) = new.max_bytes {
        conditions.push(format!("newer > {bytes}"));
    }
    let condition = if conditions.is_empty() { "false".to_owned() } else { conditions.join(" OR ") };
    format!(
        "SELECT sum(rows), sum(bytes), count(*)\nFROM (\n  SELECT rows, bytes, max_time, sum(bytes) OVER (ORDER BY max_time DESC, path DESC) AS newer\n  FROM lincei_files WHERE \"table\" = {} AND state = 'live'\n)\nWHERE {condition}",
        literal(&new.table)
    )
}

/// What would be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Rows.
    pub rows: u64,
    /// Bytes of Parquet.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

impl Loss {
    /// Reads the answer to [`loss_statement`].
    #[must_use]
    pub fn of(answer: &SqlResponse) -> Self {
        let row = answer.rows.first();
        let number = |place: usize| row.and_then(|row| row.get(place)).and_then(whole).unwrap_or(0);
        Self { rows: number(0), bytes: number(1), files: number(2) }
    }
}

/// A whole number of an SQL answer; large ones are text there.
#[must_use]
pub fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(number: &str, unit: usize) -> Typed {
        Typed { number: number.to_owned(), unit }
    }

    fn bounds(max_age_seconds: Option<u64>, max_bytes: Option<u64>) -> RetentionSettings {
        RetentionSettings { table: "logs".into(), max_age_seconds, max_bytes }
    }

    #[test]
    fn bounds_are_shown_in_the_unit_that_fits() {
        for (seconds, number, unit) in [
            (Some(365 * 86_400), "1", 2),
            (Some(604_800), "7", 1),
            (Some(86_400 * 10), "10", 1),
            (Some(3600 * 5), "5", 0),
            (Some(129_600), "36", 0),
            (Some(100_000), "1.157", 1),
            (None, "", 1),
        ] {
            assert_eq!(Typed::of(seconds, &AGE_UNITS), typed(number, unit), "{seconds:?}");
        }
        assert_eq!(Typed::of(Some(50_000_000_000), &SIZE_UNITS), typed("50", 1));
        // 1 GiB, the bound that rejects have from the start
        assert_eq!(Typed::of(Some(1_073_741_824), &SIZE_UNITS), typed("1.074", 1));
    }

    #[test]
    fn what_is_typed_is_read_or_refused() {
        assert_eq!(typed(" 14 ", 1).age_seconds(), Ok(Some(14 * 86_400)));
        assert_eq!(typed("1,5", 1).age_seconds(), Ok(Some(129_600)));
        assert_eq!(typed("", 1).age_seconds(), Ok(None));
        assert_eq!(typed("0.5", 0).age_seconds(), Err(BoundError::TooSmall));
        assert_eq!(typed("1", 0).age_seconds(), Ok(Some(3600)));
        assert_eq!(typed("300", 2).age_seconds(), Err(BoundError::TooLarge));
        assert_eq!(typed("2.5", 1).size_bytes(), Ok(Some(2_500_000_000)));
        for (number, error) in [
            ("soon", BoundError::NoNumber),
            ("1 GB", BoundError::NoNumber),
            ("0", BoundError::TooSmall),
            ("-1", BoundError::TooSmall),
            ("NaN", BoundError::TooSmall),
            ("inf", BoundError::TooLarge),
        ] {
            assert_eq!(typed(number, 0).size_bytes(), Err(error), "{number}");
        }
    }

    #[test]
    fn only_less_is_shorter() {
        let week = bounds(Some(604_800), Some(1000));
        assert!(is_shorter(&week, &bounds(Some(604_799), Some(1000))));
        assert!(is_shorter(&week, &bounds(Some(700_000), Some(999))));
        assert!(is_shorter(&bounds(None, None), &bounds(Some(604_800), None)));
        assert!(!is_shorter(&week, &week));
        assert!(!is_shorter(&week, &bounds(None, None)));
    }

    #[test]
    fn the_loss_is_counted_by_whole_files() {
        let sql = loss_statement(&bounds(Some(7200), Some(500)));
        assert!(sql.contains("\"table\" = 'logs' AND state = 'live'"), "{sql}");
        assert!(sql.ends_with("WHERE max_time < now() - INTERVAL '7200' SECOND OR newer > 500"), "{sql}");
        assert!(loss_statement(&bounds(None, None)).ends_with("WHERE false"));
        let answer = SqlResponse {
            rows: vec![vec![Value::from(3), Value::from("9007199254740993"), Value::from(1)]],
            ..SqlResponse::default()
        };
        assert_eq!(Loss::of(&answer), Loss { rows: 3, bytes: 9_007_199_254_740_993, files: 1 });
        let nothing = SqlResponse { rows: vec![vec![Value::Null, Value::Null, Value::from(0)]], ..answer };
        assert_eq!(Loss::of(&nothing), Loss::default());
    }
}
