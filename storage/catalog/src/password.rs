use crate::CatalogError;
use crate::limits::{ACCOUNT_NAME_CHARS_MAX, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use crate::secret::random;
use argon2::password_hash::{self, PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::Mutex;

/// OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Stands in for the hash of an account that does not exist, so that a wrong name costs as much as a
/// wrong password. Same parameters as above; a match with it is not looked at.
const NOBODY_PHC: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bGluY2VpLXRlc3Qtc2FsdA$MYyB5UsVnrM+UaZnMwocB1EtTi97gUur7tdNFtNU11s";

/// Hashes and verifies, one password at a time: each costs 19 MiB, and a flood of logins must not
/// cost that many times over.
pub(crate) struct Hasher {
    params: Params,
    turn: Mutex<()>,
}

impl Default for Hasher {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "constants within the bounds of RFC 9106, 3.1")]
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("valid parameters");
        Self { params, turn: Mutex::new(()) }
    }
}

impl Hasher {
    /// The PHC string of `password` under a fresh salt.
    pub(crate) fn hash(&self, password: &str) -> Result<String, CatalogError> {
        let salt = SaltString::encode_b64(&random::<SALT_BYTES>()?).map_err(CatalogError::Hash)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        let _turn = self.turn.lock();
        let hash = argon2.hash_password(password.as_bytes(), &salt).map_err(CatalogError::Hash)?;
        Ok(hash.to_string())
    }

    /// Whether `password` is the one that `phc` was made of, with the parameters that `phc` names.
    /// Without a `phc` the answer is no, after the same work.
    pub(crate) fn verify(&self, phc: Option<&str>, password: &str) -> Result<bool, CatalogError> {
        let hash = PasswordHash::new(phc.unwrap_or(NOBODY_PHC))
            .map_err(|error| CatalogError::corrupt(format!("stored password hash: {error}")))?;
        if hash.hash.is_none() {
            return Err(CatalogError::corrupt("stored password hash: no hash in it"));
        }
        // Longer ones cannot have been set; cut so that they cost no more.
        let fits = password.len() <= PASSWORD_BYTES_MAX;
        let password = if fits { password } else { "" };
        let _turn = self.turn.lock();
        match Argon2::default().verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(fits && phc.is_some()),
            Err(password_hash::Error::Password) => Ok(false),
            Err(error) => Err(CatalogError::Hash(error)),
        }
    }

    /// Keeps everybody else from hashing.
    #[cfg(test)]
    pub(crate) fn hold(&self) -> parking_lot::MutexGuard<'_, ()> {
        self.turn.lock()
    }

    /// Least work, for tests that are about something else.
    #[cfg(test)]
    pub(crate) fn cheap() -> Self {
        Self { params: Params::new(8, 1, 1, None).unwrap(), turn: Mutex::new(()) }
    }
}

/// The rules for a new password. The error does not repeat it.
pub(crate) fn check_password(password: &str) -> Result<(), CatalogError> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(CatalogError::invalid(format!(
            "password has {chars} characters, at least {PASSWORD_CHARS_MIN} are needed"
        )));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(CatalogError::invalid(format!(
            "password has {} bytes, at most {PASSWORD_BYTES_MAX} are allowed",
            password.len()
        )));
    }
    Ok(())
}

/// The rules for an account name.
pub(crate) fn check_account_name(name: &str) -> Result<(), CatalogError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._@-".contains(&b);
    if name.is_empty() || name.len() > ACCOUNT_NAME_CHARS_MAX || !name.bytes().all(allowed) {
        return Err(CatalogError::invalid(format!(
            "account name {name:?} is not 1 to {ACCOUNT_NAME_CHARS_MAX} of a-z, 0-9, '.', '_', '@' and '-'"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_another_program_verify() {
        // argon2-cffi 25.1.0 (reference C library): PasswordHasher(...).hash(password, salt=...).
        let owasp = NOBODY_PHC; // m=19456, t=2, p=1, salt "lincei-test-salt"
        let other = "$argon2id$v=19$m=4096,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$7uhBhJL05MMvnaF7xZKEBF+c1eZP9VLdq/Hh78rYSNg";
        let hasher = Hasher::default();
        for (phc, password, expected) in [
            (owasp, "correct horse battery staple", true),
            (owasp, "correct horse battery stapl", false),
            (other, "paßwort ☃ zwei", true),
            (other, "passwort ☃ zwei", false),
        ] {
            assert_eq!(hasher.verify(Some(phc), password).unwrap(), expected, "{password}");
        }
    }

    #[test]
    fn a_missing_account_never_verifies_even_with_the_stand_in_password() {
        assert!(!Hasher::default().verify(None, "correct horse battery staple").unwrap());
    }

    #[test]
    fn new_hashes_use_the_recommended_parameters_a_fresh_salt_and_cost_what_the_stand_in_costs() {
        let hasher = Hasher::default();
        let phc = hasher.hash("correct horse battery staple").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let (new, stand_in) = (PasswordHash::new(&phc).unwrap(), PasswordHash::new(NOBODY_PHC).unwrap());
        assert_eq!(new.params, stand_in.params);
        assert_eq!(new.algorithm, stand_in.algorithm);
        assert_eq!(new.version, stand_in.version);
        assert_eq!(new.hash.unwrap().len(), stand_in.hash.unwrap().len());
        assert_ne!(new.salt, stand_in.salt);
        assert!(hasher.verify(Some(&phc), "correct horse battery staple").unwrap());
    }

    #[test]
    fn a_longer_password_than_can_be_set_never_verifies() {
        let hasher = Hasher::cheap();
        let empty = hasher.hash("").unwrap();
        let longest = "x".repeat(PASSWORD_BYTES_MAX);
        let phc = hasher.hash(&longest).unwrap();
        assert!(hasher.verify(Some(&phc), &longest).unwrap());
        assert!(!hasher.verify(Some(&phc), &format!("{longest}x")).unwrap());
        assert!(!hasher.verify(Some(&empty), &format!("{longest}x")).unwrap());
    }

    #[test]
    fn a_damaged_stored_hash_is_reported() {
        for phc in ["", "plain", "$argon2id$v=19$m=1,t=0,p=0$AA$AA", "$unknown$v=1$AAAA"] {
            assert!(Hasher::cheap().verify(Some(phc), "a password").is_err(), "{phc}");
        }
    }

    #[test]
    fn password_and_name_rules_hold_at_their_bounds() {
        let texts = |n: usize| "é".repeat(n);
        for good in ["0123456789", &"x".repeat(1024), &texts(10), &texts(512)] {
            assert!(check_password(good).is_ok(), "{}", good.len());
        }
        for bad in ["", "012345678", &texts(9), &"x".repeat(1025), &texts(513)] {
            let error = check_password(bad).unwrap_err().to_string();
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
        for good in ["a", "alice", "a.b_c@d-e9", &"a".repeat(64)] {
            assert!(check_account_name(good).is_ok(), "{good}");
        }
        for bad in ["", "Alice", "a b", "a/b", "ü", "a\n", &"a".repeat(65)] {
            assert!(check_account_name(bad).is_err(), "{bad}");
        }
    }
}
