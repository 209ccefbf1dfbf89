//! Rules for what is stored about plugins.

use crate::CatalogError;
use crate::limits::{PLUGIN_HOST_BYTES_MAX, PLUGIN_HOSTS_MAX, PLUGIN_JSON_BYTES_MAX, PLUGIN_NAME_CHARS_MAX};
use serde_json::Value;

/// The worlds that a plugin can be made for.
const KINDS: [&str; 5] = ["operator", "function", "rule", "notifier", "escalation"];

/// Hexadecimal digits of a SHA-256.
const SHA256_DIGITS: usize = 64;

/// Values in messages are cut here: they may be as long as a request.
const SHOWN_CHARS: usize = 2 * PLUGIN_NAME_CHARS_MAX;

pub(crate) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}

pub(super) fn check_name(name: &str) -> Result<(), CatalogError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > PLUGIN_NAME_CHARS_MAX || !name.bytes().all(allowed) {
        return Err(CatalogError::invalid(format!(
            "plugin name {:?} is not 1 to {PLUGIN_NAME_CHARS_MAX} of a-z, 0-9 and '-'",
            shown(name)
        )));
    }
    Ok(())
}

pub(super) fn check_kind(kind: &str) -> Result<(), CatalogError> {
    if KINDS.contains(&kind) {
        return Ok(());
    }
    Err(CatalogError::invalid(format!("plugin kind {:?} is none of {}", shown(kind), KINDS.join(", "))))
}

pub(super) fn check_sha256(digits: &str) -> Result<(), CatalogError> {
    let allowed = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if digits.len() != SHA256_DIGITS || !digits.bytes().all(allowed) {
        return Err(CatalogError::invalid(format!(
            "SHA-256 {:?} is not {SHA256_DIGITS} lower-case hexadecimal digits",
            shown(digits)
        )));
    }
    Ok(())
}

/// A JSON object as it is stored.
pub(super) fn object_text(what: &str, value: &Value) -> Result<String, CatalogError> {
    if !value.is_object() {
        return Err(CatalogError::invalid(format!("{what} of a plugin is not a JSON object")));
    }
    let text = value.to_string();
    if text.len() > PLUGIN_JSON_BYTES_MAX {
        return Err(CatalogError::invalid(format!(
            "{what} of a plugin has {} bytes, at most {PLUGIN_JSON_BYTES_MAX} are allowed",
            text.len()
        )));
    }
    Ok(text)
}

/// Hosts as they are stored. A user in front of one is refused: it would be a secret in plain sight.
pub(super) fn hosts_text(hosts: &[String]) -> Result<String, CatalogError> {
    if hosts.len() > PLUGIN_HOSTS_MAX {
        return Err(CatalogError::invalid(format!("{} hosts, at most {PLUGIN_HOSTS_MAX} are allowed", hosts.len())));
    }
    for host in hosts {
        let allowed = |b: u8| b.is_ascii_graphic() && b != b'@';
        if host.is_empty() || host.len() > PLUGIN_HOST_BYTES_MAX || !host.bytes().all(allowed) {
            return Err(CatalogError::invalid(format!(
                "host {:?} is not 1 to {PLUGIN_HOST_BYTES_MAX} visible ASCII characters without '@'",
                shown(host)
            )));
        }
    }
    Ok(Value::from(hosts).to_string())
}
