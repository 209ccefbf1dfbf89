//! The files of `ui/dist`. Everything below `assets/` carries a hash of its content in its name,
//! so that it can be cached for ever.

use crate::workspace::{read, walk, write};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// The style sheets that come first, in this order: the others build on them.
const FIRST_SHEETS: [&str; 2] = ["tokens.css", "components.css"];

/// A folder that becomes `ui/dist`.
pub(super) struct Dist {
    folder: PathBuf,
}

/// Addresses of what the page loads first, relative to the folder.
pub(super) struct Addresses<'a> {
    pub(super) css: &'a str,
    pub(super) loader: &'a str,
    pub(super) script: &'a str,
    pub(super) wasm: &'a str,
}

impl Dist {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes `name.ext` as `assets/name-<hash>.ext`; returns that path.
    pub(super) fn add_hashed(&self, name: &str, bytes: &[u8]) -> Result<String> {
        let (stem, extension) = name.split_once('.').with_context(|| format!("asset `{name}` has no extension"))?;
        let path = format!("assets/{stem}-{}.{extension}", short_hash(bytes));
        write(&self.folder.join(&path), bytes)?;
        Ok(path)
    }

    /// Copies a folder as `assets/name-<hash of everything in it>`; returns the name with the hash
    /// and the paths of the files. `None` when there is no such folder.
    pub(super) fn add_folder_hashed(&self, name: &str, from: &Path) -> Result<Option<(String, Vec<String>)>> {
        let mut files = Vec::new();
        let mut all = Vec::new();
        for path in walk(from, &|_| true)? {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let inner = path.strip_prefix(from).unwrap_or(&path).to_string_lossy().into_owned();
            all.extend_from_slice(inner.as_bytes());
            all.extend_from_slice(&bytes);
            files.push((inner, bytes));
        }
        if files.is_empty() {
            return Ok(None);
        }
        let name = format!("{name}-{}", short_hash(&all));
        let mut paths = Vec::new();
        for (inner, bytes) in files {
            let path = format!("assets/{name}/{inner}");
            write(&self.folder.join(&path), bytes)?;
            paths.push(path);
        }
        Ok(Some((name, paths)))
    }

    /// Copies a folder's contents under their own names.
    pub(super) fn copy_all(&self, from: &Path) -> Result<()> {
        for path in walk(from, &|_| true)? {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            write(&self.folder.join(path.strip_prefix(from).unwrap_or(&path)), bytes)?;
        }
        Ok(())
    }

    /// Bytes of a file, and of its brotli copy where there is one.
    pub(super) fn sizes(&self, name: &str) -> Result<(u64, u64)> {
        let size = |path: PathBuf| std::fs::metadata(path).map(|metadata| metadata.len());
        let plain = size(self.folder.join(name)).with_context(|| format!("{name} was not written"))?;
        Ok((plain, size(self.folder.join(format!("{name}.br"))).unwrap_or(plain)))
    }
}

