//! One visit to the shop: all spans and log lines that it makes.

use super::fault::{Failure, Fault, USUAL};
use super::otlp::{Event, KeyValue, Span, SpanKind, Status, StatusCode};
use super::outbox::{Outbox, attribute};
use super::sample::{around, one_of};
use super::shop::{Call, Operation, Says, Service};
use fastrand::Rng;

const PRODUCTS: u32 = 4_000;
const USERS: u32 = 25_000;

const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/605.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_6) Firefox/145.0",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/141.0",
];
const CRAWLER: &str = "ShelfCrawler/2.3 (+https://shelfcrawler.example/bot)";
const WORDS: [&str; 12] = [
    "kettle",
    "desk lamp",
    "wool socks",
    "usb cable",
    "garden hose",
    "notebook",
    "trail shoes",
    "frying pan",
    "raincoat",
    "bookshelf",
    "headphones",
    "tea cups",
];

/// What all of a visit's spans share.
struct Visit {
    trace: [u8; 16],
    user: u32,
    product: u32,
    order: u64,
    cents: u32,
    items: u32,
    words: &'static str,
    agent: &'static str,
}

/// How an operation ended.
struct Ended {
    at_ns: u64,
    status: u16,
}

/// Where and when an operation is called.
#[derive(Clone, Copy)]
struct Called {
    parent: [u8; 8],
    at_ns: u64,
}

pub(super) struct Visiting<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) fault: Option<(Fault, f64)>,
    pub(super) outbox: &'a mut Outbox,
}

