use crate::secret;
use crate::{CatalogError, sql};
use std::fmt;
use std::str::FromStr;
use ulid::Ulid;

/// A fresh id that sorts by `now_ns` (to the millisecond).
fn fresh(now_ns: i64) -> Result<Ulid, CatalogError> {
    let millis = u64::try_from(now_ns / 1_000_000).unwrap_or(0);
    Ok(Ulid::from_parts(millis, u128::from_be_bytes(secret::random()?)))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Ulid);

        impl $name {
            pub(crate) fn fresh(now_ns: i64) -> Result<Self, CatalogError> {
                fresh(now_ns).map(Self)
            }

            pub(crate) fn stored(text: &str) -> Result<Self, CatalogError> {
                sql::parse($what, text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = CatalogError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| CatalogError::invalid(format!("{} {text:?} is not a ULID", $what)))
            }
        }
    };
}

id!(
    /// A person's account. Text form: a ULID.
    AccountId,
    "account id"
);
id!(
    /// An ingest or API key. Text form: a ULID.
    KeyId,
    "key id"
);
id!(
    /// A saved view, query or dashboard. Text form: a ULID.
    SavedId,
    "saved id"
);
