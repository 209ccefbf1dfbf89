//! Sorting with one copy of the algorithm for all types: the standard library's has one for each type and
//! comparison, which is a good part of what the page weighs.

use std::cmp::Ordering;

/// Sorts by a comparison; equal ones stay in their order.
pub fn by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut places = sorted(items.len(), &mut |a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    arrange(&mut places, &mut |a, b| items.swap(a, b));
}

/// Sorts by a key; equal ones stay in their order.
pub fn by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts.
pub fn plain<T: Ord>(items: &mut [T]) {
    by(items, T::cmp);
}

/// The places of items in the order of a comparison.
fn sorted(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

/// Swaps until the item of `places[i]` is at `i`, for each.
fn arrange(places: &mut [usize], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..places.len() {
        let mut at = start;
        // Follows a cycle: what belongs here is swapped in, and is done.
        while let Some(from) = places.get(at).copied().filter(|from| *from != at) {
            if let Some(place) = places.get_mut(at) {
                *place = at;
            }
            if from == start {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random and are the same each time (Park and Miller's generator).
    fn numbers(count: usize) -> Vec<u64> {
        let next = |last: &u64| Some(last * 48_271 % 2_147_483_647);
        std::iter::successors(Some(11), next).take(count).map(|number| number % 97).collect()
    }

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        for count in [0, 1, 2, 3, 10, 500] {
            let (mut own, mut expected) = (numbers(count), numbers(count));
            plain(&mut own);
            expected.sort_unstable();
            assert_eq!(own, expected);
            let pairs = || numbers(count).into_iter().enumerate().collect::<Vec<_>>();
            let (mut own, mut expected) = (pairs(), pairs());
            by_key(&mut own, |(_, number)| std::cmp::Reverse(*number));
            expected.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
            assert_eq!(own, expected, "equal ones stay in their order");
        }
    }

    #[test]
    fn texts_and_floats_are_sorted_too() {
        let mut names = ["b".to_owned(), "a".to_owned(), "c".to_owned(), "a".to_owned()];
        plain(&mut names);
        assert_eq!(names, ["a", "a", "b", "c"]);
        let mut values = [2.5, -1.0, 0.0];
        by(&mut values, f64::total_cmp);
        assert!(values.is_sorted());
    }
}
