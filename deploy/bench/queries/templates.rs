//! Message templates put together from a list of words, the same ones in every run.

use std::fmt::Write as _;

pub(crate) const COUNT: u32 = 400;
/// Ranks of the templates that hold the word `block`; with their weights about 1.5 % of the rows.
const BLOCK_RANKS: [usize; 8] = [30, 55, 90, 140, 200, 260, 320, 380];

const COMPONENTS: [&str; 32] = [
    "Acceptor",
    "Allocator",
    "Archiver",
    "Balancer",
    "Broker",
    "Cache",
    "Checkpointer",
    "Collector",
    "Committer",
    "Compactor",
    "Consumer",
    "Coordinator",
    "Dispatcher",
    "Executor",
    "Exporter",
    "Fetcher",
    "Gateway",
    "Indexer",
    "Leader",
    "Listener",
    "Monitor",
    "Notifier",
    "Planner",
    "Poller",
    "Producer",
    "Replicator",
    "Resolver",
    "Scheduler",
    "Session",
    "Shuffler",
    "Supervisor",
    "Worker",
];
const VERBS: [&str; 40] = [
    "accepted",
    "acquired",
    "added",
    "applied",
    "assigned",
    "closed",
    "committed",
    "completed",
    "connected",
    "created",
    "deleted",
    "discarded",
    "dropped",
    "evicted",
    "expired",
    "fetched",
    "finished",
    "flushed",
    "ignored",
    "loaded",
    "merged",
    "opened",
    "processed",
    "published",
    "queued",
    "received",
    "recovered",
    "refused",
    "registered",
    "released",
    "removed",
    "replayed",
    "requested",
    "restored",
    "retried",
    "scheduled",
    "sent",
    "started",
    "stored",
    "updated",
];
const ADJECTIVES: [&str; 28] = [
    "active",
    "ambiguous",
    "broken",
    "cached",
    "corrupt",
    "delayed",
    "duplicate",
    "empty",
    "existing",
    "expected",
    "failed",
    "final",
    "idle",
    "incoming",
    "invalid",
    "large",
    "local",
    "missing",
    "new",
    "outgoing",
    "partial",
    "pending",
    "primary",
    "remote",
    "slow",
    "stale",
    "temporary",
    "unknown",
];
const NOUNS: [&str; 56] = [
    "account",
    "address",
    "batch",
    "bucket",
    "buffer",
    "certificate",
    "channel",
    "checksum",
    "client",
    "cluster",
    "column",
    "connection",
    "container",
    "cookie",
    "cursor",
    "deadline",
    "device",
    "document",
    "endpoint",
    "event",
    "fragment",
    "handle",
    "header",
    "heartbeat",
    "index",
    "invoice",
    "job",
    "key",
    "lease",
    "lock",
    "manifest",
    "message",
    "node",
    "offset",
    "order",
    "page",
    "partition",
    "payload",
    "peer",
    "pool",
    "queue",
    "record",
    "region",
    "replica",
    "request",
    "response",
    "route",
    "schema",
    "segment",
    "shard",
    "snapshot",
    "stream",
    "task",
    "token",
    "transaction",
    "volume",
];
const PLACES: [&str; 10] = ["from", "to", "at", "by", "on", "via", "after", "before", "between", "within"];

/// What is filled in.
#[derive(Clone, Copy)]
enum Parameter {
    Small,
    Large,
    Hex,
    Address,
    Port,
    Milliseconds,
    Percent,
}

const PARAMETERS: [Parameter; 7] = [
    Parameter::Small,
    Parameter::Large,
    Parameter::Hex,
    Parameter::Address,
    Parameter::Port,
    Parameter::Milliseconds,
    Parameter::Percent,
];

enum Piece {
    Text(String),
    Parameter(Parameter),
}

pub(crate) struct Template(Vec<Piece>);

impl Template {
    pub(crate) fn fill(&self, body: &mut String, rng: &mut fastrand::Rng) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => body.push_str(text),
                Piece::Parameter(parameter) => parameter.fill(body, rng),
            }
        }
    }
}

impl Parameter {
    fn fill(self, body: &mut String, rng: &mut fastrand::Rng) {
        let written = match self {
            Parameter::Small => write!(body, "{}", rng.u32(..1000)),
            Parameter::Large => write!(body, "{}", rng.u32(..)),
            Parameter::Hex => write!(body, "{:08x}", rng.u32(..)),
            Parameter::Address => write!(body, "10.{}.{}.{}", rng.u8(..8), rng.u8(..), rng.u8(..)),
            Parameter::Port => write!(body, "{}", rng.u16(1024..)),
            Parameter::Milliseconds => write!(body, "{} ms", rng.u32(..30_000)),
            Parameter::Percent => write!(body, "{} %", rng.u32(..101)),
        };
        written.unwrap();
    }
}

/// By rank: the first is the most frequent.
pub(crate) fn all() -> Vec<Template> {
    let mut rng = fastrand::Rng::with_seed(400);
    (0..COUNT as usize).map(|rank| template(rank, &mut rng)).collect()
}

fn template(rank: usize, rng: &mut fastrand::Rng) -> Template {
    let pick = |words: &[&'static str], rng: &mut fastrand::Rng| words[rng.usize(..words.len())];
    let mut text = match rng.u8(..3) {
        0 => format!("{}: ", pick(&COMPONENTS, rng)),
        1 => format!("[{}-{}] ", pick(&COMPONENTS, rng).to_lowercase(), pick(&NOUNS, rng)),
        _ => String::new(),
    };
    write!(text, "{} {} {}", pick(&VERBS, rng), pick(&ADJECTIVES, rng), pick(&NOUNS, rng)).unwrap();
    if BLOCK_RANKS.contains(&rank) {
        text.push_str(" of block");
    }
    let (mut pieces, mut length, wanted) = (Vec::new(), 0, rng.usize(58..160));
    while length + text.len() < wanted {
        match rng.u8(..4) {
            0 => write!(text, ", {} {}", pick(&VERBS, rng), pick(&NOUNS, rng)),
            1 => write!(text, " {} {} {}", pick(&PLACES, rng), pick(&ADJECTIVES, rng), pick(&NOUNS, rng)),
            _ => write!(text, " {} {} ", pick(&PLACES, rng), pick(&NOUNS, rng)),
        }
        .unwrap();
        if text.ends_with(' ') {
            length += text.len() + 7;
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Parameter(PARAMETERS[rng.usize(..PARAMETERS.len())]));
        }
    }
    pieces.push(Piece::Text(text));
    Template(pieces)
}
