//! Moving and resizing panels, by pointer and by keyboard.

use super::board::Board;
use crate::browser;
use crate::dashboard::{COLUMNS, Direction, Layout, Place};
use crate::strings::dashboards::text;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Height of a row of the grid, and the space between two; the style sheet has the same.
pub(super) const ROW: f64 = 32.0;
pub(super) const GAP: f64 = 8.0;
/// How near an edge of the view the pointer scrolls it, and by how much.
const EDGE: f64 = 36.0;
const SCROLL: i32 = 14;

/// What is moved by a pointer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drag {
    pub(super) id: String,
    resizes: bool,
    /// The layout before, and where the panel was in it.
    before: Layout,
    start: Place,
    /// Where the pointer was, in pixels from the corner of the grid.
    from: (f64, f64),
    /// Width of a column with its gap.
    column: f64,
    /// How far the panel is from the place where it would be put down, in pixels.
    pub(super) off: (f64, f64),
}

/// What is moved; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Mover {
    pub(super) board: Board,
    pub(super) grid: NodeRef<leptos::html::Div>,
    pub(super) drag: RwSignal<Option<Drag>>,
    /// The panel that the keyboard moves, and the layout before.
    pub(super) keyed: RwSignal<Option<(String, Layout)>>,
}

impl Mover {
    pub(super) fn new(board: Board) -> Self {
        Self { board, grid: NodeRef::new(), drag: RwSignal::new(None), keyed: RwSignal::new(None) }
    }

    /// Takes a panel by its grip, or by its corner.
    pub(super) fn take(self, id: &str, resizes: bool, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let before = self.board.layout.get_untracked();
        let Some((start, (from, width))) = before.place(id).zip(self.point(event)) else { return };
        if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            drop(target.set_pointer_capture(event.pointer_id()));
        }
        let column = (width + GAP) / f64::from(COLUMNS);
        self.keyed.set(None);
        let id = id.to_owned();
        self.drag.set(Some(Drag { id, resizes, before, start, from, column, off: (0.0, 0.0) }));
    }

    /// The pointer in pixels from the corner of the grid, and the width of that.
    fn point(self, event: &PointerEvent) -> Option<((f64, f64), f64)> {
        let area = self.grid.get_untracked()?.get_bounding_client_rect();
        let point = (f64::from(event.client_x()) - area.left(), f64::from(event.client_y()) - area.top());
        Some((point, area.width()))
    }

    /// Follows the pointer.
    pub(super) fn follow(self, event: &PointerEvent) {
        let Some(mut drag) = self.drag.get_untracked() else { return };
        self.scroll_at_edge(event);
        let Some(((x, y), _)) = self.point(event) else { return };
        let (dx, dy) = (x - drag.from.0, y - drag.from.1);
        let row = ROW + GAP;
        let steps = |distance: f64, pitch: f64| (distance / pitch).round() as i64;
        let (columns, rows) = (steps(dx, drag.column), steps(dy, row));
        let shifted = |at: u32, by: i64| u32::try_from((i64::from(at) + by).max(0)).unwrap_or(u32::MAX);
        let layout = if drag.resizes {
            drag.before.resized(&drag.id, shifted(drag.start.w, columns), shifted(drag.start.h, rows))
        } else {
            drag.before.moved(&drag.id, shifted(drag.start.x, columns), shifted(drag.start.y, rows))
        };
        if let Some(place) = layout.place(&drag.id).filter(|_| !drag.resizes) {
            let moved = |to: u32, from: u32| f64::from(to) - f64::from(from);
            drag.off = (dx - moved(place.x, drag.start.x) * drag.column, dy - moved(place.y, drag.start.y) * row);
        }
        if self.board.moving.with_untracked(|moving| moving.as_ref() != Some(&layout)) {
            self.board.moving.set(Some(layout));
        }
        self.drag.set(Some(drag));
    }

    fn scroll_at_edge(self, event: &PointerEvent) {
        let grid = self.grid.get_untracked();
        let Some(scroller) = grid.and_then(|grid| grid.closest(".board-scroll").ok().flatten()) else { return };
        let (area, y) = (scroller.get_bounding_client_rect(), f64::from(event.client_y()));
        let by = if y < area.top() + EDGE {
            -SCROLL
        } else if y > area.bottom() - EDGE {
            SCROLL
        } else {
            return;
        };
        scroller.set_scroll_top(scroller.scroll_top() + by);
    }

    /// Puts the panel down, or back.
    pub(super) fn release(self, kept: bool) {
        let Some(drag) = self.drag.get_untracked() else { return };
        self.drag.set(None);
        match self.board.moving.get_untracked().filter(|_| kept) {
            Some(layout) => self.board.arrange(&layout),
            None => self.board.moving.set(None),
        }
        if !kept {
            self.board.said.set((text().panel.put_back)(&title(self.board, &drag.id)));
        }
    }

    /// A key on the grip of a panel; true when it did something.
    pub(super) fn key(self, id: &str, event: &KeyboardEvent) -> bool {
        let moves = self.keyed.with_untracked(|keyed| keyed.as_ref().is_some_and(|(known, _)| known == id));
        let direction = match event.key().as_str() {
            "Escape" if self.drag.with_untracked(Option::is_some) => {
                self.release(false);
                return true;
            }
            "Enter" | " " if moves => {
                self.put_down();
                // the panels are in another order now, and what moves in the document loses the focus
                let grip = grip_id(id);
                request_animation_frame(move || browser::focus(&grip));
                return true;
            }
            "Enter" | " " => {
                self.keyed.set(Some((id.to_owned(), self.board.layout.get_untracked())));
                self.say(id);
                return true;
            }
            "Escape" if moves => {
                self.board.moving.set(None);
                self.keyed.set(None);
                self.board.said.set((text().panel.put_back)(&title(self.board, id)));
                return true;
            }
            "ArrowLeft" => Direction::Left,
            "ArrowRight" => Direction::Right,
            "ArrowUp" => Direction::Up,
            "ArrowDown" => Direction::Down,
            _ => return false,
        };
        if moves {
            let layout = self.board.layout.get_untracked();
            let next = if event.shift_key() { layout.grown(id, direction) } else { layout.stepped(id, direction) };
            self.board.moving.set(Some(next));
            self.say(id);
        }
        moves
    }

    /// Ends moving by keyboard; the panel stays where it is.
    pub(super) fn put_down(self) {
        let Some((id, _)) = self.keyed.get_untracked() else { return };
        self.keyed.set(None);
        if let Some(layout) = self.board.moving.get_untracked() {
            self.board.arrange(&layout);
        }
        self.board.said.set((text().panel.dropped)(&title(self.board, &id), &place_text(self.board, &id)));
    }

    fn say(self, id: &str) {
        self.board.said.set((text().panel.moving)(&title(self.board, id), &place_text(self.board, id)));
    }
}

fn place_text(board: Board, id: &str) -> String {
    let place = board.layout.with_untracked(|layout| layout.place(id)).unwrap_or_default();
    (text().panel.at)(place.x + 1, place.y + 1, place.w, place.h)
}

/// Id of the grip of a panel.
pub(super) fn grip_id(id: &str) -> String {
    format!("panel-{id}-grip")
}

/// Title of a panel of the draft.
pub(super) fn title(board: Board, id: &str) -> String {
    let title = board.shown.with_untracked(|shown| shown.panel(id).map(|panel| panel.title.clone()));
    title.filter(|title| !title.is_empty()).unwrap_or_else(|| text().panel.untitled.to_owned())
}
