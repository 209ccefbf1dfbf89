//! One file per page.

mod logs;
mod sign_in;

pub(crate) use logs::LogsPage;
pub(crate) use sign_in::SignInPage;
