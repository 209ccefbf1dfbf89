//! What must not be committed, whatever the kind of file: secrets, paths of one machine, addresses
//! of registries, unfinished marks.

use super::{File, Finding};

const ARCHITECTURE_LINES_MAX: usize = 300;
/// Folders that exist on the machine of whoever wrote the file.
const MACHINE_FOLDERS: [&str; 4] = ["work", "root", "home", "Users"];
/// Registries, split so that this file does not name them itself.
const REGISTRIES: [&[&str]; 6] = [
    &["registry", "npmjs", "org"],
    &["registry", "yarnpkg", "com"],
    &["files", "pythonhosted", "org"],
    &["pypi", "org"],
    &["deb", "debian", "org"],
    &["static", "crates", "io"],
];
/// How a secret starts, and how many characters of its alphabet follow at least. Formats as their
/// issuers document them: AWS, GitHub, GitLab, Slack, Google, npm, Stripe.
const SECRETS: [(&str, usize); 12] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("AIza", 35),
    ("npm_", 36),
    ("sk_live_", 24),
];
/// Marks of unfinished work, split like the registries.
const UNFINISHED: [[&str; 2]; 3] = [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"]];

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    // Written by cargo, which names its index there; it holds nothing else that a rule is about.
    if file.path == "Cargo.lock" {
        return;
    }
    if file.path == "ARCHITECTURE.md" && file.text.lines().count() > ARCHITECTURE_LINES_MAX {
        let message = format!("{} lines, at most {ARCHITECTURE_LINES_MAX}", file.text.lines().count());
        findings.push(Finding::new("file-length", &file.path, 0, message));
    }
    let npm_lock = file.path.ends_with("package-lock.json") || file.path.ends_with("npm-shrinkwrap.json");
    let code = file.has_extension(&["rs", "js", "mjs", "css", "html", "py", "sh", "sql", "toml", "yaml", "yml", "md"]);
    for (index, line) in file.text.lines().enumerate() {
        let mut finding = |rule, message: String| findings.push(Finding::new(rule, &file.path, index + 1, message));
        if let Some(folder) = machine_path(line) {
            finding("machine-path", format!("a path below /{folder}/ exists on one machine only"));
        }
        if let Some(prefix) = secret(line) {
            finding("secret", format!("looks like a secret ({prefix}…)"));
        }
        if npm_lock && line.contains("\"resolved\"") {
            finding("registry", "a lock file names the registry: npm's omit-lockfile-registry-resolved".to_owned());
        }
        if !npm_lock && let Some(host) = registry(line) {
            finding("registry", format!("names the package registry {host}"));
        }
        if code && let Some(mark) = unfinished(line) {
            finding("unfinished", format!("`{mark}`: do it, or open an issue"));
        }
    }
}

/// `/home/…` and the like, when the path starts there: not in the middle of a longer path, a URL
/// or a name.
fn machine_path(line: &str) -> Option<&'static str> {
    MACHINE_FOLDERS.into_iter().find(|folder| {
        let needle = format!("/{folder}/");
        line.match_indices(&needle).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            let after = line.get(at + needle.len()..).and_then(|after| after.chars().next());
            before.is_none_or(|c| !(c.is_alphanumeric() || "_-.~}/*)>".contains(c)))
                && after.is_some_and(|c| c.is_alphanumeric() || c == '.')
        })
    })
}

fn secret(line: &str) -> Option<&'static str> {
    if line.contains("-----BEGIN ") && line.contains(&["PRIVATE", " KEY-----"].concat()) {
        return Some("PEM private key");
    }
    SECRETS.into_iter().find_map(|(prefix, length)| {
        let found = line.match_indices(prefix).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            let rest = line.get(at + prefix.len()..).unwrap_or_default();
            let follows = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).count();
            before.is_none_or(|c| !c.is_ascii_alphanumeric()) && follows >= length
        });
        found.then_some(prefix)
    })
}

fn registry(line: &str) -> Option<String> {
    REGISTRIES.iter().map(|parts| parts.join(".")).find(|host| line.contains(host.as_str()))
}

fn unfinished(line: &str) -> Option<String> {
    UNFINISHED.iter().map(|parts| parts.concat()).find(|mark| {
        line.match_indices(mark.as_str()).any(|(at, _)| {
            let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            let after = line.get(at + mark.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(word) && !after.is_some_and(word)
        })
    })
}
