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
/// Installed plugins.
pub const PLUGINS_MAX: usize = 500;
/// Characters of a plugin's name.
pub const PLUGIN_NAME_CHARS_MAX: usize = 64;
/// Versions of one plugin. None is deleted to make room.
pub const PLUGIN_VERSIONS_MAX: usize = 200;
/// Bytes of what was uploaded, all versions of all plugins together.
pub const PLUGIN_BYTES_MAX: u64 = 4 << 30;
/// Bytes of a plugin's limits, of its configuration and of a version's description as JSON text.
pub const PLUGIN_JSON_BYTES_MAX: usize = 64 << 10;
/// Hosts that one plugin may send to.
pub const PLUGIN_HOSTS_MAX: usize = 100;
/// Bytes of one of them: a DNS name of 253, a scheme and a port.
pub const PLUGIN_HOST_BYTES_MAX: usize = 270;
/// Entries of one plugin's state.
pub const PLUGIN_STATE_ENTRIES_MAX: usize = 100_000;
/// Bytes of the keys and values of one plugin's state.
pub const PLUGIN_STATE_BYTES_MAX: usize = 16 << 20;
/// Bytes of the memory of one plugin that is carried over.
pub const PLUGIN_MEMORY_BYTES_MAX: usize = 16 << 20;
/// Bytes of a pipeline's steps as JSON text.
pub const PIPELINE_BYTES_MAX: usize = 256 << 10;
