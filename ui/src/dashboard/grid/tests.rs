use super::*;

fn layout(places: &[(&str, [u32; 4])]) -> Layout {
    Layout::new(places.iter().map(|(id, [x, y, w, h])| ((*id).to_owned(), Place { x: *x, y: *y, w: *w, h: *h })))
}

/// What every result has to be: on the grid, without overlaps, and nothing that could move up.
fn check(layout: &Layout) {
    for (at, (id, place)) in layout.places.iter().enumerate() {
        assert!(place.x + place.w <= COLUMNS && place.w >= WIDTH_MIN && place.h >= HEIGHT_MIN, "{id} {place:?}");
        for (other_id, other) in layout.places.iter().skip(at + 1) {
            assert!(!place.overlaps(*other), "{id} {place:?} overlaps {other_id} {other:?}");
        }
        let rests = layout.places.iter().any(|(_, o)| o.bottom() == place.y && !o.beside(*place));
        assert!(place.y == 0 || rests, "{id} floats at {place:?}");
    }
    assert_eq!(layout.compact(), *layout, "compacting again changes something");
}

fn at(layout: &Layout, id: &str) -> [u32; 4] {
    layout.place(id).map(|p| [p.x, p.y, p.w, p.h]).unwrap_or_default()
}

/// Two rows: a and b side by side, c below over the whole width.
fn three() -> Layout {
    layout(&[("a", [0, 0, 12, 8]), ("b", [12, 0, 12, 8]), ("c", [0, 8, 24, 4])])
}

#[test]
fn what_overlaps_or_floats_is_mended() {
    let mended = layout(&[("a", [0, 5, 12, 8]), ("b", [6, 6, 12, 8]), ("c", [20, 40, 9, 1])]).compact();
    check(&mended);
    assert_eq!(at(&mended, "a"), [0, 0, 12, 8]);
    assert_eq!(at(&mended, "b"), [6, 8, 12, 8]);
    assert_eq!(at(&mended, "c"), [15, 16, 9, 2], "off the grid and too low");
}

#[test]
fn a_panel_moved_down_swaps_when_it_has_passed_by_half() {
    let stack = layout(&[("a", [0, 0, 12, 8]), ("b", [0, 8, 12, 8])]);
    assert_eq!(stack.moved("a", 0, 4), stack, "its lower edge is at the middle of b");
    let swapped = stack.moved("a", 0, 5);
    assert_eq!((at(&swapped, "b"), at(&swapped, "a")), ([0, 0, 12, 8], [0, 8, 12, 8]));
    assert_eq!(swapped.moved("a", 0, 5), swapped, "not yet above the middle of b");
    assert_eq!(swapped.moved("a", 0, 3), stack);
}

#[test]
fn a_panel_in_the_way_goes_below() {
    let moved = three().moved("a", 12, 0);
    check(&moved);
    assert_eq!((at(&moved, "a"), at(&moved, "b")), ([12, 0, 12, 8], [12, 8, 12, 8]));
    assert_eq!(at(&moved, "c"), [0, 16, 24, 4]);
    assert_eq!(three().moved("nobody", 3, 3), three());
    assert_eq!(at(&three().moved("a", 99, 0), "a")[0], 12, "not beyond the right edge");
}

#[test]
fn sizes_stay_within_the_grid() {
    let wide = three().resized("a", 30, 8);
    check(&wide);
    assert_eq!((at(&wide, "a"), at(&wide, "b")), ([0, 0, 24, 8], [12, 8, 12, 8]));
    assert_eq!(at(&three().resized("b", 30, 1), "b"), [12, 0, 12, HEIGHT_MIN]);
    assert_eq!(at(&three().resized("b", 0, 900), "b"), [12, 0, WIDTH_MIN, HEIGHT_MAX]);
}

#[test]
fn a_step_leads_to_the_next_place_that_is_different() {
    let down = three().stepped("a", Direction::Down);
    check(&down);
    assert_eq!((at(&down, "c"), at(&down, "a")), ([0, 8, 24, 4], [0, 12, 12, 8]));
    assert_eq!(down.stepped("a", Direction::Up), three());
    assert_eq!(three().stepped("a", Direction::Up), three());
    assert_eq!(at(&three().stepped("a", Direction::Right), "a")[0], 1);
    assert_eq!(three().stepped("a", Direction::Left), three());
    assert_eq!(at(&three().grown("a", Direction::Down), "c")[1], 9);
    assert_eq!(at(&three().grown("a", Direction::Left), "a")[2], 11);
}

#[test]
fn a_new_panel_fills_the_first_gap() {
    let gap = layout(&[("a", [0, 0, 12, 8]), ("c", [0, 8, 24, 4])]);
    assert_eq!(place_new(&gap, 12, 8), Place { x: 12, y: 0, w: 12, h: 8 });
    assert_eq!(place_new(&gap, 12, 9), Place { x: 0, y: 12, w: 12, h: 9 });
    assert_eq!(place_new(&Layout::default(), 12, 8), Place { x: 0, y: 0, w: 12, h: 8 });
}

/// Moves and sizes of all kinds in a row, from a fixed linear congruential generator (Knuth, MMIX).
#[test]
fn any_sequence_of_moves_leaves_a_layout_that_is_whole() {
    let mut seed: u64 = 1609;
    let mut next = |bound: u32| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((seed >> 33) % u64::from(bound)).unwrap_or_default()
    };
    let ids: Vec<String> = (0..12).map(|n| format!("p{n}")).collect();
    let mut now =
        Layout::new(ids.iter().map(|id| (id.clone(), Place { x: next(30), y: next(40), w: next(30), h: next(20) })))
            .compact();
    for _ in 0..2000 {
        check(&now);
        let id = ids[next(12) as usize].clone();
        now = match next(4) {
            0 => now.moved(&id, next(30), next(60)),
            1 => now.resized(&id, next(30), next(30)),
            2 => {
                now.stepped(&id, [Direction::Up, Direction::Down, Direction::Left, Direction::Right][next(4) as usize])
            }
            _ => now.grown(&id, [Direction::Up, Direction::Down, Direction::Left, Direction::Right][next(4) as usize]),
        };
        assert_eq!(now.places.iter().map(|(id, _)| id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
    }
}
