use serde::{Deserialize, Serialize};
use std::fmt;

/// A column's least or greatest value in a file.
///
/// As JSON, in which it is persisted, one member names the kind:
///
/// | kind | JSON |
/// |---|---|
/// | `Int` | `{"i":-5}` |
/// | `UInt` | `{"u":5}` |
/// | `Float` | `{"f":"0.1"}`: the shortest decimal that reads back as the same double, also `"inf"`, `"-inf"`, `"NaN"`, `"-0"` (a JSON number would lose these, and may lose the last bit) |
/// | `Text` | `{"t":"checkout"}` |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Scalar {
    /// A signed integer; also timestamps and durations in nanoseconds.
    #[serde(rename = "i")]
    Int(i64),
    /// An unsigned integer.
    #[serde(rename = "u")]
    UInt(u64),
    /// A double.
    #[serde(rename = "f", with = "float_text")]
    Float(f64),
    /// UTF-8 text, compared by bytes.
    #[serde(rename = "t")]
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::UInt(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

/// What one column of a file spans, both ends inclusive. A column without a range may hold
/// anything. As JSON an array of three: `["service",{"t":"a"},{"t":"z"}]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(String, Scalar, Scalar)", into = "(String, Scalar, Scalar)")]
pub struct ColumnRange {
    /// Column name.
    pub column: String,
    /// Least value.
    pub min: Scalar,
    /// Greatest value.
    pub max: Scalar,
}

impl From<(String, Scalar, Scalar)> for ColumnRange {
    fn from((column, min, max): (String, Scalar, Scalar)) -> Self {
        Self { column, min, max }
    }
}

impl From<ColumnRange> for (String, Scalar, Scalar) {
    fn from(range: ColumnRange) -> Self {
        (range.column, range.min, range.max)
    }
}

mod float_text {
    use serde::de::{Error as _, Unexpected};
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::borrow::Cow;

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &"a double as text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_a_fixed_json_form_that_loses_nothing() {
        for (min, max, json) in [
            (Scalar::Int(i64::MIN), Scalar::Int(-1), r#"["c",{"i":-9223372036854775808},{"i":-1}]"#),
            (Scalar::UInt(0), Scalar::UInt(u64::MAX), r#"["c",{"u":0},{"u":18446744073709551615}]"#),
            (Scalar::Text(String::new()), Scalar::Text("ü\"".into()), r#"["c",{"t":""},{"t":"ü\""}]"#),
            (Scalar::Float(-0.0), Scalar::Float(0.1 + 0.2), r#"["c",{"f":"-0"},{"f":"0.30000000000000004"}]"#),
            (Scalar::Float(f64::NEG_INFINITY), Scalar::Float(f64::INFINITY), r#"["c",{"f":"-inf"},{"f":"inf"}]"#),
        ] {
            let range = ColumnRange { column: "c".into(), min, max };
            assert_eq!(serde_json::to_string(&range).unwrap(), json);
            let back: ColumnRange = serde_json::from_str(json).unwrap();
            assert_eq!(back, range);
        }
    }

    #[test]
    fn doubles_come_back_bit_for_bit() {
        for bits in [0x8000_0000_0000_0000, 1, 0x7fef_ffff_ffff_ffff, 0x3ff5_5555_5555_5555, 0x4009_21fb_5444_2d18] {
            let json = serde_json::to_string(&Scalar::Float(f64::from_bits(bits))).unwrap();
            match serde_json::from_str(&json).unwrap() {
                Scalar::Float(back) => assert_eq!(back.to_bits(), bits, "{json}"),
                other => panic!("{other:?}"),
            }
        }
        let nan = serde_json::to_string(&Scalar::Float(f64::NAN)).unwrap();
        assert!(matches!(serde_json::from_str(&nan).unwrap(), Scalar::Float(x) if x.is_nan()));
    }

    #[test]
    fn other_json_is_refused() {
        for json in [
            r#"["c",{"i":1}]"#,
            r#"["c",{"i":1.5},{"i":2}]"#,
            r#"["c",{"u":-1},{"u":2}]"#,
            r#"["c",{"f":"x"},{"f":"1"}]"#,
            r#"["c",{"q":1},{"q":1}]"#,
            r#"{"column":"c"}"#,
            "null",
        ] {
            assert!(serde_json::from_str::<ColumnRange>(json).is_err(), "{json}");
        }
    }
}
