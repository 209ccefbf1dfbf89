//! Relative links of the Markdown files: the file must be there, and so must the heading. Links to
//! other machines are not followed.

use crate::workspace::{Workspace, read};
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Checks every Markdown file and prints the broken links; `true` when there is none.
pub(crate) fn command(workspace: &Workspace) -> Result<bool> {
    let files = workspace.files()?;
    let mut links = 0;
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| is_markdown(file)) {
        let text = read(&workspace.root.join(file))?;
        for (line, target) in targets(&text) {
            links += 1;
            if let Some(reason) = problem(&workspace.root, file, &text, &target) {
                broken.push(format!("{}:{line}: {target}: {reason}", file.display()));
            }
        }
    }
    broken.iter().for_each(|line| println!("{line}"));
    println!("links: {links} relative, {} broken", broken.len());
    Ok(broken.is_empty())
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// What is wrong with a relative link, if anything.
fn problem(root: &Path, file: &Path, own_text: &str, target: &str) -> Option<String> {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let (absolute, text) = if path.is_empty() {
        (root.join(file), own_text.to_owned())
    } else {
        let Some(inside) = resolve(file, path) else { return Some("leads out of the repository".to_owned()) };
        let absolute = root.join(inside);
        if !absolute.exists() {
            return Some("no such file".to_owned());
        }
        let text =
            if is_markdown(&absolute) { std::fs::read_to_string(&absolute).unwrap_or_default() } else { String::new() };
        (absolute, text)
    };
    let anchor = anchor?;
    let known = !is_markdown(&absolute) || anchors(&text).contains(anchor);
    (!known).then(|| format!("no heading for #{anchor}"))
}

/// A link's path relative to the root; `None` when it climbs out of it.
fn resolve(file: &Path, link: &str) -> Option<PathBuf> {
    let link = link.replace("%20", " ");
    let start = if link.starts_with('/') { PathBuf::new() } else { file.parent()?.to_path_buf() };
    let mut resolved = start;
    for part in Path::new(link.trim_start_matches('/')).components() {
        match part {
            Component::ParentDir => resolved = resolved.parent()?.to_path_buf(),
            Component::Normal(name) => resolved.push(name),
            _ => {}
        }
    }
    Some(resolved)
}

/// Relative link targets with their line: `[text](target "title")`, `![](target)`,
/// `[label]: target`, and `src` and `href` of inline HTML.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code_spans(line);
        for opening in ["](", "src=\"", "href=\""] {
            let closing = if opening == "](" { ')' } else { '"' };
            for (at, _) in line.match_indices(opening) {
                let rest = line.get(at + opening.len()..).unwrap_or_default();
                found.push((number, rest.split(closing).next().unwrap_or_default().to_owned()));
            }
        }
        if let Some((_, target)) = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
            found.push((number, target.to_owned()));
        }
    }
    found
        .into_iter()
        .map(|(number, target)| {
            let target = target.trim().trim_start_matches('<');
            (number, target.split([' ', '>']).next().unwrap_or_default().to_owned())
        })
        .filter(|(_, target)| !target.is_empty() && !is_elsewhere(target))
        .collect()
}

fn is_elsewhere(target: &str) -> bool {
    target.starts_with("//") || target.split(['/', '#']).next().is_some_and(|start| start.contains(':'))
}

/// Lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let marker = ["```", "~~~"].into_iter().find(|marker| line.trim_start().starts_with(marker));
        match (fence, marker) {
            (None, Some(marker)) => fence = Some(marker),
            (Some(open), Some(marker)) if open == marker => fence = None,
            (None, None) => return Some((index + 1, line)),
            _ => {}
        }
        None
    })
}

fn without_code_spans(line: &str) -> String {
    let mut parts = line.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        if index % 2 == 1 {
            out.push_str(part);
        }
    }
    out
}

/// The anchors of a file's headings as GitHub makes them: lower case, punctuation dropped, spaces
/// to hyphens, a number behind the second of the same name; and explicit `id`s.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(text) {
        for part in line.split("id=\"").skip(1) {
            found.extend(part.split('"').next().map(str::to_owned));
        }
        let level = line.chars().take_while(|c| *c == '#').count();
        let Some(heading) = line.get(level..).filter(|rest| (1..=6).contains(&level) && rest.starts_with(' ')) else {
            continue;
        };
        let slug = slug(heading.trim().trim_end_matches('#').trim());
        let mut name = slug.clone();
        let mut count = 0;
        while !found.insert(name.clone()) {
            count += 1;
            name = format!("{slug}-{count}");
        }
    }
    found
}

fn slug(heading: &str) -> String {
    // Of a link only the text is shown.
    let mut shown = String::new();
    let mut rest = heading;
    while let Some((before, after)) = rest.split_once("](") {
        shown.push_str(before);
        rest = after.split_once(')').map_or("", |(_, following)| following);
    }
    shown.push_str(rest);
    shown
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::write;

    #[test]
    fn relative_links_are_found() {
        let text = "[a](b.md) and ![i](img/c.png \"title\")\n[d]: <e.md> \"x\"\n<img src=\"f.svg\">\n\
            `[no](code.md)` [web](https://example.org/x.md) [mail](mailto:a@b) [g](#here)\n```\n[no](fence.md)\n```\n";
        let found: Vec<String> = targets(text).into_iter().map(|(line, target)| format!("{line}:{target}")).collect();
        assert_eq!(found, ["1:b.md", "1:img/c.png", "2:e.md", "3:f.svg", "4:#here"]);
    }

    #[test]
    fn anchors_are_those_of_github() {
        // Expected values: how github.com renders these headings.
        let text = "# Ports and paths\n## `lincei serve`: flags!\n## A\n## A\n### [Link](x.md) text\n#no\n```\n# code\n```\n<a id=\"own\"></a>\n";
        let expected = ["a", "a-1", "lincei-serve-flags", "link-text", "own", "ports-and-paths"];
        assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn links_resolve_inside_the_repository() {
        let at =
            |file: &str, link: &str| resolve(Path::new(file), link).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(at("docs/a.md", "b.md").as_deref(), Some("docs/b.md"));
        assert_eq!(at("docs/a.md", "../README.md").as_deref(), Some("README.md"));
        assert_eq!(at("docs/a.md", "/LICENSE").as_deref(), Some("LICENSE"));
        assert_eq!(at("docs/a.md", "./x%20y.md").as_deref(), Some("docs/x y.md"));
        assert_eq!(at("docs/a.md", "../../x.md"), None);
    }

    #[test]
    fn broken_links_are_reported() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("docs/b.md"), "# There\n").unwrap();
        write(&folder.path().join("x.rs"), "").unwrap();
        let check = |target: &str| problem(folder.path(), Path::new("docs/a.md"), "# Here\n", target);
        for good in ["b.md", "b.md#there", "#here", "../x.rs#L10", "../docs"] {
            assert_eq!(check(good), None, "{good}");
        }
        for bad in ["c.md", "b.md#here", "#there", "../../b.md", "../docs/B.md"] {
            assert!(check(bad).is_some(), "{bad}");
        }
    }
}
