use super::*;

const END: i64 = 1_000_000;

fn window() -> Window {
    Window { from_ns: 0, to_ns: END }
}

/// The server's part: a list of times, newest first, answered by anchor, offset and limit.
fn answer(times: &[i64], fetch: Fetch) -> Vec<LogRow> {
    times
        .iter()
        .filter(|time| **time < fetch.anchor.before_ns)
        .skip(fetch.offset)
        .take(PAGE_ROWS)
        .map(|time_ns| LogRow { time_ns: *time_ns, ..LogRow::default() })
        .collect()
}

fn places(times: &[i64], step: i64) -> Vec<(i64, u64)> {
    let newer = |end: i64| times.iter().filter(|time| **time >= end).count() as u64;
    (1..=END / step).rev().map(|bucket| (bucket * step, newer(bucket * step))).collect()
}

fn check(pager: &Pager, times: &[i64], page: usize) {
    for (index, time) in times.iter().enumerate().skip(page * PAGE_ROWS).take(PAGE_ROWS) {
        assert_eq!(pager.row(index).map(|row| row.time_ns), Some(*time), "line {index}");
    }
}

#[test]
fn pages_in_order_give_every_line_once() {
    // runs of 1 to 700 equal times, longer than a page
    for run in [1, 3, 499, 500, 501, 700] {
        let times: Vec<i64> = (0..2600).map(|i| END - 1 - i / run).collect();
        let mut pager = Pager::new(window());
        for page in 0..=5 {
            let fetch = pager.plan(page);
            pager.fetched(fetch, answer(&times, fetch));
            check(&pager, &times, page);
        }
        assert_eq!(pager.len(), 2600, "runs of {run}");
    }
}

#[test]
fn a_jump_skips_no_more_than_one_bucket() {
    let times: Vec<i64> = (0..100_000).map(|i| END - 1 - i * 9).collect();
    let mut pager = Pager::new(window());
    pager.counted(times.len() as u64, &places(&times, 10_000));
    for page in [199, 100, 101, 0, 150] {
        let fetch = pager.plan(page);
        assert!(fetch.offset <= 10_000 / 9 + 1, "{fetch:?}");
        pager.fetched(fetch, answer(&times, fetch));
        check(&pager, &times, page);
    }
}

#[test]
fn the_next_page_needs_no_skip() {
    let times: Vec<i64> = (0..5000).map(|i| END - 1 - i).collect();
    let mut pager = Pager::new(window());
    let first = pager.plan(0);
    assert_eq!(first, Fetch { page: 0, anchor: Anchor { index: 0, before_ns: END }, offset: 0 });
    pager.fetched(first, answer(&times, first));
    let second = pager.plan(1);
    assert_eq!(second.anchor, Anchor { index: 499, before_ns: times[499] + 1 });
    assert_eq!(second.offset, 1);
}

#[test]
fn the_list_is_as_long_as_is_known() {
    let times: Vec<i64> = (0..1200).map(|i| END - 1 - i).collect();
    let mut pager = Pager::new(window());
    assert!(pager.is_empty());
    let fetch = pager.plan(0);
    pager.fetched(fetch, answer(&times, fetch));
    assert_eq!(pager.len(), 1000, "a full page may be followed by another");
    pager.counted(1200, &[]);
    assert_eq!(pager.len(), 1200);
    assert_eq!(pager.missing(480, 1200), [1, 2]);
    assert!(pager.missing(5, 5).is_empty());
}

#[test]
fn a_short_page_ends_the_list() {
    let times: Vec<i64> = (0..700).map(|i| END - 1 - i).collect();
    let mut pager = Pager::new(window());
    pager.counted(1200, &[]);
    let fetch = pager.plan(1);
    pager.fetched(fetch, answer(&times, fetch));
    assert_eq!((pager.len(), pager.total()), (700, Some(700)));
}

#[test]
fn far_pages_are_dropped() {
    let times: Vec<i64> = (0..30_000).map(|i| END - 1 - i).collect();
    let mut pager = Pager::new(window());
    for page in 0..60 {
        let fetch = pager.plan(page);
        pager.fetched(fetch, answer(&times, fetch));
    }
    assert!(pager.row(0).is_none());
    check(&pager, &times, 59);
    check(&pager, &times, 20);
    assert_eq!(pager.position(|row| row.time_ns == times[29_000]), Some(29_000));
}
