use crate::CatalogError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// SHA-256 of a token. A fast hash is enough: tokens carry 256 random bits, so there is nothing to
/// guess, unlike passwords.
pub(crate) type TokenHash = [u8; 32];

/// A token in the clear, handed out once. `Debug` does not show it, and there is no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    /// `prefix` and 32 random bytes in unpadded base64url, 43 characters.
    pub(crate) fn generate(prefix: &str) -> Result<Self, CatalogError> {
        let bytes: [u8; 32] = random()?;
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The text, to hand to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `candidate` is the same text, in time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        self.0.as_bytes().ct_eq(candidate.as_bytes()).into()
    }

    pub(crate) fn hash(&self) -> TokenHash {
        token_hash(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

pub(crate) fn token_hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], CatalogError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| CatalogError::Random { detail: error.to_string() })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_hash_is_sha256_of_the_text() {
        // Python: hashlib.sha256(b"lnc_i_AAEC...").hexdigest()
        let expected = "ee36ed6c65b1f12cad63c8e57a50128ff7e7ba9c2560561079b40dc1d2894aa1";
        let hash = token_hash("lnc_i_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        assert_eq!(hash.iter().map(|b| format!("{b:02x}")).collect::<String>(), expected);
    }

    #[test]
    fn secrets_are_long_distinct_and_not_printed() {
        let (a, b) = (Secret::generate("x_").unwrap(), Secret::generate("x_").unwrap());
        assert_eq!(a.expose().len(), 2 + 43);
        assert_ne!(a.expose(), b.expose());
        assert_eq!(format!("{a:?}"), "Secret(..)");
        assert!(a.matches(a.expose()));
        for wrong in ["", b.expose(), &a.expose()[1..], &format!("{}x", a.expose())] {
            assert!(!a.matches(wrong), "{wrong}");
        }
    }
}
