//! What goes wrong, and when: every six minutes something else, for three.

use super::shop::{CATALOG_DB, ORDERS_DB, Service};

/// Seconds between the beginnings of two faults.
const EVERY_S: i64 = 360;
/// Seconds after the beginning of such a stretch at which its fault starts, and how long it lasts.
const STARTS_S: i64 = 120;
const LASTS_S: i64 = 180;

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The card gateway answers late or not at all.
    GatewayTimeouts,
    /// A migration holds a lock on the table of orders.
    LockedOrders,
    /// Redis evicts, so that the catalog asks its database for everything.
    ColdCache,
    /// A release of the recommendations fails for users without history.
    BadRelease,
    /// The heap of the search is full and it collects garbage most of the time.
    FullHeap,
    /// The connection pool of the inventory is too small for a sale.
    SmallPool,
    /// The mail relay limits us and mails wait.
    MailBacklog,
    /// A crawler walks through the search.
    Crawler,
}

impl Fault {
    const ALL: [Self; 8] = [
        Self::GatewayTimeouts,
        Self::ColdCache,
        Self::BadRelease,
        Self::LockedOrders,
        Self::Crawler,
        Self::SmallPool,
        Self::FullHeap,
        Self::MailBacklog,
    ];

    /// The one of this second, and how far it is, from 0 to 1.
    pub(super) fn at(second: i64) -> Option<(Self, f64)> {
        let within = second.rem_euclid(EVERY_S) - STARTS_S;
        if !(0..LASTS_S).contains(&within) {
            return None;
        }
        let stretch = second.div_euclid(EVERY_S).rem_euclid(Self::ALL.len() as i64);
        let fault = usize::try_from(stretch).ok().and_then(|at| Self::ALL.get(at))?;
        #[expect(clippy::cast_precision_loss, reason = "seconds below a few hundred")]
        Some((*fault, within as f64 / LASTS_S as f64))
    }

    /// How many times as long a service works itself.
    pub(super) const fn own_time(self, service: Service) -> f64 {
        match (self, service) {
            (Self::FullHeap, Service::Search) => 9.0,
            (Self::Crawler, Service::Search) => 2.2,
            _ => 1.0,
        }
    }

    /// How many times as long a statement to this database takes.
    pub(super) fn database_time(self, database: &str) -> f64 {
        match self {
            Self::LockedOrders if database == ORDERS_DB => 140.0,
            Self::ColdCache if database == CATALOG_DB => 3.0,
            Self::Crawler if database == CATALOG_DB => 2.5,
            _ => 1.0,
        }
    }

    /// How many times as long a host beyond the shop takes.
    pub(super) fn outside_time(self, host: &str) -> f64 {
        match self {
            Self::GatewayTimeouts if host.starts_with("gateway.") => 12.0,
            Self::MailBacklog if host.starts_with("smtp.") => 7.0,
            _ => 1.0,
        }
    }

    /// How often a key is missing in place of the usual.
    pub(super) const fn cache_misses(self, usual: f64) -> f64 {
        match self {
            Self::ColdCache => 0.93,
            _ => usual,
        }
    }

    /// How many times as many visitors ask for this route.
    pub(super) fn visits(self, route: &str) -> f64 {
        match self {
            Self::Crawler if route == "/search" => 6.0,
            Self::SmallPool if route.starts_with("/product") => 1.8,
            _ => 1.0,
        }
    }

