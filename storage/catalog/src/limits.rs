//! Bounds of the catalog. Breaking one is an error that names it.

/// Rows that one page of the audit log holds at most.
pub const AUDIT_PAGE_ROWS_MAX: usize = 1000;
/// Bytes of the JSON text of `before` and of `after` in one audit row.
pub const AUDIT_VALUE_BYTES_MAX: usize = 256 << 10;
/// Accounts.
pub const ACCOUNTS_MAX: usize = 1000;
/// Characters of an account name.
pub const ACCOUNT_NAME_CHARS_MAX: usize = 64;
/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Bytes of a password.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Sessions of one account; a further login ends the oldest.
pub const SESSIONS_PER_ACCOUNT_MAX: u32 = 100;
/// Keys that are not revoked. Each is compared on every keyed request.
pub const KEYS_ACTIVE_MAX: usize = 1000;
/// Characters of a key's name.
pub const KEY_NAME_CHARS_MAX: usize = 64;
/// Bytes of a setting's key.
pub const SETTING_KEY_BYTES_MAX: usize = 128;
/// Bytes of a setting's value as JSON text.
pub const SETTING_VALUE_BYTES_MAX: usize = 64 << 10;
/// Saved objects, of all kinds together.
pub const SAVED_MAX: usize = 2000;
/// Characters of a saved object's name.
pub const SAVED_NAME_CHARS_MAX: usize = 120;
/// Bytes of a saved object's content as JSON text.
pub const SAVED_CONTENT_BYTES_MAX: usize = 256 << 10;
/// Bytes of the contents of all saved objects with their versions.
pub const SAVED_BYTES_MAX: usize = 128 << 20;
/// Versions kept of a saved object; a further save drops the oldest.
pub const SAVED_VERSIONS_MAX: u64 = 50;
