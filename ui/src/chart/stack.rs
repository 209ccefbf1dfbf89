//! Series on top of each other: what is above zero upwards, what is below it downwards.

/// Where a series begins and ends at each time; both `NaN` where there is a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The end nearer to zero.
    pub base: Vec<f64>,
    /// The far end.
    pub end: Vec<f64>,
}

/// Lays `series` on each other in their order. A series without a value where others have one is
/// as if it were zero there; where none has one, all have a gap.
#[must_use]
pub fn stack(series: &[Vec<Option<f64>>]) -> Vec<Layer> {
    let length = series.iter().map(Vec::len).max().unwrap_or(0);
    let mut above = vec![0.0; length];
    let mut below = vec![0.0; length];
    let filled: Vec<bool> =
        (0..length).map(|index| series.iter().any(|values| values.get(index).is_some_and(Option::is_some))).collect();
    series
        .iter()
        .map(|values| {
            let mut layer = Layer { base: Vec::with_capacity(length), end: Vec::with_capacity(length) };
            for ((index, above), (below, filled)) in above.iter_mut().enumerate().zip(below.iter_mut().zip(&filled)) {
                let value = values.get(index).copied().flatten().unwrap_or(0.0);
                let sum = if value < 0.0 { below } else { above };
                let base = *sum;
                *sum += value;
                layer.base.push(if *filled { base } else { f64::NAN });
                layer.end.push(if *filled { *sum } else { f64::NAN });
            }
            layer
        })
        .collect()
}