fn short_hash(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

/// The module that starts the page. A file of its own, since the content security policy allows no
/// inline script.
pub(super) fn loader(script: &str, wasm: &str, bundles: Map<String, Value>) -> String {
    let bundles = Value::Object(bundles);
    format!(
        "import init from \"/{script}\";\nglobalThis.linceiBundles = {bundles};\nawait init({{ module_or_path: \"/{wasm}\" }});\n"
    )
}

/// All style sheets as one.
pub(super) fn style_sheet(folder: &Path) -> Result<String> {
    let mut sheets: Vec<PathBuf> = walk(folder, &|_| true)?;
    sheets.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    if sheets.is_empty() {
        bail!("no style sheet in {}", folder.display());
    }
    let rank =
        |path: &PathBuf| FIRST_SHEETS.iter().position(|first| path.ends_with(first)).unwrap_or(FIRST_SHEETS.len());
    sheets.sort_by_key(|path| (rank(path), path.clone()));
    let texts: Result<Vec<String>> = sheets.iter().map(|path| read(path)).collect();
    Ok(texts?.join("\n"))
}

/// The page's document. The program is fetched while the loader is still on its way.
pub(super) fn index(template: &str, addresses: &Addresses<'_>) -> Result<String> {
    for placeholder in ["{{css}}", "{{js}}", "</head>"] {
        if template.matches(placeholder).count() != 1 {
            bail!("ui/index.html must hold {placeholder} exactly once");
        }
    }
    let preload = format!(
        "<link rel=\"modulepreload\" href=\"/{}\">\n<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"/{}\">\n</head>",
        addresses.script, addresses.wasm
    );
    let html = template
        .replace("{{css}}", &format!("/{}", addresses.css))
        .replace("{{js}}", &format!("/{}", addresses.loader))
        .replace("</head>", &preload);
    match html.split_once("{{") {
        Some((_, rest)) => {
            bail!("ui/index.html has an unknown placeholder {{{{{}", rest.chars().take(20).collect::<String>())
        }
        None => Ok(html),
    }
}

/// What a document makes the browser fetch from this server, as paths relative to its root.
pub(super) fn addresses(html: &str) -> Vec<String> {
    let quoted = ["src=\"/", "href=\"/"].into_iter().flat_map(|attribute| html.split(attribute).skip(1));
    let mut found: Vec<String> = quoted.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
    found.retain(|path| !path.is_empty());
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESSES: Addresses<'_> =
        Addresses { css: "assets/a.css", loader: "assets/l.js", script: "assets/s.js", wasm: "assets/w.wasm" };

    #[test]
    fn names_follow_the_content() {
        let folder = tempfile::tempdir().unwrap();
        let dist = Dist::new(folder.path().to_path_buf());
        let one = dist.add_hashed("app.min.js", b"1").unwrap();
        let two = dist.add_hashed("app.min.js", b"2").unwrap();
        assert_ne!(one, two);
        assert_eq!(one, dist.add_hashed("app.min.js", b"1").unwrap());
        assert!(one.starts_with("assets/app-") && one.ends_with(".min.js"), "{one}");
        assert_eq!(std::fs::read(folder.path().join(one)).unwrap(), b"1");
        assert!(dist.add_hashed("app", b"1").is_err());
    }

    #[test]
    fn folders_follow_all_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let dist = Dist::new(folder.path().join("dist"));
        let from = folder.path().join("snippets");
        assert!(dist.add_folder_hashed("snippets", &from).unwrap().is_none());
        write(&from.join("x/a.js"), "1").unwrap();
        let (one, files) = dist.add_folder_hashed("snippets", &from).unwrap().unwrap();
        assert_eq!(files, [format!("assets/{one}/x/a.js")]);
        write(&from.join("x/a.js"), "2").unwrap();
        let (two, _) = dist.add_folder_hashed("snippets", &from).unwrap().unwrap();
        assert_ne!(one, two);
    }

    #[test]
    fn sheets_are_joined_tokens_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["logs.css", "components.css", "app.css", "tokens.css"] {
            write(&folder.path().join(name), name).unwrap();
        }
        write(&folder.path().join("README.md"), "no sheet").unwrap();
        assert_eq!(style_sheet(folder.path()).unwrap(), "tokens.css\ncomponents.css\napp.css\nlogs.css");
        assert!(style_sheet(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn template_is_filled_in() {
        let html = index("<head><link href=\"{{css}}\"><script src=\"{{js}}\"></script></head>", &ADDRESSES).unwrap();
        assert!(html.contains("href=\"/assets/a.css\"") && html.contains("src=\"/assets/l.js\""), "{html}");
        assert!(
            html.contains("modulepreload\" href=\"/assets/s.js\"") && html.contains("href=\"/assets/w.wasm\""),
            "{html}"
        );
    }

    #[test]
    fn addresses_of_a_document_are_found_once() {
        let html =
            r#"<a href="/"><a href=""><link href="/a.css"><img src="/i.svg"><img src="/i.svg"><a href="https://x/">"#;
        assert_eq!(addresses(html), ["a.css", "i.svg"]);
    }

    #[test]
    fn template_with_other_placeholders_is_refused() {
        for template in [
            "</head>{{css}}",
            "</head>{{js}}",
            "{{css}}{{js}}",
            "</head>{{css}}{{js}}{{js}}",
            "</head>{{css}}{{js}}{{x}}",
        ] {
            assert!(index(template, &ADDRESSES).is_err(), "{template}");
        }
    }

    #[test]
    fn loader_is_a_module_without_surprises() {
        let text = loader(
            "assets/s.js",
            "assets/w.wasm",
            Map::from_iter([("u.js".to_owned(), Value::from("/assets/u-1.js"))]),
        );
        assert_eq!(
            text,
            "import init from \"/assets/s.js\";\nglobalThis.linceiBundles = {\"u.js\":\"/assets/u-1.js\"};\nawait init({ module_or_path: \"/assets/w.wasm\" });\n"
        );
    }
}
