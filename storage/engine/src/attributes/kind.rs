use lincei_model::{AttributeType, DOUBLE_INTEGER_MAX, text_of_f64};

/// The types that a text could have, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const ANY: Self = Self(7);
    const TEXT: Self = Self(0);
    const INT: Self = Self(1);
    const DOUBLE: Self = Self(2);
    const BOOL: Self = Self(4);

    /// The types whose text form gives back exactly `text`.
    pub(super) fn of(text: &str) -> Self {
        match text.as_bytes() {
            b"true" | b"false" => Self::BOOL,
            [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => {
                if let Some(int) = int(text) {
                    let exact = (-DOUBLE_INTEGER_MAX..=DOUBLE_INTEGER_MAX).contains(&int);
                    if exact { Self(Self::INT.0 | Self::DOUBLE.0) } else { Self::INT }
                } else if double(text).is_some() {
                    Self::DOUBLE
                } else {
                    Self::TEXT
                }
            }
            _ => Self::TEXT,
        }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn is_text(self) -> bool {
        self.0 == 0
    }

    /// The narrowest type of all values; text when nothing is known.
    pub(super) const fn narrowest(self) -> AttributeType {
        if self.0 == Self::ANY.0 {
            AttributeType::Text
        } else if self.0 & Self::INT.0 != 0 {
            AttributeType::Int
        } else if self.0 & Self::DOUBLE.0 != 0 {
            AttributeType::Double
        } else if self.0 & Self::BOOL.0 != 0 {
            AttributeType::Bool
        } else {
            AttributeType::Text
        }
    }
}

/// An integer whose decimal form is `text`.
pub(super) fn int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0'] if digits.len() == text.len() => Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() < 19 && rest.iter().all(u8::is_ascii_digit) => text.parse().ok(),
        _ => None,
    }
}

/// A finite double whose shortest form ([`text_of_f64`]) is `text`.
pub(super) fn double(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    if is_plain(text) {
        return Some(value);
    }
    let mut shortest = String::with_capacity(24);
    text_of_f64(&mut shortest, value);
    (shortest == text).then_some(value)
}

/// Digits of a fraction in their only form, few enough to be the shortest form of some double: a
/// decimal of at most 15 significant digits survives the way into a double and back (IEEE 754,
/// 5.12.2).
fn is_plain(text: &str) -> bool {
    let Some((whole, fraction)) = text.strip_prefix('-').unwrap_or(text).split_once('.') else { return false };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let leading = whole == "0" || (!whole.is_empty() && !whole.starts_with('0'));
    let small = whole == "0" && fraction.starts_with("00000");
    leading
        && !small
        && digits(whole)
        && digits(fraction)
        && !fraction.is_empty()
        && !fraction.ends_with('0')
        && whole.len() + fraction.len() <= 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_found_only_where_it_gives_the_text_back() {
        use AttributeType::{Bool, Double, Int, Text};
        for (text, kind) in [
            ("0", Int),
            ("-1", Int),
            ("9223372036854775807", Int),
            ("-9223372036854775808", Int),
            ("9223372036854775808", Text),
            ("-0", Double),
            ("00", Text),
            ("+1", Text),
            ("1_000", Text),
            ("0x10", Text),
            ("1.5", Double),
            ("-0.001", Double),
            ("1.50", Text),
            ("01.5", Text),
            (".5", Text),
            ("1.", Text),
            ("0.0000001", Text),
            ("1e-7", Double),
            ("1e21", Double),
            ("1E21", Text),
            ("123456789012345.6", Double),
            ("0.1000000000000000055511151231257827", Text),
            ("1e999", Text),
            ("NaN", Text),
            ("Infinity", Text),
            ("-Infinity", Text),
            ("true", Bool),
            ("false", Bool),
            ("True", Text),
            ("", Text),
            (" 1", Text),
            ("1 ", Text),
            ("٣", Text),
        ] {
            assert_eq!(Kinds::of(text).narrowest(), kind, "{text:?}");
        }
    }

    #[test]
    fn types_of_several_values_are_those_all_have() {
        let all = |texts: &[&str]| texts.iter().fold(Kinds::ANY, |kinds, t| kinds.and(Kinds::of(t))).narrowest();
        assert_eq!(all(&["1", "2.5"]), AttributeType::Double);
        assert_eq!(all(&["9007199254740992", "2.5"]), AttributeType::Double);
        assert_eq!(all(&["9007199254740993", "2.5"]), AttributeType::Text);
        assert_eq!(all(&["1", "true"]), AttributeType::Text);
        assert_eq!(all(&["true", "false"]), AttributeType::Bool);
        assert_eq!(all(&[]), AttributeType::Text);
    }

    #[test]
    fn random_doubles_come_back() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..100_000 {
            let value = if random.bool() {
                f64::from_bits(random.u64(..))
            } else {
                f64::from(random.u32(..)) / f64::from(10_u32.pow(random.u32(0..8)))
            };
            let mut text = String::new();
            text_of_f64(&mut text, value);
            match Kinds::of(&text).narrowest() {
                AttributeType::Int => assert_eq!(int(&text).unwrap().to_string(), text),
                AttributeType::Double => {
                    let mut again = String::new();
                    text_of_f64(&mut again, double(&text).unwrap());
                    assert_eq!(again, text);
                }
                _ => assert!(!value.is_finite(), "{text}"),
            }
        }
    }
}