    /// The version that a service has meanwhile.
    pub(super) const fn version(self, service: Service) -> Option<&'static str> {
        match (self, service) {
            (Self::BadRelease, Service::Recommendations) => Some("1.9.0"),
            _ => None,
        }
    }

    /// What fails in a service, and how often.
    pub(super) const fn failure(self, service: Service) -> Option<(f64, &'static Failure)> {
        match (self, service) {
            (Self::GatewayTimeouts, Service::Payment) => Some((0.45, &TIMEOUT)),
            (Self::LockedOrders, Service::Checkout) => Some((0.35, &LOCK)),
            (Self::BadRelease, Service::Recommendations) => Some((0.30, &KEY_ERROR)),
            (Self::FullHeap, Service::Search) => Some((0.12, &HEAP)),
            (Self::SmallPool, Service::Inventory) => Some((0.25, &POOL)),
            (Self::MailBacklog, Service::Email) => Some((0.5, &RELAY)),
            _ => None,
        }
    }

    /// Seconds that a message waits before it is worked on, in place of none.
    pub(super) fn queue_wait_s(self, service: Service, progress: f64) -> f64 {
        match (self, service) {
            (Self::MailBacklog, Service::Email) => 75.0 * progress,
            _ => 0.0,
        }
    }
}

/// An exception.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exception: &'static str,
    pub(super) message: &'static str,
    pub(super) stack: &'static str,
    pub(super) status: u16,
}

/// Failures that happen on any day, one in a few thousand.
pub(super) static USUAL: Failure = Failure {
    exception: "ConnectionResetError",
    message: "connection reset by peer",
    stack: "ConnectionResetError: [Errno 104] connection reset by peer",
    status: 502,
};

static TIMEOUT: Failure = Failure {
    exception: "*gateway.TimeoutError",
    message: "authorize: gateway.cardnet.example: context deadline exceeded after 1.2s",
    stack: "gateway.(*Client).Authorize\n\t/app/gateway/client.go:118\npayment.(*Service).Charge\n\t/app/charge.go:74\nmain.handleCharge\n\t/app/main.go:203",
    status: 504,
};

static LOCK: Failure = Failure {
    exception: "org.postgresql.util.PSQLException",
    message: "ERROR: canceling statement due to lock timeout (relation \"orders\")",
    stack: "org.postgresql.util.PSQLException: ERROR: canceling statement due to lock timeout\n\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2713)\n\tat shop.checkout.OrderRepository.insert(OrderRepository.java:61)\n\tat shop.checkout.OrderService.place(OrderService.java:112)",
    status: 503,
};

static KEY_ERROR: Failure = Failure {
    exception: "KeyError",
    message: "'history'",
    stack: "Traceback (most recent call last):\n  File \"/app/recommend/api.py\", line 88, in for_user\n    ranked = rank(profile[\"history\"], limit)\nKeyError: 'history'",
    status: 500,
};

static HEAP: Failure = Failure {
    exception: "java.lang.OutOfMemoryError",
    message: "Java heap space",
    stack: "java.lang.OutOfMemoryError: Java heap space\n\tat shop.search.index.Postings.decode(Postings.java:204)\n\tat shop.search.QueryPlanner.run(QueryPlanner.java:77)",
    status: 500,
};

static POOL: Failure = Failure {
    exception: "sqlalchemy.exc.TimeoutError",
    message: "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    stack: "Traceback (most recent call last):\n  File \"/app/inventory/stock.py\", line 41, in available\n    with engine.connect() as connection:\nsqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached",
    status: 503,
};

static RELAY: Failure = Failure {
    exception: "Net::SMTPServerBusy",
    message: "451 4.7.1 rate limit exceeded, try again later",
    stack: "Net::SMTPServerBusy: 451 4.7.1 rate limit exceeded, try again later\n\t/app/lib/mailer.rb:52:in `deliver'\n\t/app/lib/worker.rb:27:in `process'",
    status: 503,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_three_minutes() {
        let day: Vec<Option<Fault>> =
            (0..8 * EVERY_S).map(|second| Fault::at(second).map(|(fault, _)| fault)).collect();
        for fault in Fault::ALL {
            assert_eq!(day.iter().filter(|at| **at == Some(fault)).count(), 180, "{fault:?}");
        }
        assert_eq!(Fault::at(119), None);
        assert_eq!(Fault::at(120), Some((Fault::GatewayTimeouts, 0.0)));
        assert_eq!(Fault::at(120 + 90), Some((Fault::GatewayTimeouts, 0.5)));
        assert_eq!(Fault::at(-240), Fault::at(8 * EVERY_S - 240));
    }
}
