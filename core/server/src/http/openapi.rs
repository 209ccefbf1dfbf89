//! `GET /api/v1/openapi.json`.

use axum::Json;
use utoipa::OpenApi as _;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Lincei", description = "Logs, metrics and traces in one binary.", license(name = "Apache-2.0")),
    paths(
        super::accounts::change_password,
        super::accounts::create,
        super::accounts::list,
        super::accounts::remove,
        super::audit::list,
        super::fields::complete,
        super::deletions::cancel,
        super::deletions::list,
        super::deletions::show,
        super::deletions::start,
        super::health::alive,
        super::health::metrics,
        super::health::ready,
        super::ingest::logs,
        super::keys::create,
        super::keys::list,
        super::keys::revoke,
        super::logs::facets::count,
        super::logs::histogram::count,
        super::logs::patterns::find,
        super::logs::surrounding::show,
        super::logs::tail::follow,
        super::otlp::logs,
        super::otlp::metrics,
        super::otlp::traces,
        super::pipelines::list,
        super::pipelines::preview,
        super::pipelines::save,
        super::plugins::activate,
        super::plugins::configure,
        super::plugins::list,
        super::plugins::log,
        super::plugins::remove,
        super::plugins::show,
        super::plugins::source,
        super::plugins::try_out,
        super::plugins::upload,
        super::plugins::versions,
        super::queries::cancel,
        super::queries::list,
        super::saved::change,
        super::saved::create,
        super::saved::list,
        super::saved::remove,
        super::saved::show,
        super::saved::versions,
        super::session::show,
        super::session::sign_in,
        super::session::sign_out,
        super::settings::change_storage,
        super::settings::storage,
        super::sql::run,
        super::status::show,
        super::storage::show,
        super::system::backup,
        super::system::check,
        super::system::flush,
    )
)]
struct Document;

/// The document of everything above.
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed document is what readers and generators use: it changes only on purpose.
    #[test]
    fn the_committed_document_is_up_to_date() {
        let made = Document::openapi().to_pretty_json().unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if std::env::var_os("LINCEI_BLESS").is_some() {
            std::fs::write(path, &made).unwrap();
        } else {
            assert!(
                made == kept,
                "openapi.json differs from the handlers: run the tests with LINCEI_BLESS=1 and review the difference"
            );
        }
    }

    #[test]
    fn every_route_is_documented() {
        let routes = include_str!("../http.rs");
        let document = Document::openapi();
        let known: Vec<&str> = document.paths.paths.keys().map(String::as_str).collect();
        for line in routes.lines().filter_map(|l| l.trim().split_once(".route(\"")).map(|(_, rest)| rest) {
            let route = line.split('"').next().unwrap();
            if route == "/api/v1/openapi.json" {
                continue;
            }
            assert!(
                known.iter().any(|k| *k == route || *k == format!("/api/v1{route}")),
                "{route} is not in the document"
            );
        }
    }
}
