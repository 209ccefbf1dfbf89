//! One typed configuration: defaults, then `lincei.toml`, then `LINCEI_*`, then flags.

#[cfg(test)]
mod tests;

use crate::budget::{MemoryParts, usable_bytes};
use anyhow::{Context as _, bail};
use lincei_model::limits;
use serde::Deserialize;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Flags of `lincei serve`, and at the same time the keys of `lincei.toml`. Nothing has a default
/// here, so that a value that was not given can come from the next place.
#[derive(Debug, Default, Clone, clap::Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServeArgs {
    /// Configuration file [default: none]
    #[arg(long, env = "LINCEI_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// Data directory [default: ./lincei-data; with --demo ./lincei-demo]
    #[arg(long, env = "LINCEI_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address of the page, the API and HTTP intake [default: 127.0.0.1:1609]
    #[arg(long, env = "LINCEI_LISTEN", value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Address of OTLP over gRPC [default: 127.0.0.1:4317]
    #[arg(long, env = "LINCEI_OTLP_GRPC", value_name = "HOST:PORT")]
    otlp_grpc: Option<String>,
    /// Address of OTLP over HTTP [default: 127.0.0.1:4318]
    #[arg(long, env = "LINCEI_OTLP_HTTP", value_name = "HOST:PORT")]
    otlp_http: Option<String>,
    /// Memory for everything, as bytes (`2GiB`) or share of what the machine or the control group
    /// allows (`50%`); at least 128MiB [default: 50%]
    #[arg(long, env = "LINCEI_MEMORY", value_name = "SIZE")]
    memory: Option<String>,
    /// Seconds after which rows in memory are written to Parquet [default: 300]
    #[arg(long, env = "LINCEI_FLUSH_SECONDS", value_name = "N")]
    flush_seconds: Option<u64>,
    /// Free disk space below which intake answers 503, as bytes [default: 256MiB, at most 5% of the disk]
    #[arg(long, env = "LINCEI_DISK_RESERVE", value_name = "SIZE")]
    disk_reserve: Option<String>,
    /// Running time of one query in seconds [default: 60]
    #[arg(long, env = "LINCEI_QUERY_SECONDS_MAX", value_name = "N")]
    query_seconds_max: Option<u64>,
    /// Memory of all queries together [default: what the other parts of `memory` leave, about half]
    #[arg(long, env = "LINCEI_QUERY_MEMORY", value_name = "SIZE")]
    query_memory: Option<String>,
    /// Rows of one answer [default: 1000000]
    #[arg(long, env = "LINCEI_QUERY_ROWS_MAX", value_name = "N")]
    query_rows_max: Option<usize>,
    /// Queries that run at once; more wait. One user has at most three quarters of them
    /// [default: 16, fewer where query_memory is small]
    #[arg(long, env = "LINCEI_QUERIES_RUNNING_MAX", value_name = "N")]
    queries_running_max: Option<usize>,
    /// Open connections per address; more are closed at once [default: 4096]
    #[arg(long, env = "LINCEI_CONNECTIONS_MAX", value_name = "N")]
    connections_max: Option<usize>,
    /// Address that people type, where a proxy stands in front; https makes cookies secure
    /// [default: none]
    #[arg(long, env = "LINCEI_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Web origins whose pages may send telemetry, `*` for any [default: *]
    #[arg(long, env = "LINCEI_CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    cors_origins: Option<Vec<String>>,
    /// Own log: error, warn, info, debug, trace, or a filter such as `info,lincei_engine=debug`
    /// [default: info]
    #[arg(long, env = "LINCEI_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Form of the own log: text or json [default: text]
    #[arg(long, env = "LINCEI_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<String>,
    /// Store own logs and spans in the tables too, as service `lincei` [default: false]
    #[arg(long, env = "LINCEI_SELF_TELEMETRY", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    self_telemetry: Option<bool>,
    /// Open a simulated online shop that sends logs, traces and metrics [default: false]
    #[arg(long, env = "LINCEI_DEMO", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    demo: Option<bool>,
}

impl ServeArgs {
    /// With the demo.
    pub(crate) fn with_demo(self) -> Self {
        Self { demo: Some(true), ..self }
    }
}

/// Everything `serve` needs, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) otlp_grpc: SocketAddr,
    pub(crate) otlp_http: SocketAddr,
    pub(crate) memory: MemoryParts,
    pub(crate) flush_interval: Duration,
    pub(crate) disk_reserve_bytes: Option<u64>,
    pub(crate) query_time_max: Duration,
    pub(crate) query_rows_max: usize,
    pub(crate) queries_running_max: usize,
    pub(crate) connections_max: usize,
    pub(crate) public_url: Option<String>,
    pub(crate) cors_origins: Vec<String>,
    pub(crate) log: String,
    pub(crate) log_json: bool,
    pub(crate) self_telemetry: bool,
    pub(crate) demo: bool,
}

