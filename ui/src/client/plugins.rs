//! Plugins and pipelines. A name may come from a link, and be anything.

use super::{Body, Client, failed, parse};
use crate::failure::Failure;
use crate::order;
use lincei_api::{
    PipelineChange, PipelineList, PluginActivation, PluginInfo, PluginList, PluginLogLine, PluginScript,
    PluginSettings, PluginVersion,
};
use serde_json::Value;

impl Client {
    /// All plugins.
    pub(crate) async fn plugins(&self) -> Result<PluginList, Failure> {
        self.get("/plugins").await
    }

    /// One of them.
    pub(crate) async fn plugin(&self, name: &str) -> Result<PluginInfo, Failure> {
        self.get(&path(name)).await
    }

    /// Its versions, the newest first.
    pub(crate) async fn plugin_versions(&self, name: &str) -> Result<Vec<PluginVersion>, Failure> {
        let mut versions: Vec<PluginVersion> = self.get(&format!("{}/versions", path(name))).await?;
        order::by_key(&mut versions, |version| std::cmp::Reverse(version.version));
        Ok(versions)
    }

    /// The script of a version.
    pub(crate) async fn plugin_source(&self, name: &str, version: u64) -> Result<String, Failure> {
        let path = format!("{}/versions/{version}/source", path(name));
        self.text("GET", &path, None, None).await.map_err(failed)
    }

    /// The lines that it wrote.
    pub(crate) async fn plugin_log(&self, name: &str) -> Result<Vec<PluginLogLine>, Failure> {
        self.get(&format!("{}/log", path(name))).await
    }

    /// A script as its next version, which takes over when it is good.
    pub(crate) async fn save_script(&self, name: &str, script: &PluginScript) -> Result<Value, Failure> {
        self.change("POST", &format!("{}/versions?activate=true", path(name)), script).await
    }

    /// WebAssembly as its next version.
    pub(crate) async fn upload_plugin(
        &self,
        name: &str,
        file: &web_sys::Blob,
        activate: bool,
    ) -> Result<Value, Failure> {
        let body = Body { media_type: "application/wasm", content: file.into() };
        let address = format!("{}/versions?activate={activate}", path(name));
        parse(&self.text("POST", &address, Some(body), None).await.map_err(failed)?)
    }

    /// Has another version take over.
    pub(crate) async fn activate_plugin(&self, name: &str, version: u64) -> Result<Value, Failure> {
        self.change("PUT", &format!("{}/active", path(name)), &PluginActivation { version }).await
    }

    /// Changes what it may use, its configuration, or whether it works.
    pub(crate) async fn set_plugin(&self, name: &str, settings: &PluginSettings) -> Result<Value, Failure> {
        self.change("PUT", &format!("{}/settings", path(name)), settings).await
    }

    /// Deletes it with its versions.
    pub(crate) async fn delete_plugin(&self, name: &str) -> Result<(), Failure> {
        self.delete(&path(name)).await
    }

    /// The pipelines of all signals.
    pub(crate) async fn pipelines(&self) -> Result<PipelineList, Failure> {
        self.get("/pipelines").await
    }

    /// Saves the steps of a signal; a conflict when the revision is not the latest.
    pub(crate) async fn save_pipeline(&self, signal: &str, change: &PipelineChange) -> Result<Value, Failure> {
        self.change("PUT", &format!("/pipelines/{signal}"), change).await
    }
}

fn path(name: &str) -> String {
    format!("/plugins/{}", String::from(js_sys::encode_uri_component(name)))
}
