//! Colours and spacings come from `ui/style/tokens.css` alone; browser tests are neither skipped
//! nor singled out.

use super::{File, Finding};

const TOKENS: &str = "ui/style/tokens.css";
const COLOUR_FUNCTIONS: [&str; 8] = ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklch("];
/// Properties whose lengths are tokens. Sizes of one component's own layout are not.
const SPACINGS: [&str; 6] = ["margin", "padding", "gap", "row-gap", "column-gap", "font-size"];
/// Hairlines: a token for two pixels would say no more than the number.
const HAIRLINE_PX: f64 = 2.0;

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    if file.path.starts_with("ui/style/") && file.has_extension(&["css"]) && file.path != TOKENS {
        style_sheet(file, findings);
    }
    if file.path.starts_with("ui/src/") && file.has_extension(&["rs"]) {
        for (index, line) in file.text.lines().enumerate() {
            if line.contains('"') && !line.trim_start().starts_with("//") && has_hex_colour(line) {
                findings.push(Finding::new("css-colour", &file.path, index + 1, "a colour outside the tokens"));
            }
        }
    }
    let script_test = file.has_extension(&["js", "mjs"]) && (file.is_test() || file.path.starts_with("deploy/compat/"));
    if script_test {
        for (index, line) in file.text.lines().enumerate() {
            let call = [".only(", ".skip(", "{ skip:", "{ todo:"].iter().find(|call| line.contains(*call));
            if let Some(call) = call {
                let message = format!("`{call}` hides tests");
                findings.push(Finding::new("ignored-test", &file.path, index + 1, message));
            }
        }
    }
}

fn style_sheet(file: &File, findings: &mut Vec<Finding>) {
    let text = without_comments(&file.text);
    for (index, line) in text.lines().enumerate() {
        let mut finding = |rule, message: &str| findings.push(Finding::new(rule, &file.path, index + 1, message));
        // A declaration per piece, also where a rule is written on one line. What stands before a
        // brace is a selector or a media query.
        for piece in line.split([';', '{', '}']) {
            let Some((property, value)) = piece.split_once(':') else { continue };
            let is_selector = line.contains(&format!("{piece}{{"));
            if is_selector {
                continue;
            }
            if has_hex_colour(value) || COLOUR_FUNCTIONS.iter().any(|function| calls(value, function)) {
                finding("css-colour", "a colour outside the tokens");
            }
            if is_spacing(property.trim()) && has_length(value) {
                finding("css-length", "a spacing or font size in px outside the tokens");
            }
        }
    }
}

fn is_spacing(property: &str) -> bool {
    SPACINGS
        .iter()
        .any(|spacing| property == *spacing || property.strip_prefix(spacing).is_some_and(|rest| rest.starts_with('-')))
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        let (comment, following) = after.split_once("*/").unwrap_or((after, ""));
        out.extend(comment.chars().filter(|c| *c == '\n'));
        rest = following;
    }
    out.push_str(rest);
    out
}

/// `#` and 3, 4, 6 or 8 hexadecimal digits, as CSS Color Module Level 4, section 5.2 defines.
fn has_hex_colour(text: &str) -> bool {
    text.match_indices('#').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        let ends = rest.chars().nth(digits).is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_')));
        let starts = before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '&' | '/')));
        starts && ends && matches!(digits, 3 | 4 | 6 | 8)
    })
}

fn calls(text: &str, function: &str) -> bool {
    text.match_indices(function).any(|(at, _)| {
        text.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !(c.is_alphanumeric() || c == '-'))
    })
}

/// A length in px that is more than a hairline.
fn has_length(value: &str) -> bool {
    value.match_indices("px").any(|(at, _)| {
        let number: String =
            value.get(..at).unwrap_or_default().chars().rev().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        number.chars().rev().collect::<String>().parse::<f64>().is_ok_and(|px| px > HAIRLINE_PX)
    })
}