impl Config {
    /// Reads the file that the flags name, if any, and checks every value.
    pub(crate) fn load(args: ServeArgs) -> anyhow::Result<Self> {
        let file = match &args.config {
            None => ServeArgs::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("in {}", path.display()))?
            }
        };
        Self::resolve(args, file)
    }

    fn resolve(args: ServeArgs, file: ServeArgs) -> anyhow::Result<Self> {
        let total = usable_bytes();
        let memory = args.memory.or(file.memory).unwrap_or_else(|| "50%".into());
        let query_memory = args.query_memory.or(file.query_memory);
        let query_memory = query_memory.map(|text| parse_memory("query_memory", &text, total)).transpose()?;
        let memory = MemoryParts::divide(parse_memory("memory", &memory, total)?, query_memory)?;
        let disk_reserve = args.disk_reserve.or(file.disk_reserve);
        let demo = args.demo.or(file.demo).unwrap_or(false);
        let log_format = args.log_format.or(file.log_format).unwrap_or_else(|| "text".into());
        let config = Self {
            data: args.data.or(file.data).unwrap_or_else(|| if demo { "lincei-demo" } else { "lincei-data" }.into()),
            listen: parse_address("listen", args.listen.or(file.listen), "127.0.0.1:1609")?,
            otlp_grpc: parse_address("otlp_grpc", args.otlp_grpc.or(file.otlp_grpc), "127.0.0.1:4317")?,
            otlp_http: parse_address("otlp_http", args.otlp_http.or(file.otlp_http), "127.0.0.1:4318")?,
            memory,
            flush_interval: Duration::from_secs(args.flush_seconds.or(file.flush_seconds).unwrap_or(300)),
            disk_reserve_bytes: disk_reserve.map(|v| parse_size("disk_reserve", &v)).transpose()?,
            query_time_max: args
                .query_seconds_max
                .or(file.query_seconds_max)
                .map_or(limits::QUERY_TIME_MAX, Duration::from_secs),
            query_rows_max: args.query_rows_max.or(file.query_rows_max).unwrap_or(limits::QUERY_ROWS_MAX),
            queries_running_max: args
                .queries_running_max
                .or(file.queries_running_max)
                .unwrap_or_else(|| memory.queries_running()),
            connections_max: args.connections_max.or(file.connections_max).unwrap_or(4096),
            public_url: args.public_url.or(file.public_url),
            cors_origins: args.cors_origins.or(file.cors_origins).unwrap_or_else(|| vec!["*".into()]),
            log: args.log.or(file.log).unwrap_or_else(|| "info".into()),
            log_json: match log_format.as_str() {
                "text" => false,
                "json" => true,
                other => bail!("log_format is {other:?}: text and json are known"),
            },
            self_telemetry: args.self_telemetry.or(file.self_telemetry).unwrap_or(false),
            demo,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let at_least = |name: &str, value: u64, least: u64| {
            if value < least { bail!("{name} is {value}: at least {least} is needed") } else { Ok(()) }
        };
        at_least("query_memory", self.memory.queries, 16 << 20)?;
        at_least("flush_seconds", self.flush_interval.as_secs(), 1)?;
        at_least("query_seconds_max", self.query_time_max.as_secs(), 1)?;
        at_least("query_rows_max", self.query_rows_max as u64, 1)?;
        at_least("queries_running_max", self.queries_running_max as u64, 1)?;
        at_least("connections_max", self.connections_max as u64, 1)?;
        if let Some(url) = &self.public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            bail!("public_url is {url:?}: it starts with http:// or https://");
        }
        Ok(())
    }

    /// Whether any address can be reached from other machines.
    pub(crate) fn beyond_loopback(&self) -> bool {
        [self.listen, self.otlp_grpc, self.otlp_http].iter().any(|a| !a.ip().is_loopback())
    }

    /// Whether browsers reach the page over TLS, so that cookies may be marked secure.
    pub(crate) fn secure_cookies(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

fn parse_address(name: &str, given: Option<String>, default: &str) -> anyhow::Result<SocketAddr> {
    let text = given.unwrap_or_else(|| default.to_owned());
    text.to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .with_context(|| format!("{name} is {text:?}: expected HOST:PORT, for example {default}"))
}

/// Bytes from `123`, `64MiB`, `2GB`, `1.5GiB`.
pub(crate) fn parse_size(name: &str, text: &str) -> anyhow::Result<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "kb" => 1e3,
        "m" | "mib" => 1_048_576.0,
        "mb" => 1e6,
        "g" | "gib" => 1_073_741_824.0,
        "gb" => 1e9,
        "t" | "tib" => 1_099_511_627_776.0,
        "tb" => 1e12,
        _ => bail!("{name} is {text:?}: the unit {unit:?} is not one of B, KiB, MiB, GiB, TiB, KB, MB, GB, TB"),
    };
    let number =
        f64::from_str(number).map_err(|_| anyhow::anyhow!("{name} is {text:?}: expected a size such as 2GiB"))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    Ok((number * scale) as u64)
}

fn parse_memory(name: &str, text: &str, total: u64) -> anyhow::Result<u64> {
    let Some(share) = text.trim().strip_suffix('%') else { return parse_size(name, text) };
    match share.trim().parse::<u64>() {
        Ok(percent @ 1..=100) => Ok(total / 100 * percent),
        _ => bail!("{name} is {text:?}: a share is 1% to 100%"),
    }
}
