//! SPDX licence expressions (SPDX specification 2.3, annex D): identifiers with `WITH` exceptions,
//! `AND` before `OR`, parentheses; and the older `/` for `OR` that the registry still holds.

/// Whether the licences one may choose cover the expression; `None` when it cannot be read.
pub(super) fn satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (result, rest) = either(&words, allowed)?;
    rest.is_empty().then_some(result)
}

type Parsed<'a> = Option<(bool, &'a [&'a str])>;

fn either<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a> {
    let (mut result, mut rest) = both(words, allowed)?;
    while let Some((&"OR", following)) = rest.split_first() {
        let (next, after) = both(following, allowed)?;
        (result, rest) = (result || next, after);
    }
    Some((result, rest))
}

fn both<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a> {
    let (mut result, mut rest) = one(words, allowed)?;
    while let Some((&"AND", following)) = rest.split_first() {
        let (next, after) = one(following, allowed)?;
        (result, rest) = (result && next, after);
    }
    Some((result, rest))
}

fn one<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a> {
    match words {
        ["(", inner @ ..] => {
            let (result, rest) = either(inner, allowed)?;
            match rest {
                [")", after @ ..] => Some((result, after)),
                _ => None,
            }
        }
        ["AND" | "OR" | "WITH" | ")", ..] | [] => None,
        [name, "WITH", exception, rest @ ..] => Some((allowed(&format!("{name} WITH {exception}")), rest)),
        [name, rest @ ..] => Some((allowed(name), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_spdx_says() {
        let allowed = |name: &str| matches!(name, "MIT" | "Apache-2.0 WITH LLVM-exception" | "Zlib");
        for (expression, expected) in [
            ("MIT", Some(true)),
            ("GPL-2.0-only", Some(false)),
            ("GPL-2.0-only OR MIT", Some(true)),
            ("GPL-2.0-only AND MIT", Some(false)),
            // AND binds more tightly: MIT OR (GPL AND GPL).
            ("MIT OR GPL-2.0-only AND GPL-3.0-only", Some(true)),
            ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", Some(false)),
            ("(MIT OR GPL-2.0-only) AND Zlib", Some(true)),
            ("GPL-2.0-only/MIT", Some(true)),
            ("GPL-2.0-only / Zlib", Some(true)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("Apache-2.0", Some(false)),
            ("", None),
            ("MIT OR", None),
            ("MIT MIT", None),
            ("(MIT", None),
            ("MIT)", None),
            ("AND MIT", None),
        ] {
            assert_eq!(satisfied(expression, &allowed), expected, "{expression}");
        }
    }
}
