//! One module per page.

mod dashboards;
#[cfg(debug_assertions)]
mod gallery;
mod guide;
mod home;
mod logs;
mod settings;
mod sign_in;
mod sql;

pub(crate) use dashboards::DashboardsPage;
#[cfg(debug_assertions)]
pub(crate) use gallery::{GALLERY_PATH, GalleryPage};
pub(crate) use home::HomePage;
pub(crate) use logs::LogsPage;
pub(crate) use settings::SettingsPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use sql::SqlPage;
