use super::SearchError;
use super::ast::Value;
use datafusion::arrow::compute::kernels::cast_utils::string_to_timestamp_nanos;
use datafusion::arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;

/// `severity_number` values of one named severity, both ends included (OpenTelemetry logs data
/// model, "SeverityNumber").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) low: i64,
    pub(super) high: i64,
}

/// `WARN`, `error2`, `17`; `None` for any other text.
pub(super) fn level(text: &str) -> Option<Level> {
    if let Ok(number) = text.parse::<u8>() {
        return Some(Level { low: number.into(), high: number.into() });
    }
    let lower = text.to_ascii_lowercase();
    let (name, step) = match lower.char_indices().next_back()? {
        (at, digit @ '1'..='4') => (lower.get(..at)?, digit.to_digit(10)),
        _ => (lower.as_str(), None),
    };
    let first = match name {
        "trace" => 1,
        "debug" => 5,
        "info" | "information" => 9,
        "warn" | "warning" => 13,
        "err" | "error" => 17,
        "fatal" | "critical" => 21,
        _ => return None,
    };
    Some(step.map_or(Level { low: first, high: first + 3 }, |step| {
        let exact = first + i64::from(step) - 1;
        Level { low: exact, high: exact }
    }))
}

/// `value` as a literal to compare with a column of `data_type`.
///
/// # Errors
/// When the column cannot be compared, or the text is not of its kind.
pub(super) fn literal(column: &str, data_type: &DataType, value: &Value) -> Result<ScalarValue, SearchError> {
    let text = value.text.as_str();
    let expected = |what: &str| {
        SearchError::new(value.offset, format!("found {text:?}, expected {what} to compare with column {column}"))
    };
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(ScalarValue::Utf8(Some(text.to_owned()))),
        DataType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(ScalarValue::Boolean(Some(true))),
            "false" => Ok(ScalarValue::Boolean(Some(false))),
            _ => Err(expected("true or false")),
        },
        DataType::Timestamp(..) => {
            let ns = string_to_timestamp_nanos(text).map_err(|_| expected("a time such as 2026-01-31T23:59:00Z"))?;
            Ok(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())))
        }
        _ if data_type.is_numeric() => {
            let duration = if column.ends_with("_ns") { duration_ns(text).map(number) } else { None };
            duration.or_else(|| parse_number(text)).ok_or_else(|| expected("a number"))
        }
        _ => Err(SearchError::new(
            value.offset,
            format!("column {column} is of type {data_type} and cannot be searched"),
        )),
    }
}

/// An integer as such, everything else as a double; `None` when it is no number.
pub(super) fn parse_number(text: &str) -> Option<ScalarValue> {
    if let Ok(int) = text.parse::<i64>() {
        return Some(number(int));
    }
    if let Ok(int) = text.parse::<u64>() {
        return Some(ScalarValue::UInt64(Some(int)));
    }
    let starts_like_one = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    let double = text.parse::<f64>().ok()?;
    (starts_like_one && double.is_finite()).then_some(ScalarValue::Float64(Some(double)))
}

const fn number(int: i64) -> ScalarValue {
    ScalarValue::Int64(Some(int))
}

/// `1.5ms` in nanoseconds; `None` without a unit.
fn duration_ns(text: &str) -> Option<i64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (amount, unit) = text.split_at_checked(at)?;
    let scale = match unit {
        "ns" => 1.0,
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3600e9,
        _ => return None,
    };
    let ns = (amount.parse::<f64>().ok()? * scale).round();
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the check")]
    (ns.abs() < 9e18).then_some(ns as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_data_model() {
        for (text, low, high) in [
            ("TRACE", 1, 4),
            ("debug", 5, 8),
            ("Info", 9, 12),
            ("warning", 13, 16),
            ("err", 17, 20),
            ("FATAL", 21, 24),
            ("INFO2", 10, 10),
            ("error4", 20, 20),
            ("17", 17, 17),
        ] {
            assert_eq!(level(text), Some(Level { low, high }), "{text}");
        }
        for text in ["", "infos", "error5", "-1", "256"] {
            assert_eq!(level(text), None, "{text}");
        }
    }

    #[test]
    fn durations_have_units() {
        for (text, ns) in [("100ms", 100_000_000), ("1.5s", 1_500_000_000), ("2us", 2_000), ("1h", 3_600_000_000_000)] {
            assert_eq!(duration_ns(text), Some(ns), "{text}");
        }
        for text in ["", "5", "ms", "1d", "1e400s", "999999999999h"] {
            assert_eq!(duration_ns(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_exact_where_they_can_be() {
        assert_eq!(parse_number("9223372036854775807"), Some(ScalarValue::Int64(Some(i64::MAX))));
        assert_eq!(parse_number("18446744073709551615"), Some(ScalarValue::UInt64(Some(u64::MAX))));
        assert_eq!(parse_number("-2.5e3"), Some(ScalarValue::Float64(Some(-2500.0))));
        for text in ["", "x", "inf", "NaN", "1e999", "0x10", "infinity"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }
}
