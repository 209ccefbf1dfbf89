//! Which steps to run.

use anyhow::{Result, bail};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// Only print what there is.
    List,
    /// Names of steps.
    Steps(Vec<String>),
}

impl Chosen {
    #[cfg(test)]
    fn steps(names: &[&str]) -> Self {
        Self::Steps(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

/// Reads `--list`, `--only A,B` and `--skip A --skip B`; without `--only`, all but the skipped.
pub(super) fn parse(args: &[String], names: &[&str]) -> Result<Chosen> {
    let mut only: Vec<&str> = Vec::new();
    let mut skip: Vec<&str> = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        let list = match flag {
            "--list" => return Ok(Chosen::List),
            "--only" => &mut only,
            "--skip" => &mut skip,
            unknown => bail!("unknown argument `{unknown}`; `test` takes --only, --skip and --list"),
        };
        let Some(value) = value.or_else(|| words.next().map(String::as_str)) else { bail!("{flag} needs a step") };
        list.extend(value.split(','));
    }
    if let Some(unknown) = only.iter().chain(&skip).find(|name| !names.contains(name)) {
        bail!("no step `{unknown}`; there are {}", names.join(", "));
    }
    let chosen = names.iter().filter(|name| (only.is_empty() || only.contains(name)) && !skip.contains(name));
    Ok(Chosen::Steps(chosen.map(|name| (*name).to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["a", "b", "c", "d"];

    fn parsed(words: &[&str]) -> Result<Chosen> {
        parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &NAMES)
    }

    #[test]
    fn steps_keep_their_order() {
        for (words, expected) in [
            (&[][..], &["a", "b", "c", "d"][..]),
            (&["--only", "c,a"], &["a", "c"]),
            (&["--only=c", "--only", "b"], &["b", "c"]),
            (&["--skip", "b", "--skip=d"], &["a", "c"]),
            (&["--only", "a,b", "--skip", "b"], &["a"]),
        ] {
            assert_eq!(parsed(words).unwrap(), Chosen::steps(expected), "{words:?}");
        }
        assert_eq!(parsed(&["--list"]).unwrap(), Chosen::List);
    }

    #[test]
    fn unknown_words_are_refused() {
        for words in [&["--only", "x"][..], &["--skip", "a,x"], &["--only"], &["x"], &["--x"], &["--only", ""]] {
            assert!(parsed(words).is_err(), "{words:?}");
        }
    }
}
