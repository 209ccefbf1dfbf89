//! What the keyboard does when no field is being typed into.

use crate::url_state::Page;

/// Something a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put the cursor into the search bar.
    FocusSearch,
    /// To the next line.
    Down,
    /// To the line before.
    Up,
    /// One view down.
    PageDown,
    /// One view up.
    PageUp,
    /// To the newest line.
    First,
    /// To the oldest line.
    Last,
    /// Open the details of the line.
    Open,
    /// Close what is open, cancel what runs.
    Escape,
    /// Run the search again.
    Refresh,
    /// Follow new lines as they come, or stop.
    Live,
    /// List the keys.
    Help,
    /// To a page.
    Go(Page),
    /// Open the command palette; also while a field is typed into.
    Palette,
}

/// Remembers the `g` of a `g l`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    going: bool,
}

impl Keys {
    /// Takes the `key` of a keyboard event (UI Events specification) without Ctrl, Alt or Meta.
    /// `typing` is whether a field has the focus, `pressing` whether something that Enter presses
    /// by itself has.
    pub fn pressed(&mut self, key: &str, typing: bool, pressing: bool) -> Option<Action> {
        let going = std::mem::take(&mut self.going);
        if key == "Escape" {
            return Some(Action::Escape);
        }
        if typing {
            return None;
        }
        if going {
            return Page::ALL.into_iter().find(|page| page.letter() == key).map(Action::Go);
        }
        match key {
            "g" => {
                self.going = true;
                None
            }
            "/" => Some(Action::FocusSearch),
            "j" | "ArrowDown" => Some(Action::Down),
            "k" | "ArrowUp" => Some(Action::Up),
            "PageDown" => Some(Action::PageDown),
            "PageUp" => Some(Action::PageUp),
            "Home" => Some(Action::First),
            "End" => Some(Action::Last),
            "Enter" if !pressing => Some(Action::Open),
            "r" => Some(Action::Refresh),
            "f" => Some(Action::Live),
            "?" => Some(Action::Help),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_commands_only_outside_of_fields() {
        let mut keys = Keys::default();
        assert_eq!(keys.pressed("j", false, false), Some(Action::Down));
        assert_eq!(keys.pressed("j", true, false), None);
        assert_eq!(keys.pressed("/", true, false), None);
        assert_eq!(keys.pressed("Escape", true, false), Some(Action::Escape));
        assert_eq!(keys.pressed("Enter", false, true), None);
        assert_eq!(keys.pressed("Enter", false, false), Some(Action::Open));
        assert_eq!(keys.pressed("q", false, false), None);
    }

    #[test]
    fn g_waits_for_one_letter() {
        let mut keys = Keys::default();
        assert_eq!(keys.pressed("g", false, false), None);
        assert_eq!(keys.pressed("l", false, false), Some(Action::Go(Page::Logs)));
        assert_eq!(keys.pressed("l", false, false), None);
        keys.pressed("g", false, false);
        assert_eq!(keys.pressed("j", false, false), None, "g j is nothing");
        assert_eq!(keys.pressed("j", false, false), Some(Action::Down));
    }

    #[test]
    fn every_page_has_a_letter_of_its_own() {
        let letters: std::collections::BTreeSet<_> = Page::ALL.map(Page::letter).into();
        assert_eq!(letters.len(), Page::ALL.len());
    }
}
