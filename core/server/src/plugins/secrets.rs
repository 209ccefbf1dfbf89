use lincei_host::Secrets;

/// Secrets from the environment: `LINCEI_SECRET_<NAME>`.
pub(super) struct EnvironmentSecrets;

const NAME_CHARS_MAX: usize = 64;

impl Secrets for EnvironmentSecrets {
    fn secret(&self, name: &str) -> Option<String> {
        let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(is_plain) {
            return None;
        }
        std::env::var(format!("LINCEI_SECRET_{name}")).ok()
    }
}
