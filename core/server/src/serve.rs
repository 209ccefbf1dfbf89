//! `lincei serve`: start, wire, run, stop.

use crate::access::Access;
use crate::allocator;
use crate::budget::{MemoryParts, anonymous_bytes};
use crate::config::Config;
use crate::data_path::{Bodies, DataPath};
use crate::deletions::Deletions;
use crate::demo;
use crate::http::{self, App, Rate};
use crate::net::Listeners;
use crate::pipelines::Pipelines;
use crate::plugins::{self, Plugins};
use crate::rate::Budget;
use crate::self_telemetry;
use anyhow::{Context as _, bail};
use lincei_catalog::Catalog;
use lincei_engine::{CompactionOptions, DataDirLock, Engine, EngineOptions};
use lincei_model::{Clock, SystemClock, Telemetry, TenantId};
use lincei_query::{QueryOptions, QueryService};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How often the process's memory is looked at while queries run, and else.
const WATCH_BUSY: Duration = Duration::from_millis(20);
const WATCH_IDLE: Duration = Duration::from_millis(200);

/// Serves until a signal asks to stop.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    let collector = self_telemetry::start_logging(&config)?;
    allocator::suit(config.memory.total);
    allow_descriptors();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("lincei").build()?;
    let outcome = runtime.block_on(serve(config, collector));
    runtime.shutdown_timeout(Duration::from_secs(5));
    outcome
}

/// Raises the soft limit of open files to the hard one: connections and data files are bounded by
/// other means, and the usual soft limit is below them.
fn allow_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

async fn serve(config: Config, collector: Option<self_telemetry::Collector>) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let telemetry = Arc::new(Telemetry::default());
    let (engine, catalog) = open_storage(&config, &clock, &telemetry).await?;
    refuse_unprotected(&config, &catalog)?;
    let listeners = [listen(config.listen).await?, listen(config.otlp_grpc).await?, listen(config.otlp_http).await?];
    let stop = CancellationToken::new();
    let app = wire(&config, &listeners, Storage { engine, catalog, clock, telemetry }, stop.clone())?;
    // before anything is taken in: no record may pass a pipeline that is not there yet
    let loading = async { app.plugins.load_all().await.and(app.pipelines.reload().await) };
    loading.await.map_err(|failure| anyhow::anyhow!(failure.detail)).context("loading plugins and pipelines")?;
    let [main, grpc, otlp] = listeners;
    let shared = Listeners {
        connections_max: config.connections_max,
        telemetry: Arc::clone(&app.telemetry),
        stop: stop.clone(),
    };
    let serving = [
        tokio::spawn(shared.clone().serve(main, http::main_router(&app))),
        tokio::spawn(shared.clone().serve(grpc, http::grpc_router(&app))),
        tokio::spawn(shared.serve(otlp, http::otlp_router(&app))),
    ];
    let background = tokio::spawn({
        let (engine, stop) = (app.engine.clone(), stop.clone());
        async move { engine.run_background(stop.cancelled_owned()).await }
    });
    let keeping = tokio::spawn(Arc::clone(&app.plugins).keep_state(stop.clone()));
    let sampling = tokio::spawn(sample_rate(Arc::clone(&app), stop.clone()));
    let watching = tokio::spawn(watch_memory(config.memory, Arc::clone(&app), stop.clone()));
    let shop = config.demo.then(|| tokio::spawn(open_shop(Arc::clone(&app), stop.clone())));
    let own = collector.map(|collector| tokio::spawn(collector.run(Arc::clone(&app), stop.clone())));
    announce(&app);
    wait_for_signal().await?;
    tracing::info!("stopping: requests under way finish, then memory is written to parquet");
    stop.cancel();
    for task in serving {
        let _ = task.await;
    }
    let _ = sampling.await;
    let _ = keeping.await;
    let _ = watching.await;
    for task in own.into_iter().chain(shop) {
        let _ = task.await;
    }
    app.deletions.shutdown().await;
    app.query.shutdown().await;
    let _ = background.await;
    let ending = "writing memory to parquet at the end; the write-ahead log still holds the rows";
    app.engine.shutdown().await.context(ending)?;
    tracing::info!("stopped");
    Ok(())
}

/// What lies under the queries and the data path.
struct Storage {
    engine: Engine,
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    telemetry: Arc<Telemetry>,
}

/// Builds what handlers work with.
fn wire(
    config: &Config,
    listeners: &[TcpListener; 3],
    storage: Storage,
    stop: CancellationToken,
) -> anyhow::Result<Arc<App>> {
    let Storage { engine, catalog, clock, telemetry } = storage;
    let memory = &config.memory;
    let query_options = QueryOptions {
        memory_bytes: saturating(memory.queries),
        query_memory_bytes: saturating(memory.queries / 2),
        metadata_cache_bytes: saturating(memory.metadata_cache),
        time_max: config.query_time_max,
        rows_max: config.query_rows_max as u64,
        running_max: config.queries_running_max,
        spill_dir: Some(config.data.join("cache").join("spill")),
        ..QueryOptions::default()
    };
    let query = QueryService::new(
        engine.clone(),
        Arc::clone(&catalog),
        Arc::clone(&clock),
        Arc::clone(&telemetry),
        query_options,
    )?;
    memory.publish(&telemetry);
    let bodies = Bodies { budget: Budget::new(saturating(memory.bodies)), bytes_max: saturating(memory.body_max()) };
    let plugins = Plugins::new(
        &config.data,
        plugins::Parts {
            catalog: Arc::clone(&catalog),
            blobs: engine.blobs(),
            clock: Arc::clone(&clock),
            query: query.clone(),
        },
    )?;
    let plugins = Arc::new(plugins);
    let pipelines = Arc::new(Pipelines::new(Arc::clone(&catalog), Arc::clone(&plugins), query.clone()));
    query.set_plugin_status(Arc::new(plugins::Status::new(&plugins, &pipelines)));
    let data_path = DataPath::new(
        engine.clone(),
        Arc::clone(&catalog),
        Arc::clone(&clock),
        Arc::clone(&telemetry),
        bodies,
        Arc::clone(&pipelines),
    );
    let access =
        Access::new(Arc::clone(&catalog), Arc::clone(&clock), config.beyond_loopback(), config.public_url.as_deref());
    let [main, grpc, otlp] = listeners;
    Ok(Arc::new(App {
        access: Arc::new(access),
        catalog: Arc::clone(&catalog),
        cors_origins: config.cors_origins.clone(),
        data_path: Arc::new(data_path),
        deletions: Deletions::new(engine.clone(), Arc::clone(&catalog), Arc::clone(&clock)),
        endpoints: lincei_api::Endpoints {
            http: main.local_addr()?.to_string(),
            otlp_grpc: grpc.local_addr()?.to_string(),
            otlp_http: otlp.local_addr()?.to_string(),
        },
        engine,
        pipelines,
        plugins,
        query,
        rate: Rate::default(),
        secure_cookies: config.secure_cookies(),
        started_ns: clock.now_ns(),
        clock,
        stop,
        telemetry,
        tenant: TenantId::default(),
    }))
}