impl Visiting<'_> {
    /// A visitor asks for an operation of the storefront.
    pub(super) fn visit(&mut self, operation: &Operation, at_ns: u64) {
        let crawls = self.fault.is_some_and(|(fault, _)| fault == Fault::Crawler)
            && operation.route == "/search"
            && self.rng.f64() < 0.8;
        let visit = Visit {
            trace: self.rng.u128(1..).to_be_bytes(),
            user: self.rng.u32(1..=USERS),
            product: skewed(self.rng, PRODUCTS),
            order: self.rng.u64(10_000_000..99_999_999),
            cents: self.rng.u32(390..=24_000),
            items: self.rng.u32(1..=6),
            words: one_of(self.rng, &WORDS),
            agent: if crawls { CRAWLER } else { one_of(self.rng, &AGENTS) },
        };
        self.serve(operation, &visit, Called { parent: [0; 8], at_ns });
    }

    /// An operation as its service sees it.
    fn serve(&mut self, operation: &Operation, visit: &Visit, called: Called) -> Ended {
        let service = operation.service;
        let id = self.rng.u64(1..).to_be_bytes();
        let slow = self.fault.map_or(1.0, |(fault, _)| fault.own_time(service));
        let own_ns = 1_000.0 * around(self.rng, operation.own_us) * slow;
        let mut now = later(called.at_ns, own_ns * 0.4);
        let failure = self.failure(service);
        let mut status = 200;
        if failure.is_none() {
            for call in operation.calls {
                let ended = self.call(operation, call, visit, Called { parent: id, at_ns: now });
                now = later(ended.at_ns, own_ns * 0.1);
                // what is only recommended may be missing
                if ended.status >= 500 && !is_optional(call) {
                    status = if service == Service::Storefront { 500 } else { ended.status };
                    break;
                }
            }
        }
        now = later(now, own_ns * 0.5);
        let mut events = Vec::new();
        if let Some(failure) = failure {
            status = failure.status;
            events.push(exception(failure, now));
            self.say_failure(operation, failure, visit, id, now);
        } else if status >= 500 {
            let body = format!("{} {} failed: upstream answered {status}", operation.method, operation.route);
            self.outbox.log(service, now, "ERROR", body, Some((visit.trace, id)), Vec::new());
        } else if let Some(says) = operation.says {
            self.say(says, service, visit, id, now, called.at_ns);
        }
        let is_message = operation.method == "process";
        let (name, kind, attributes) = if is_message {
            (format!("process {}", operation.route), SpanKind::Consumer, message_attributes(operation.route, "process"))
        } else {
            let mut attributes = vec![
                attribute("http.request.method", operation.method),
                attribute("http.route", operation.route),
                attribute("http.response.status_code", i64::from(status)),
                attribute("url.path", path(operation.route, visit)),
            ];
            if service == Service::Storefront {
                attributes.push(attribute("user_agent.original", visit.agent));
                attributes.push(attribute("user.id", format!("u-{:05}", visit.user)));
                self.say_access(operation, visit, id, status, called.at_ns, now);
            }
            (format!("{} {}", operation.method, operation.route), SpanKind::Server, attributes)
        };
        let span = Span { name, events, ..span(visit, id, called, now, kind, attributes, status) };
        self.outbox.span(service, span);
        self.outbox.served(operation, status, now.saturating_sub(called.at_ns));
        Ended { at_ns: now, status }
    }

    /// A call as the caller sees it.
    fn call(&mut self, operation: &Operation, call: &Call, visit: &Visit, called: Called) -> Ended {
        let service = operation.service;
        match call {
            Call::Ask(asked, chance) => {
                if self.rng.f64() >= *chance {
                    return Ended { at_ns: called.at_ns, status: 200 };
                }
                let id = self.rng.u64(1..).to_be_bytes();
                let way_ns = 1_000.0 * around(self.rng, 260.0);
                let ended = self.serve(asked, visit, Called { parent: id, at_ns: later(called.at_ns, way_ns) });
                let end_ns = later(ended.at_ns, way_ns);
                let attributes = vec![
                    attribute("http.request.method", asked.method),
                    attribute("server.address", asked.service.name()),
                    attribute("http.response.status_code", i64::from(ended.status)),
                ];
                let client = span(visit, id, called, end_ns, SpanKind::Client, attributes, ended.status);
                self.outbox.span(service, Span { name: format!("{} {}", asked.method, asked.route), ..client });
                Ended { at_ns: end_ns, status: ended.status }
            }
            Call::Sql(database, text, median_us) => self.sql(service, (database, text, *median_us), visit, called),
            Call::Cache(command, misses, then) => {
                let found = self.redis(service, command, visit, called);
                let misses = self.fault.map_or(*misses, |(fault, _)| fault.cache_misses(*misses));
                if self.rng.f64() >= misses {
                    return found;
                }
                self.call(operation, then, visit, Called { at_ns: found.at_ns, ..called })
            }
            Call::Redis(command) => self.redis(service, command, visit, called),
            Call::Outside(host, route, median_us) => {
                let slow = self.fault.map_or(1.0, |(fault, _)| fault.outside_time(host));
                let end_ns = later(called.at_ns, 1_000.0 * around(self.rng, median_us * slow));
                let attributes = vec![
                    attribute("http.request.method", "POST"),
                    attribute("server.address", *host),
                    attribute("url.full", format!("https://{host}{route}")),
                    attribute("http.response.status_code", 200_i64),
                ];
                self.client(service, format!("POST {route}"), visit, called, end_ns, attributes, 200)
            }
            Call::Publish(queue, workers) => {
                let id = self.rng.u64(1..).to_be_bytes();
                let end_ns = later(called.at_ns, 1_000.0 * around(self.rng, 1_400.0));
                for worker in *workers {
                    let wait = self.fault.map_or(0.0, |(fault, far)| fault.queue_wait_s(worker.service, far));
                    let wait_ns = 1e9 * wait + 1_000.0 * around(self.rng, 9_000.0);
                    self.serve(worker, visit, Called { parent: id, at_ns: later(end_ns, wait_ns) });
                }
                let producer =
                    span(visit, id, called, end_ns, SpanKind::Producer, message_attributes(queue, "send"), 200);
                self.outbox.span(service, Span { name: format!("send {queue}"), ..producer });
                Ended { at_ns: end_ns, status: 200 }
            }
        }
    }

    /// A statement: database, text, median time in microseconds.
    fn sql(
        &mut self,
        service: Service,
        (database, text, median_us): (&'static str, &'static str, f64),
        visit: &Visit,
        called: Called,
    ) -> Ended {
        let slow = self.fault.map_or(1.0, |(fault, _)| fault.database_time(database));
        let end_ns = later(called.at_ns, 1_000.0 * around(self.rng, median_us * slow));
        let verb = text.split(' ').next().unwrap_or_default();
        let attributes = vec![
            attribute("db.system.name", "postgresql"),
            attribute("db.namespace", database),
            attribute("db.operation.name", verb),
            attribute("db.query.text", text),
            attribute("server.address", "postgres-0.shop.internal"),
        ];
        if end_ns.saturating_sub(called.at_ns) > 300_000_000 {
            let body =
                format!("slow statement on {database}: {} ms: {verb}", end_ns.saturating_sub(called.at_ns) / 1_000_000);
            self.outbox.log(service, end_ns, "WARN", body, Some((visit.trace, called.parent)), Vec::new());
        }
        self.client(service, format!("{verb} {database}"), visit, called, end_ns, attributes, 200)
    }

    fn redis(&mut self, service: Service, command: &str, visit: &Visit, called: Called) -> Ended {
        let end_ns = later(called.at_ns, 1_000.0 * around(self.rng, 420.0));
        let verb = command.split(' ').next().unwrap_or_default();
        let attributes = vec![
            attribute("db.system.name", "redis"),
            attribute("db.operation.name", verb),
            attribute("db.query.text", command),
            attribute("server.address", "redis-0.shop.internal"),
        ];
        self.client(service, verb.to_owned(), visit, called, end_ns, attributes, 200)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one span")]
    fn client(
        &mut self,
        service: Service,
        name: String,
        visit: &Visit,
        called: Called,
        end_ns: u64,
        attributes: Vec<KeyValue>,
        status: u16,
    ) -> Ended {
        let id = self.rng.u64(1..).to_be_bytes();
        let client = span(visit, id, called, end_ns, SpanKind::Client, attributes, status);
        self.outbox.span(service, Span { name, ..client });
        Ended { at_ns: end_ns, status }
    }

    fn failure(&mut self, service: Service) -> Option<&'static Failure> {
        let now = self.fault.and_then(|(fault, _)| fault.failure(service));
        let drawn = self.rng.f64();
        match now {
            Some((chance, failure)) if drawn < chance => Some(failure),
            _ => (drawn > 0.9996).then_some(&USUAL),
        }
    }

    fn say_failure(&mut self, operation: &Operation, failure: &Failure, visit: &Visit, id: [u8; 8], at_ns: u64) {
        let body =
            format!("{} {} failed: {}: {}", operation.method, operation.route, failure.exception, failure.message);
        let attributes = vec![
            attribute("exception.type", failure.exception),
            attribute("exception.message", failure.message),
            attribute("exception.stacktrace", failure.stack),
        ];
        self.outbox.log(operation.service, at_ns, "ERROR", body, Some((visit.trace, id)), attributes);
    }

    fn say_access(
        &mut self,
        operation: &Operation,
        visit: &Visit,
        id: [u8; 8],
        status: u16,
        start_ns: u64,
        end_ns: u64,
    ) {
        let took_ms = end_ns.saturating_sub(start_ns) / 1_000_000;
        let path = path(operation.route, visit);
        let body = format!("{} {path} {status} {took_ms}ms user=u-{:05}", operation.method, visit.user);
        let severity = match status {
            500.. => "ERROR",
            400..=499 => "WARN",
            _ => "INFO",
        };
        let attributes = vec![
            attribute("http.request.method", operation.method),
            attribute("http.route", operation.route),
            attribute("http.response.status_code", i64::from(status)),
            attribute("user.id", format!("u-{:05}", visit.user)),
            attribute("duration_ms", i64::try_from(took_ms).unwrap_or(i64::MAX)),
        ];
        self.outbox.log(operation.service, end_ns, severity, body, Some((visit.trace, id)), attributes);
    }

    fn say(&mut self, says: Says, service: Service, visit: &Visit, id: [u8; 8], at_ns: u64, since_ns: u64) {
        let took_ms = at_ns.saturating_sub(since_ns) / 1_000_000;
        let money = f64::from(visit.cents) / 100.0;
        let Visit { user, product, order, items, words, .. } = visit;
        let (severity, body) = match says {
            Says::Viewed => ("DEBUG", format!("product p-{product:04} viewed by u-{user:05}")),
            Says::Searched => {
                let hits = self.rng.u32(0..240);
                ("INFO", format!("query \"{words}\" found {hits} products in {took_ms} ms"))
            }
            Says::CartChanged => ("INFO", format!("cart of u-{user:05}: +{items} x p-{product:04}")),
            Says::Reserved => ("INFO", format!("reserved {items} x p-{product:04} for order {order}")),
            Says::Charged => ("INFO", format!("charged {money:.2} EUR for order {order} in {took_ms} ms")),
            Says::OrderPlaced => {
                ("INFO", format!("order {order} placed by u-{user:05}: {items} items, {money:.2} EUR"))
            }
            Says::Shipped => ("INFO", format!("label made for order {order}, pick-up tomorrow")),
            Says::Mailed => ("INFO", format!("confirmation of order {order} sent to u-{user:05}")),
        };
        let attributes = match says {
            Says::Viewed | Says::Searched | Says::CartChanged => Vec::new(),
            _ => vec![attribute("order.id", order.to_string())],
        };
        self.outbox.log(service, at_ns, severity, body, Some((visit.trace, id)), attributes);
    }
}

