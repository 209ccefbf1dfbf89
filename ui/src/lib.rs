//! The web page of Lincei: one client-side Leptos application that talks to the documented HTTP
//! API under `/api/v1` and to nothing else.
//!
//! What decides is plain Rust and is tested natively: the view as a link ([`url_state`]), time
//! ranges and their texts ([`time_range`], [`calendar`]), search text ([`query_text`]), the SQL the
//! page runs ([`statement`]), buckets and bars ([`histogram`]), scales, stacks and labels of charts
//! ([`chart`]), names and errors in code ([`editor`]), which rows are drawn ([`virtual_list`]) and
//! fetched ([`pager`]). What draws and fetches exists for `wasm32` only.

pub mod calendar;
pub mod chart;
pub mod code;
pub mod completion;
pub mod dashboard;
pub mod editor;
pub mod facet;
pub mod failure;
pub mod histogram;
pub mod keys;
pub mod log_row;
pub mod name_list;
pub mod number;
pub mod order;
pub mod pager;
pub mod palette;
pub mod patterns;
pub mod pipeline_draft;
pub mod plan_tree;
pub mod plugin_limits;
pub mod plugin_script;
pub mod prometheus;
pub mod query_text;
pub mod quick_chart;
pub mod record_diff;
pub mod record_sample;
pub mod result_set;
pub mod saved_view;
pub mod schema;
pub mod services;
pub mod settings;
pub mod severity;
pub mod snippet;
pub mod sql_history;
pub mod sql_text;
pub mod statement;
#[expect(missing_docs, reason = "the fields are named for what they say, and the values beside them say it")]
pub mod strings;
pub mod tail;
pub mod time_range;
pub mod url_state;
pub mod virtual_list;

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod ask;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod bundle;
#[cfg(target_arch = "wasm32")]
mod client;
#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "the component macro writes pub in its own output")]
mod components;
#[cfg(target_arch = "wasm32")]
mod context;
#[cfg(target_arch = "wasm32")]
mod download;
#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "the component macro writes pub in its own output")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod sql_names;

#[cfg(target_arch = "wasm32")]
pub use app::start;
