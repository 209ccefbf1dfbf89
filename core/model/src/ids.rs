use std::fmt;
use std::sync::Arc;

/// The owner of data. Every path and catalog row is keyed by it; a single machine has one,
/// [`TenantId::default`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(Arc<str>);

/// Why a string is not an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IdError {
    /// A tenant id is part of object paths, so its alphabet is small.
    #[error("tenant id {0:?} is not 1 to 64 of a-z, 0-9, '-' and '_'")]
    Tenant(String),
}

impl TenantId {
    /// Accepts 1 to 64 bytes of `a-z`, `0-9`, `-` and `_`.
    ///
    /// # Errors
    /// [`IdError::Tenant`] for anything else.
    pub fn new(id: &str) -> Result<Self, IdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if id.is_empty() || id.len() > 64 || !id.bytes().all(allowed) {
            return Err(IdError::Tenant(id.to_owned()));
        }
        Ok(Self(id.into()))
    }

    /// The id as it stands in paths.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantId {
    fn default() -> Self {
        Self("default".into())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_ids_are_safe_path_segments() {
        for good in ["default", "a", "team-1_x", &"a".repeat(64)] {
            assert_eq!(TenantId::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "..", "a/b", "A", "ü", "a b", &"a".repeat(65)] {
            assert_eq!(TenantId::new(bad), Err(IdError::Tenant(bad.to_owned())));
        }
    }
}