fn is_optional(call: &Call) -> bool {
    matches!(call, Call::Ask(asked, _) if asked.service == Service::Recommendations)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of some seconds, above 0")]
fn later(at_ns: u64, by_ns: f64) -> u64 {
    at_ns.saturating_add(by_ns as u64)
}

/// Small numbers are more frequent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the largest")]
fn skewed(rng: &mut Rng, largest: u32) -> u32 {
    1 + (f64::from(largest - 1) * rng.f64().powi(3)) as u32
}

fn path(route: &str, visit: &Visit) -> String {
    match route {
        "/search" => format!("/search?q={}", visit.words.replace(' ', "+")),
        _ => route
            .replace("{user}", &format!("u-{:05}", visit.user))
            .replace("/carts/{id}", &format!("/carts/u-{:05}", visit.user))
            .replace("{id}", &format!("p-{:04}", visit.product)),
    }
}

fn message_attributes(queue: &str, operation: &str) -> Vec<KeyValue> {
    vec![
        attribute("messaging.system", "kafka"),
        attribute("messaging.destination.name", queue),
        attribute("messaging.operation.type", operation),
    ]
}

fn exception(failure: &Failure, at_ns: u64) -> Event {
    Event {
        time_ns: at_ns,
        name: "exception".to_owned(),
        attributes: vec![
            attribute("exception.type", failure.exception),
            attribute("exception.message", failure.message),
            attribute("exception.stacktrace", failure.stack),
        ],
    }
}

fn span(
    visit: &Visit,
    id: [u8; 8],
    called: Called,
    end_ns: u64,
    kind: SpanKind,
    attributes: Vec<KeyValue>,
    status: u16,
) -> Span {
    let parent = if called.parent == [0; 8] { Vec::new() } else { called.parent.to_vec() };
    let code = if status >= 500 { StatusCode::Error } else { StatusCode::Unset };
    Span {
        trace_id: visit.trace.to_vec(),
        span_id: id.to_vec(),
        parent_span_id: parent,
        kind: kind.into(),
        start_ns: called.at_ns,
        end_ns,
        attributes,
        status: Some(Status { code: code.into() }),
        ..Span::default()
    }
}
