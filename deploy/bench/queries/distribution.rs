//! Draws from a finite distribution in constant time.

/// Walker's alias method: each slot is kept with its probability, or else replaced by its alias.
pub(crate) struct Weighted {
    slots: Vec<(f64, u32)>,
}

impl Weighted {
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut scaled: Vec<f64> = weights.into_iter().collect();
        #[expect(clippy::cast_precision_loss, reason = "at most a million slots")]
        let scale = scaled.len() as f64 / scaled.iter().sum::<f64>();
        scaled.iter_mut().for_each(|weight| *weight *= scale);
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..scaled.len()).partition(|i| scaled[*i] < 1.0);
        let mut slots: Vec<(f64, u32)> = (0..scaled.len()).map(|i| (1.0, u32::try_from(i).unwrap())).collect();
        while let (Some(less), Some(more)) = (small.pop(), large.pop()) {
            slots[less] = (scaled[less], u32::try_from(more).unwrap());
            scaled[more] -= 1.0 - scaled[less];
            if scaled[more] < 1.0 { small.push(more) } else { large.push(more) }
        }
        Self { slots }
    }

    /// Rank `i` (from 0) with weight `1 / (i + 1)^exponent`.
    pub(crate) fn zipf(count: u32, exponent: f64) -> Self {
        Self::new((1..=count).map(|rank| f64::from(rank).powf(-exponent)))
    }

    pub(crate) fn draw(&self, rng: &mut fastrand::Rng) -> u32 {
        let at = rng.usize(..self.slots.len());
        let (keep, alias) = self.slots[at];
        if rng.f64() < keep { u32::try_from(at).unwrap() } else { alias }
    }
}
