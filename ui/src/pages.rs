//! One module per page.

mod dashboards;
mod form;
#[cfg(debug_assertions)]
mod gallery;
mod guide;
mod home;
mod live;
mod logs;
mod pipelines;
mod plugins;
mod settings;
mod shown;
mod sign_in;
mod sql;
mod trial;
mod view_link;

pub(crate) use dashboards::DashboardsPage;
#[cfg(debug_assertions)]
pub(crate) use gallery::{GALLERY_PATH, GalleryPage};
pub(crate) use home::HomePage;
pub(crate) use logs::LogsPage;
pub(crate) use pipelines::PipelinesPage;
pub(crate) use plugins::PluginsPage;
pub(crate) use settings::SettingsPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use sql::SqlPage;
