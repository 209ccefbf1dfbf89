//! A small online shop, simulated: ten services, a database, a cache, a queue, and something that
//! goes wrong every few minutes. `lincei demo` shows what Lincei does with it.
//!
//! What a second of the shop looks like depends on the seed and the second alone, so that a demo
//! that is started again goes on where it was. Its requests take the same road as those of real
//! programs, from OTLP bytes on.

mod fault;
mod metrics;
mod otlp;
mod outbox;
mod sample;
mod shop;
mod visit;

use crate::data_path::{Format, Intake};
use crate::http::{App, time_bounds};
use anyhow::anyhow;
use bytes::Bytes;
use fastrand::Rng;
use fault::Fault;
use lincei_ingest::{ContentEncoding, Signal};
use lincei_model::{Table, TimeRange};
use outbox::{Outbox, Sender};
use shop::{Service, VISITS};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use visit::Visiting;

const SEED: u64 = 1609;
const SECOND_NS: i64 = 1_000_000_000;
/// Seconds of history when the shop opens.
const HISTORY_S: i64 = 3600;
/// Seconds of history in one request.
const REQUEST_S: i64 = 30;
/// Seconds between two readings of metrics.
const METRICS_S: i64 = 15;
/// Visits of a second, on average over a day.
const VISITS_PER_SECOND: f64 = 9.0;

/// Sends the history that is missing, and then what happens now, until `stop`.
///
/// # Errors
/// When the history cannot be stored. Later failures are logged: the shop stays open.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let now_s = app.clock.now_ns().div_euclid(SECOND_NS);
    let from_s = (now_s - HISTORY_S).max(last_second(&app) + 1);
    let mut shop = Shop::open(from_s);
    tracing::info!(minutes = (now_s - from_s) / 60, "sending the shop's history");
    for start_s in (from_s..now_s).step_by(usize::try_from(REQUEST_S).unwrap_or(1)) {
        if stop.is_cancelled() {
            return Ok(());
        }
        for (signal, body) in shop.requests(start_s..(start_s + REQUEST_S).min(now_s)) {
            send(&app, signal, body).await?;
        }
    }
    tracing::info!("the shop is open");
    let mut sent_s = now_s;
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let now_s = app.clock.now_ns().div_euclid(SECOND_NS);
        // after a machine slept, not all of the night
        let from_s = sent_s.max(now_s - 2 * REQUEST_S);
        for (signal, body) in shop.requests(from_s..now_s) {
            if let Err(error) = send(&app, signal, body).await {
                tracing::warn!(%error, "the shop cannot send");
            }
        }
        sent_s = now_s;
    }
    Ok(())
}

/// The last second that the shop has sent, or one long ago.
fn last_second(app: &App) -> i64 {
    let snapshot = app.engine.snapshot(&app.tenant, Table::Metrics, TimeRange::ALL);
    time_bounds(&snapshot).map_or(0, |(_, newest)| newest.div_euclid(SECOND_NS))
}

async fn send(app: &Arc<App>, signal: Signal, body: Bytes) -> anyhow::Result<()> {
    let intake = Intake {
        signal,
        format: Format::OtlpProtobuf,
        encoding: ContentEncoding::Identity,
        client: "demo".to_owned(),
        service: None,
        body,
        share: app.data_path.share(),
    };
    app.data_path.take_in(intake).await.map(drop).map_err(|failure| anyhow!(failure.detail))
}

/// The shop between two seconds.
struct Shop {
    opened_s: i64,
    outbox: Outbox,
}

impl Shop {
    fn open(opened_s: i64) -> Self {
        Self { opened_s, outbox: Outbox::default() }
    }

    /// Everything that happens in these seconds.
    fn requests(&mut self, seconds: std::ops::Range<i64>) -> Vec<(Signal, Bytes)> {
        let (mut requests, mut visits) = (Vec::new(), Vec::new());
        for second in seconds {
            visits.push((second, self.second(second)));
            if second % METRICS_S == 0 {
                requests.push(self.metrics(second));
            }
        }
        requests.extend(self.outbox.take());
        // the last one, as it tells a demo that is started again where this one was
        let storefront = Sender::of(Service::Storefront, 0, None);
        let visits = visits.into_iter().map(|(second, count)| ((second * SECOND_NS).cast_unsigned(), count));
        requests.push(outbox::metrics([(storefront, vec![metrics::visits(visits)])].into()));
        requests.retain(|(_, body)| !body.is_empty());
        requests
    }

    /// Everything that visitors do in a second; how many came.
    fn second(&mut self, second: i64) -> u32 {
        let mut all = 0;
        let mut rng = Rng::with_seed(SEED ^ second.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let fault = Fault::at(second);
        self.outbox.fault = fault.map(|(fault, _)| fault);
        for (operation, weight) in VISITS {
            #[expect(clippy::cast_precision_loss, reason = "a weight below a hundred")]
            let share = weight as f64 / 100.0;
            let busy = fault.map_or(1.0, |(fault, _)| fault.visits(operation.route));
            let visits = sample::count(&mut rng, VISITS_PER_SECOND * share * rhythm(second) * busy);
            all += visits;
            for _ in 0..visits {
                let at_ns = second * SECOND_NS + i64::from(rng.u32(..1_000_000_000));
                self.outbox.draw = rng.u64(..);
                let mut visiting = Visiting { rng: &mut rng, fault, outbox: &mut self.outbox };
                visiting.visit(operation, at_ns.cast_unsigned());
            }
        }
        all
    }

    fn metrics(&self, second: i64) -> (Signal, Bytes) {
        let mut rng = Rng::with_seed(SEED ^ second.cast_unsigned());
        let (opened_ns, now_ns) = ((self.opened_s * SECOND_NS).cast_unsigned(), (second * SECOND_NS).cast_unsigned());
        let mut all = self.outbox.served.metrics(opened_ns, now_ns);
        let fault = Fault::at(second);
        for service in Service::ALL {
            for instance in 0..service.instances() {
                let sender = Sender::of(service, instance, fault.map(|(fault, _)| fault));
                all.entry(sender).or_default().extend(metrics::state(&mut rng, sender, fault, opened_ns, now_ns));
            }
        }
        outbox::metrics(all)
    }
}

/// How busy the shop is at this time of the day: most in the evening, least before dawn, 1 on average.
fn rhythm(second: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
    let day = second.rem_euclid(86_400) as f64 / 86_400.0;
    1.0 + 0.55 * (std::f64::consts::TAU * (day - 0.58)).sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_always_the_same_and_none_is_like_another() {
        let second = |at: i64| Shop::open(0).requests(at..at + 1);
        assert_eq!(second(1_700_000_000), second(1_700_000_000));
        assert_ne!(second(1_700_000_000), second(1_700_000_001));
    }
}
