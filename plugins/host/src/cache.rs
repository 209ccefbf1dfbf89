//! Compiled plugins on disk.
//!
//! ```text
//! <folder>/key           32 random bytes, made when missing
//! <folder>/<name>.cwasm  machine code as the engine writes it
//! <folder>/<name>.mac    HMAC-SHA-256 of name, a zero byte and the code, with the key
//! ```
//!
//! The engine trusts what it maps, so a file that somebody else wrote must not be mapped.

use crate::error::HostError;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const KEY_BYTES: usize = 32;
/// Of code that is read at once.
const PIECE_BYTES: usize = 256 << 10;

/// A folder of compiled plugins.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
    temporaries: AtomicU64,
}

/// Hexadecimal digits.
pub(crate) fn digest_text(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Cache {
    pub(crate) fn open(folder: &Path) -> Result<Self, HostError> {
        fs::create_dir_all(folder).map_err(|error| HostError::io("create", folder, error))?;
        only_ours(folder, 0o700)?;
        let key = key(&folder.join("key"))?;
        let cache = Self { folder: folder.to_owned(), key, temporaries: AtomicU64::new(0) };
        cache.sweep();
        Ok(cache)
    }

    /// Removes what a crash left.
    fn sweep(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("tmp-") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// A path that nobody else uses.
    pub(crate) fn temporary(&self, extension: &str) -> PathBuf {
        let number = self.temporaries.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!("tmp-{}-{number}.{extension}", std::process::id()))
    }

    fn code_path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.cwasm"))
    }

    /// Reads the code piece by piece: that of an interpreter is large.
    fn mac(&self, name: &str, path: &Path) -> Result<Hmac<Sha256>, HostError> {
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&self.key)
            .map_err(|error| HostError::Engine { detail: error.to_string() })?;
        mac.update(name.as_bytes());
        mac.update(&[0]);
        let failed = |error| HostError::io("read", path, error);
        let mut file = fs::File::open(path).map_err(failed)?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = file.read(&mut piece).map_err(failed)?;
            if read == 0 {
                return Ok(mac);
            }
            mac.update(piece.get(..read).unwrap_or_default());
        }
    }

    /// The file of that name, if this server wrote it and it is whole.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        let path = self.code_path(name);
        let kept = fs::read(self.folder.join(format!("{name}.mac"))).ok()?;
        let is_ours = self.mac(name, &path).ok()?.verify_slice(&kept).is_ok();
        if !is_ours {
            tracing::warn!(path = %path.display(), "a compiled plugin is not what was written, it is made anew");
        }
        is_ours.then_some(path)
    }

    /// Takes over a file that was made at a [temporary](Self::temporary) path.
    pub(crate) fn adopt(&self, name: &str, made: &Path) -> Result<PathBuf, HostError> {
        let mac = self.mac(name, made)?.finalize().into_bytes();
        let path = self.code_path(name);
        let mac_path = self.folder.join(format!("{name}.mac"));
        only_ours(made, 0o600)?;
        write_private(&mac_path, &mac)?;
        fs::rename(made, &path).map_err(|error| HostError::io("rename", &path, error))?;
        Ok(path)
    }

    /// Keeps code that is written piece by piece.
    pub(crate) fn put(
        &self,
        name: &str,
        write: impl FnOnce(&mut fs::File) -> std::io::Result<()>,
    ) -> Result<PathBuf, HostError> {
        let made = self.temporary("cwasm");
        let written = create_private(&made)
            .and_then(|mut file| write(&mut file).map_err(|error| HostError::io("write", &made, error)));
        let adopted = written.and_then(|()| self.adopt(name, &made));
        if adopted.is_err() {
            let _ = fs::remove_file(&made);
        }
        adopted
    }
}

fn only_ours(path: &Path, mode: u32) -> Result<(), HostError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(|error| HostError::io("protect", path, error))?;
    }
    Ok(())
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), HostError> {
    create_private(path)?.write_all(bytes).map_err(|error| HostError::io("write", path, error))
}

fn create_private(path: &Path) -> Result<fs::File, HostError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(|error| HostError::io("create", path, error))
}

/// The key of this cache; without one, or with a broken one, nothing that is there counts.
fn key(path: &Path) -> Result<[u8; KEY_BYTES], HostError> {
    if let Ok(kept) = fs::read(path)
        && let Ok(key) = <[u8; KEY_BYTES]>::try_from(kept)
    {
        return Ok(key);
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| HostError::Engine { detail: format!("no random bytes: {error}") })?;
    write_private(path, &key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_here_and_is_whole_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        assert_eq!(cache.find("a"), None);
        let path = cache.put("a", |file| file.write_all(b"code")).unwrap();
        assert_eq!(cache.find("a"), Some(path.clone()));
        assert_eq!(Cache::open(folder.path()).unwrap().find("a"), Some(path.clone()), "the key is kept");
        // the code of one entry is not that of another
        fs::copy(&path, folder.path().join("b.cwasm")).unwrap();
        fs::copy(folder.path().join("a.mac"), folder.path().join("b.mac")).unwrap();
        assert_eq!(cache.find("b"), None);
        fs::write(&path, b"c0de").unwrap();
        assert_eq!(cache.find("a"), None);
        fs::write(&path, b"code").unwrap();
        fs::remove_file(folder.path().join("key")).unwrap();
        assert_eq!(Cache::open(folder.path()).unwrap().find("a"), None, "another key");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_or_write_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(&folder.path().join("plugins")).unwrap();
        let path = cache.put("a", |file| file.write_all(b"code")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("plugins")), 0o700);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folder.path().join("plugins/key")), 0o600);
    }

    #[test]
    fn what_a_crash_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        fs::write(cache.temporary("wasm"), b"x").unwrap();
        let left = || {
            fs::read_dir(folder.path()).unwrap().flatten().any(|e| e.file_name().to_string_lossy().starts_with("tmp-"))
        };
        assert!(left());
        Cache::open(folder.path()).unwrap();
        assert!(!left());
    }
}
