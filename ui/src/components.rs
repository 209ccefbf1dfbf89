//! Parts that pages are made of. They take plain values and know nothing of any page.

#[expect(clippy::allow_attributes, reason = "what no page uses yet changes from page to page")]
#[allow(dead_code, unused_imports, reason = "the sheet that shows every component is no part of a released page")]
mod chart;
mod code;
#[expect(clippy::allow_attributes, reason = "what no page uses yet changes from page to page")]
#[allow(dead_code, reason = "the sheet that shows every component is no part of a released page")]
mod code_editor;
mod copy_button;
mod data_view;
mod dialog;
mod failure_panel;
mod icon;
mod keys_dialog;
mod nav;
mod page_head;
mod palette;
mod progress_strip;
mod show;
mod tabs;
mod time_picker;

pub(crate) use chart::{BarChart, Exports, HeatMap, LegendStyle, SingleValue, Sparkline, TimeChart};
pub(crate) use code::Code;
pub(crate) use code_editor::{CodeEditor, EditorHandle, EditorLanguage};
pub(crate) use copy_button::CopyButton;
pub(crate) use data_view::{Cancelled, DataView};
pub(crate) use dialog::Dialog;
pub(crate) use failure_panel::FailurePanel;
pub(crate) use icon::{Icon, IconName, Mark};
pub(crate) use keys_dialog::KeysDialog;
pub(crate) use nav::{Nav, TabBar};
pub(crate) use page_head::PageHead;
pub(crate) use palette::Palette;
pub(crate) use progress_strip::ProgressStrip;
pub(crate) use show::Show;
pub(crate) use tabs::Tabs;
pub(crate) use time_picker::TimePicker;