/// Opens catalog and engine of a data directory.
async fn open_storage(
    config: &Config,
    clock: &Arc<dyn Clock>,
    telemetry: &Arc<Telemetry>,
) -> anyhow::Result<(Engine, Arc<Catalog>)> {
    let memory = &config.memory;
    let defaults = EngineOptions::new(&config.data);
    let options = EngineOptions {
        memtable_bytes_max: saturating(memory.memtable_rows()),
        wal_queue_bytes_max: saturating(memory.wal_queue),
        file_writers_max: memory.file_writers(),
        term_cache_bytes_max: memory.term_cache / 2,
        summary_cache_bytes_max: memory.term_cache / 4,
        pattern_cache_bytes_max: memory.term_cache / 4,
        compaction: CompactionOptions { memory_bytes: saturating(memory.compaction), ..defaults.compaction.clone() },
        flush_interval: config.flush_interval,
        disk_reserve_bytes: config.disk_reserve_bytes.unwrap_or(defaults.disk_reserve_bytes),
        ..defaults
    };
    open_engine(&config.data, options, clock, telemetry).await
}

fn saturating(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Opens the engine of a data directory with its files on the local disk.
pub(crate) async fn open_engine(
    data: &Path,
    options: EngineOptions,
    clock: &Arc<dyn Clock>,
    telemetry: &Arc<Telemetry>,
) -> anyhow::Result<(Engine, Arc<Catalog>)> {
    let lock = DataDirLock::acquire(data)?;
    let catalog = Arc::new(lincei_engine::open_catalog(data)?);
    let store = open_store(data)?;
    let (engine, _) =
        Engine::open_locked(lock, options, Arc::clone(&catalog), store, Arc::clone(clock), Arc::clone(telemetry))
            .await?;
    Ok((engine, catalog))
}

/// The Parquet files of a data directory on the local disk.
pub(crate) fn open_store(data: &Path) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let parquet = data.join("parquet");
    let opening = || format!("opening {}", parquet.display());
    std::fs::create_dir_all(&parquet).with_context(opening)?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(&parquet).with_context(opening)?))
}

/// Beyond loopback nothing listens without credentials.
fn refuse_unprotected(config: &Config, catalog: &Catalog) -> anyhow::Result<()> {
    if !config.beyond_loopback() {
        return Ok(());
    }
    let data = config.data.display();
    let mut missing = Vec::new();
    if !catalog.has_admin()? {
        missing.push(format!("an administrator (`lincei admin create NAME --data {data}`)"));
    }
    if !catalog.has_ingest_key()? {
        missing.push(format!("an ingest key (`lincei key create NAME --data {data}`)"));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let open = [config.listen, config.otlp_grpc, config.otlp_http].into_iter().find(|a| !a.ip().is_loopback());
    let open: SocketAddr = open.unwrap_or(config.listen);
    bail!("refusing to listen on {open}, which other machines can reach, without {}", missing.join(" and "))
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address}: choose another with --listen, --otlp-grpc or --otlp-http"))
}

async fn open_shop(app: Arc<App>, stop: CancellationToken) {
    if let Err(error) = demo::run(app, stop).await {
        tracing::error!(%error, "the demo has no history");
    }
}

async fn sample_rate(app: Arc<App>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        app.rate.sample(&app.telemetry);
    }
}

/// Lets queries do without what the process has above its budget, and ends the largest when that does
/// not help.
async fn watch_memory(parts: MemoryParts, app: Arc<App>, stop: CancellationToken) {
    let mut ending = false;
    loop {
        let anonymous = anonymous_bytes();
        app.query.set_excess_memory(parts.excess(anonymous));
        let ended = parts.is_over(anonymous) && app.query.end_largest();
        if ended && !ending {
            tracing::warn!(bytes = anonymous, budget = parts.total, "memory is used up: the largest query is ended");
        }
        ending = ended;
        let pause = if app.query.status().queries > 0 { WATCH_BUSY } else { WATCH_IDLE };
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
    }
}

fn announce(app: &App) {
    let endpoints = &app.endpoints;
    tracing::info!(
        page = %format!("http://{}", endpoints.http),
        otlp_grpc = %endpoints.otlp_grpc,
        otlp_http = %endpoints.otlp_http,
        "lincei {} is ready", env!("CARGO_PKG_VERSION")
    );
    crate::cli::say(&format!("Lincei is ready: http://{}", endpoints.http));
}

async fn wait_for_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
