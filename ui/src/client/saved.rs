//! What the server keeps under a name: views, queries, dashboards. An id may come from a link, and be
//! anything.

use super::Client;
use crate::failure::Failure;
use crate::order;
use lincei_api::{NewSaved, SavedChange, SavedList, SavedObject, SavedVersion};
use serde_json::Value;

impl Client {
    /// What is saved of a kind, or of all, by name.
    pub(crate) async fn saved_list(&self, kind: Option<&str>) -> Result<SavedList, Failure> {
        let kind = kind.map(|kind| format!("?kind={kind}")).unwrap_or_default();
        self.get(&format!("/saved{kind}")).await
    }

    /// One of them, as it is or as it was.
    pub(crate) async fn saved(&self, id: &str, version: Option<u64>) -> Result<SavedObject, Failure> {
        let version = version.map(|version| format!("?version={version}")).unwrap_or_default();
        self.get(&format!("{}{version}", path(id))).await
    }

    /// What it was, the newest first.
    pub(crate) async fn saved_versions(&self, id: &str) -> Result<Vec<SavedVersion>, Failure> {
        let mut versions: Vec<SavedVersion> = self.get(&format!("{}/versions", path(id))).await?;
        order::by_key(&mut versions, |version| std::cmp::Reverse(version.version));
        Ok(versions)
    }

    /// Saves something new.
    pub(crate) async fn save_new(&self, kind: &str, name: String, content: Value) -> Result<SavedObject, Failure> {
        self.change("POST", "/saved", &NewSaved { kind: kind.to_owned(), name, content }).await
    }

    /// Saves the next version; a conflict when `version` is not the latest.
    pub(crate) async fn save(
        &self,
        id: &str,
        name: String,
        content: Value,
        version: u64,
    ) -> Result<SavedObject, Failure> {
        self.change("PUT", &path(id), &SavedChange { name, content, version }).await
    }

    /// Deletes it with its versions.
    pub(crate) async fn delete_saved(&self, id: &str) -> Result<(), Failure> {
        self.delete(&path(id)).await
    }
}

fn path(id: &str) -> String {
    format!("/saved/{}", String::from(js_sys::encode_uri_component(id)))
}
