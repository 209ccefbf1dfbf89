/// A search text, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// No condition.
    Everything,
    /// Every one of at least two.
    And(Vec<Search>),
    /// Any one of at least two.
    Or(Vec<Search>),
    /// Not this.
    Not(Box<Search>),
    /// In the table's text column.
    Text(Pattern),
    /// About one column or attribute.
    Field(FieldTerm),
}

impl Search {
    /// Whether every condition is about a field for which `accept` is true.
    pub(crate) fn fields_are(&self, accept: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Everything => true,
            Self::And(items) | Self::Or(items) => items.iter().all(|item| item.fields_are(accept)),
            Self::Not(item) => item.fields_are(accept),
            Self::Text(_) => false,
            Self::Field(term) => term.name != "time" && accept(&term.name),
        }
    }
}

/// `name:condition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldTerm {
    /// Column name or attribute key.
    pub(crate) name: String,
    /// Byte offset of the name in the search text.
    pub(crate) offset: usize,
    /// What is asked of it.
    pub(crate) condition: Condition,
}

/// What is asked of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// `*`
    Present,
    /// `a,b`: at least one.
    AnyOf(Vec<Pattern>),
    /// `>5`
    Compare(Comparison, Value),
    /// `[1 TO 5]`; `None` leaves the end open. Both ends are included.
    Range(Option<Value>, Option<Value>),
}

/// `>`, `>=`, `<`, `<=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// One value as written, unescaped, with its byte offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) offset: usize,
}

/// Text with `*` for anything in between the parts; one part has no `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) parts: Vec<String>,
    pub(crate) offset: usize,
}

impl Pattern {
    /// The whole text where it has no `*`.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// As a `LIKE` pattern with `\` as the escape, for a whole value.
    pub(crate) fn like(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| escape_like(part)).collect();
        parts.join("%")
    }
}

/// `text` so that `LIKE` takes each character as itself.
fn escape_like(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
