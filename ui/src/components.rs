//! Parts that pages are made of. They take plain values and know nothing of any page.

mod code;
mod copy_button;
mod failure_panel;
mod icon;
mod keys_dialog;
mod nav;
mod time_picker;

pub(crate) use code::Code;
pub(crate) use copy_button::CopyButton;
pub(crate) use failure_panel::FailurePanel;
pub(crate) use icon::{Icon, IconName, Mark};
pub(crate) use keys_dialog::KeysDialog;
pub(crate) use nav::{Nav, TabBar};
pub(crate) use time_picker::TimePicker;
