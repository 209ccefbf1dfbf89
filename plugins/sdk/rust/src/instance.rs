//! The one value of the plugin's type that an instance has.

use std::cell::RefCell;

/// Holds what `init` made.
#[derive(Debug)]
pub struct Slot<T>(RefCell<Option<T>>);

impl<T> Slot<T> {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// Puts what `init` made into it, or gives its failure.
    ///
    /// # Errors
    ///
    /// What `made` says.
    pub fn put(&self, made: Result<T, String>) -> Result<(), String> {
        *self.0.borrow_mut() = Some(made?);
        Ok(())
    }

    /// Works on it.
    ///
    /// # Errors
    ///
    /// When there is none, since `init` was not called or failed.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Result<R, String> {
        match &mut *self.0.borrow_mut() {
            Some(value) => Ok(work(value)),
            None => Err("init was not called".to_owned()),
        }
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}
