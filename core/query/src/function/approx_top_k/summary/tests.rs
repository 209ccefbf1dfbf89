use super::*;

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// A hash that spreads consecutive numbers (Steele, Lea, Flood: "Fast Splittable Pseudorandom
/// Number Generators", 2014).
fn hash(value: u64) -> u64 {
    let mut x = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Value `i` comes with probability proportional to `1 / (i + 1)^exponent`.
fn zipf(exponent: f64, values: u32, rows: usize) -> Vec<u64> {
    let mut sum = 0.0;
    let up_to: Vec<f64> = (1..=values)
        .map(|i| {
            sum += f64::from(i).powf(-exponent);
            sum
        })
        .collect();
    let mut state = 88_172_645_463_325_252;
    (0..rows)
        .map(|_| {
            let at = (random(&mut state) >> 11) as f64 / (1_u64 << 53) as f64 * sum;
            up_to.partition_point(|end| *end < at) as u64
        })
        .collect()
}

fn summary(k: usize, rows: &[u64]) -> Summary<u64> {
    let mut summary = Summary::new(k);
    rows.iter().for_each(|value| summary.add(hash(*value), || *value));
    summary
}

fn merged(k: usize, parts: &[Summary<u64>]) -> Summary<u64> {
    let mut total = Summary::new(k);
    for part in parts {
        let monitored: Vec<_> = part.monitored().cloned().map(|one| (hash(one.value), one)).collect();
        assert!(total.merge(monitored.into_iter(), part.cells()));
    }
    total
}

#[test]
fn frequent_values_of_zipf_streams_are_found_and_bounds_hold() {
    let (values, rows) = (50_000, 300_000);
    for exponent in [0.8, 1.0, 1.2] {
        let stream = zipf(exponent, values, rows);
        let mut exact = vec![0_u64; values as usize + 1];
        stream.iter().for_each(|value| exact[*value as usize] += 1);
        let mut counts = exact.clone();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        for k in [10, 50] {
            for parts in [1, 7] {
                let parts: Vec<_> = stream.chunks(rows.div_ceil(parts)).map(|rows| summary(k, rows)).collect();
                let total = merged(k, &parts);
                for one in total.monitored() {
                    let truth = exact[one.value as usize];
                    assert!(one.count - one.error <= truth && truth <= one.count, "{one:?}, truly {truth}");
                }
                for (value, truth) in exact.iter().enumerate() {
                    let hash = hash(value as u64);
                    let cell = total.cells()[cell_of(hash, total.cells().len())];
                    assert!(total.monitored.contains_key(&hash) || *truth <= cell, "{value}: {truth} > {cell}");
                }
                let mut top: Vec<_> = total.monitored().collect();
                top.sort_by_key(|one| std::cmp::Reverse(one.count));
                let found = top[..k].iter().filter(|one| exact[one.value as usize] >= counts[k - 1]).count();
                assert!(found * 100 >= k * 95, "{found} of {k}, exponent {exponent}, {} parts", parts.len());
                let error: f64 = top[..k].iter().map(|one| one.error as f64 / one.count as f64).sum();
                assert!(error / (k as f64) < 0.05, "mean error {error}, exponent {exponent}, {} parts", parts.len());
            }
        }
    }
}

#[test]
fn few_different_values_are_counted_exactly() {
    let stream: Vec<u64> = (0..100_000).map(|row| row % 511 % 300).collect();
    let parts: Vec<_> = stream.chunks(9973).map(|rows| summary(5, rows)).collect();
    let total = merged(5, &parts);
    assert!(total.cells().is_empty());
    for one in total.monitored() {
        let truth = stream.iter().filter(|value| **value == one.value).count() as u64;
        assert_eq!((one.count, one.error), (truth, 0));
    }
}

#[test]
fn memory_is_bounded() {
    let mut total = Summary::new(1);
    for value in 0..200_000_u64 {
        total.add(hash(value), || value);
    }
    assert!(total.monitored.len() < 2 * MONITORED_MIN);
    assert!(total.heap_bytes() < 100 << 10, "{}", total.heap_bytes());
}

#[test]
fn a_summary_of_another_size_is_refused() {
    let mut total: Summary<u64> = Summary::new(1);
    assert!(!total.merge(std::iter::empty(), &[0; 17]));
}
