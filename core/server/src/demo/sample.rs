//! Random figures, from a seed.

use fastrand::Rng;

/// Around this median, with a long tail upwards as times have.
pub(super) fn around(rng: &mut Rng, median: f64) -> f64 {
    median * (0.35 * normal(rng)).exp()
}

/// From the standard normal distribution (Box and Muller 1958).
fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}

/// How often something happens that happens so often on average (Knuth's method; for small figures).
pub(super) fn count(rng: &mut Rng, average: f64) -> u32 {
    let (limit, mut product, mut count) = ((-average).exp(), rng.f64(), 0);
    while product > limit && count < 10_000 {
        product *= rng.f64();
        count += 1;
    }
    count
}

/// One of the items.
pub(super) fn one_of<'a>(rng: &mut Rng, items: &[&'a str]) -> &'a str {
    items.get(rng.usize(..items.len().max(1))).copied().unwrap_or_default()
}
