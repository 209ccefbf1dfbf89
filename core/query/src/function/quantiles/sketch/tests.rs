use super::super::group::{EXACT_MAX, Group, Kind};
use super::super::select::Quantiles;
use super::*;

/// Numbers from a generator that is the same everywhere (Marsaglia, "Xorshift RNGs", 2003).
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Any double but NaN and the infinities.
    fn finite(&mut self) -> f64 {
        loop {
            let value = f64::from_bits(self.next());
            if value.is_finite() {
                return value;
            }
        }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// The quantile as defined, of sorted numbers.
fn defined(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let (lower, upper) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    if lower == upper { lower } else { lower + (upper - lower) * at.fract() }
}

fn answers(kind: Kind, values: &[f64], quantiles: &[f64]) -> Vec<f64> {
    let mut group = Group::default();
    values.iter().for_each(|value| group.push(kind, key(*value)));
    let mut answers = Vec::new();
    group.evaluate(&Quantiles::new(quantiles.to_vec()), &mut answers);
    answers
}

#[test]
fn keys_have_the_order_of_their_numbers() {
    let ascending = [
        f64::NEG_INFINITY,
        f64::MIN,
        -1.0,
        -f64::MIN_POSITIVE,
        -5e-324,
        0.0,
        5e-324,
        f64::MIN_POSITIVE,
        1.0,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ];
    for pair in ascending.windows(2) {
        assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
    }
    for number in &ascending[..11] {
        assert_eq!(value(key(*number)), *number);
    }
    assert!(value(key(f64::NAN)).is_nan());
    assert_eq!(key(-0.0), key(0.0));
    assert_eq!(key(-f64::NAN), key(f64::NAN));
}

/// The bound of the documentation: 1/128 of the number, for doubles of any size but subnormals.
#[test]
fn a_number_is_known_to_less_than_one_percent() {
    let mut random = Xorshift(42);
    for _ in 0..5_000 {
        let number = random.finite();
        if number.abs() < f64::MIN_POSITIVE {
            continue;
        }
        let mut histogram = Histogram::default();
        // its neighbours keep the answer from being exact
        histogram.add(&[key(f64::MIN), key(number), key(number), key(f64::MAX)]);
        let (answer, _) = histogram.ranked().neighbours(1);
        assert!((answer - number).abs() <= number.abs() / 127.9, "{answer} for {number}");
    }
}

#[test]
fn quantiles_of_many_numbers_are_close_and_of_few_exact() {
    let quantiles = [0.0, 0.001, 0.25, 0.5, 0.95, 0.99, 0.999, 1.0];
    let mut random = Xorshift(7);
    type Number = fn(&mut Xorshift) -> f64;
    let shapes: [(&str, Number); 5] = [
        ("uniform", |r| r.below(1_000_000) as f64),
        ("nearly all zero", |r| if r.below(10) == 0 { r.below(1000) as f64 } else { 0.0 }),
        ("negative", |r| -((r.below(1 << 20) + 1) as f64).powi(3)),
        ("pareto", |r| 1.0 / (r.below(1 << 30) + 1) as f64 * 1e9),
        ("one number", |_| 417.25),
    ];
    for (name, number) in shapes {
        for n in [1, 2, 10, EXACT_MAX, EXACT_MAX + 1, 20_000] {
            let values: Vec<f64> = (0..n).map(|_| number(&mut random)).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let exact = answers(Kind::Exact, &values, &quantiles);
            let close = answers(Kind::Sketch, &values, &quantiles);
            for ((q, exact), close) in quantiles.iter().zip(exact).zip(close) {
                let want = defined(&sorted, *q);
                assert_eq!(exact, want, "{name}, {n} numbers, q {q}");
                let error_max = if n <= EXACT_MAX { 0.0 } else { want.abs() / 100.0 };
                assert!((close - want).abs() <= error_max, "{name}, {n} numbers, q {q}: {close} for {want}");
            }
        }
    }
}

#[test]
fn numbers_of_both_signs_are_close_where_no_interpolation_crosses_zero() {
    let mut random = Xorshift(3);
    let values: Vec<f64> = (0..10_001).map(|_| random.below(2_000_001) as f64 - 1e6).collect();
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let quantiles: Vec<f64> = (0..=100).map(|percent| f64::from(percent) / 100.0).collect();
    for (q, answer) in quantiles.iter().zip(answers(Kind::Sketch, &values, &quantiles)) {
        let want = defined(&sorted, *q);
        assert!((answer - want).abs() <= want.abs() / 100.0, "q {q}: {answer} for {want}");
    }
}

#[test]
fn infinities_and_nan_keep_their_places() {
    let mut values = vec![f64::INFINITY; 1000];
    values.extend([f64::NEG_INFINITY; 1000]);
    values.extend([0.0; 1000]);
    for kind in [Kind::Exact, Kind::Sketch] {
        assert_eq!(
            answers(kind, &values, &[0.0, 0.2, 0.5, 0.8, 1.0]),
            [f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0, f64::INFINITY, f64::INFINITY]
        );
    }
    values.extend([f64::NAN; 1000]);
    for kind in [Kind::Exact, Kind::Sketch] {
        let answers = answers(kind, &values, &[0.1, 0.3, 0.6, 0.9]);
        assert_eq!(answers[..3], [f64::NEG_INFINITY, 0.0, f64::INFINITY]);
        assert!(answers[3].is_nan());
    }
}

/// Whatever the parts and their order, and whether they came as numbers or as states.
#[test]
fn parts_merge_to_the_same_answer() {
    let quantiles = Quantiles::new(vec![0.01, 0.5, 0.99]);
    let mut random = Xorshift(11);
    for n in [100_usize, 513, 5000] {
        let values: Vec<f64> = (0..n).map(|_| random.finite()).collect();
        let want = answers(Kind::Sketch, &values, &[0.01, 0.5, 0.99]);
        for parts in [2, 3, 17] {
            let mut merged = Group::default();
            for part in values.chunks(n.div_ceil(parts)).rev() {
                let mut group = Group::default();
                part.iter().for_each(|value| group.push(Kind::Sketch, key(*value)));
                merged.extend(Kind::Sketch, &group.keys);
                if let Some(histogram) = group.histogram {
                    let mut bytes = Vec::new();
                    histogram.write(&mut bytes);
                    merged.merge(&bytes).unwrap();
                }
            }
            let mut got = Vec::new();
            merged.evaluate(&quantiles, &mut got);
            assert_eq!(got, want, "{n} numbers in {parts} parts");
        }
    }
}

#[test]
fn a_histogram_is_written_and_read() {
    let mut histogram = Histogram::default();
    histogram.add(&[key(1.0); 300]);
    histogram.add(&[key(1.5), key(-2.0)]);
    let mut bytes = Vec::new();
    histogram.write(&mut bytes);
    // by hand: keys of -2 and 1.5, then the pages of -2 (exponent 1024 of a negative number is
    // -1025, its bucket the last) and of 1 (exponent 1023, buckets 0 and 32), 300 = 0xac 0x02
    let mut want = Vec::new();
    want.extend((-0x4000_0000_0000_0001_i64).to_le_bytes());
    want.extend(0x3ff8_0000_0000_0000_i64.to_le_bytes());
    want.extend((-1025_i16).to_le_bytes());
    want.extend((1_u64 << 63).to_le_bytes());
    want.push(1);
    want.extend(1023_i16.to_le_bytes());
    want.extend((1_u64 | 1 << 32).to_le_bytes());
    want.extend([0xac, 0x02, 1]);
    assert_eq!(bytes, want);

    let mut read = Histogram::default();
    read.merge(&bytes).unwrap();
    assert_eq!((read.count(), read.min, read.max), (302, key(-2.0), key(1.5)));
    for cut in 0..bytes.len() {
        // a cut between two pages cannot be told
        if ![16, 27].contains(&cut) {
            Histogram::default().merge(&bytes[..cut]).unwrap_err();
        }
    }
    let mut wrong = bytes;
    wrong[16] = 9;
    Histogram::default().merge(&wrong).unwrap_err();
}

#[test]
fn a_group_stays_small() {
    let mut random = Xorshift(5);
    let mut group = Group::default();
    for _ in 0..1_000_000 {
        // 1 µs to 1000 s in nanoseconds: 30 powers of two
        group.push(Kind::Sketch, key(1e3 * 2_f64.powf(random.below(30_000) as f64 / 1000.0)));
    }
    assert!(group.heap_bytes() < 16 << 10, "{} bytes", group.heap_bytes());
    for _ in 0..1_000_000 {
        group.push(Kind::Sketch, key(random.finite()));
    }
    assert!(group.heap_bytes() < 2200 << 10, "{} bytes", group.heap_bytes());
}
