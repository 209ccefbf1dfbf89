"""ClickHouse (chdb) and DuckDB, each in a child process, from the flat Parquet files."""
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys

import pyarrow as pa

from process import bytes_of, files_below, peak_rss_bytes

HERE = pathlib.Path(__file__).parent
SETTINGS = "SETTINGS max_threads = 2, use_query_condition_cache = 0"


class Embedded:
    """An engine whose process is `child.py`; `folder` holds its database."""
    kind = None

    def __init__(self, folder, start_ns):
        self.folder, self.start_ns = pathlib.Path(folder), start_ns
        self.process = None

    def database(self):
        return self.folder

    def start(self):
        command = [sys.executable, str(HERE / "child.py"), self.kind, str(self.database())]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for sql in self.on_start():
            self.execute(sql)

    def settle(self):
        """Its files were merged when they were loaded."""

    def stop(self):
        if self.process:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
            self.process.wait(timeout=120)
            self.process = None

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}: {request['sql']}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {answer['error']}\n{request['sql']}")
        return answer

    def execute(self, sql):
        return self.ask(sql=sql)

    def query(self, sql):
        """Wall and CPU seconds, and the rows as an Arrow table."""
        out = self.folder.parent / f"{self.name}.arrows"
        answer = self.ask(sql=self.with_settings(sql), out=str(out))
        with pa.ipc.open_stream(out.read_bytes()) as stream:
            return {**answer, "table": stream.read_all()}

    def with_settings(self, sql):
        return sql

    def on_start(self):
        return []

    def peak_rss_bytes(self):
        return peak_rss_bytes(self.process.pid)

    def files(self):
        return files_below(self.folder)

    def load(self, sources, _rows):
        """Seconds of CPU for inserts and for merging, and bytes on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.start()
        self.execute(self.schema())
        insert = sum(self.execute(self.insert(source))["cpu"] for source in sources)
        merge = sum(self.execute(sql)["cpu"] for sql in self.on_loaded())
        sizes = self.sizes()
        self.stop()
        return {"insert_cpu": insert, "merge_cpu": merge, **(sizes or {"bytes": bytes_of(self.files())})}

    def sizes(self):
        return None


class ClickHouse(Embedded):
    kind = "chdb"

    def with_settings(self, sql):
        return f"{sql} {SETTINGS}"

    def insert(self, source):
        return f"INSERT INTO logs {self.columns()} FROM file('{source}', Parquet) {SETTINGS}"

    def on_loaded(self):
        return ["OPTIMIZE TABLE logs FINAL"]

    def sizes(self):
        sql = ("SELECT sum(bytes_on_disk)::Int64 AS bytes,"
               " sum(secondary_indices_compressed_bytes)::Int64 AS index_bytes"
               " FROM system.parts WHERE table = 'logs' AND active")
        return self.query(sql)["table"].to_pylist()[0]

    def version(self):
        return "ClickHouse " + self.query("SELECT version() AS v")["table"].to_pylist()[0]["v"]


class ClickHouseMap(ClickHouse):
    """The table that the OpenTelemetry Collector's exporter makes."""
    name, label = "ch_map", "ClickHouse, exporter's schema"

    def schema(self):
        attributes = "Map(LowCardinality(String), String) CODEC(ZSTD(1))"
        maps = ("ResourceAttributes", "ScopeAttributes", "LogAttributes")
        indexes = "".join(
            f", INDEX idx_{name}_{part} map{part}({name}) TYPE bloom_filter(0.01) GRANULARITY 1"
            for name in maps for part in ("Keys", "Values"))
        return f"""CREATE TABLE logs (
            Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
            TimestampTime DateTime('UTC') DEFAULT toDateTime(Timestamp),
            TraceId String CODEC(ZSTD(1)), SpanId String CODEC(ZSTD(1)), TraceFlags UInt8,
            SeverityText LowCardinality(String) CODEC(ZSTD(1)), SeverityNumber UInt8,
            ServiceName LowCardinality(String) CODEC(ZSTD(1)), Body String CODEC(ZSTD(1)),
            ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)), ResourceAttributes {attributes},
            ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)), ScopeName String CODEC(ZSTD(1)),
            ScopeVersion LowCardinality(String) CODEC(ZSTD(1)), ScopeAttributes {attributes},
            LogAttributes {attributes}, EventName String CODEC(ZSTD(1)),
            INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1{indexes},
            INDEX idx_body Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
            ) ENGINE = MergeTree PARTITION BY toDate(TimestampTime) PRIMARY KEY (ServiceName, TimestampTime)
            ORDER BY (ServiceName, TimestampTime, Timestamp) SETTINGS index_granularity = 8192"""

    def columns(self):
        return """(Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body, ResourceAttributes,
            LogAttributes) SELECT time, trace_id, span_id, severity, severity_number, service, body,
            map('service.name', service, 'service.version', version, 'host.name', host,
                'deployment.environment.name', environment),
            map('url.path', url_path, 'http.request.method', http_method, 'http.response.status_code',
                toString(http_status), 'user.id', user_id, 'latency_ms', toString(latency_ms),
                'client.address', client_address, 'thread.name', thread, 'code.namespace', logger)"""


class ClickHouseWide(ClickHouse):
    """A column for each attribute, and indexes for the queries at hand."""
    name, label = "ch_wide", "ClickHouse, flat columns and n-gram index"

    def schema(self):
        return """CREATE TABLE logs (
            time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)), severity LowCardinality(String) CODEC(ZSTD(1)),
            severity_number UInt8 CODEC(ZSTD(1)), service LowCardinality(String) CODEC(ZSTD(1)),
            host LowCardinality(String) CODEC(ZSTD(1)), environment LowCardinality(String) CODEC(ZSTD(1)),
            version LowCardinality(String) CODEC(ZSTD(1)), body String CODEC(ZSTD(1)), trace_id String CODEC(ZSTD(1)),
            span_id String CODEC(ZSTD(1)), url_path LowCardinality(String) CODEC(ZSTD(1)),
            http_method LowCardinality(String) CODEC(ZSTD(1)), http_status UInt16 CODEC(ZSTD(1)),
            user_id String CODEC(ZSTD(1)), latency_ms Float64 CODEC(ZSTD(1)), client_address String CODEC(ZSTD(1)),
            thread LowCardinality(String) CODEC(ZSTD(1)), logger LowCardinality(String) CODEC(ZSTD(1)),
            INDEX idx_body body TYPE ngrambf_v1(4, 32768, 3, 0) GRANULARITY 1,
            INDEX idx_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
            ) ENGINE = MergeTree PARTITION BY toDate(time) PRIMARY KEY (service, toDateTime(time))
            ORDER BY (service, toDateTime(time), time) SETTINGS index_granularity = 8192"""

    def columns(self):
        names = ("time, severity, severity_number, service, host, environment, version, body, trace_id, span_id,"
                 " url_path, http_method, http_status, user_id, latency_ms, client_address, thread, logger")
        return f"({names}) SELECT {names}"


class DuckDb(Embedded):
    """Its own file, sorted as the others are."""
    name, label, kind = "duckdb", "DuckDB, own file", "duckdb"

    def database(self):
        return self.folder / "bench.duckdb"

    def on_start(self):
        return ["SET threads = 2", "SET preserve_insertion_order = true"]

    def schema(self):
        return """CREATE TABLE logs (time TIMESTAMP_NS, severity_number UTINYINT, http_status USMALLINT,
            latency_ms DOUBLE, severity VARCHAR, service VARCHAR, host VARCHAR, environment VARCHAR, version VARCHAR,
            body VARCHAR, trace_id VARCHAR, span_id VARCHAR, url_path VARCHAR, http_method VARCHAR, user_id VARCHAR,
            client_address VARCHAR, thread VARCHAR, logger VARCHAR)"""

    def insert(self, source):
        return (f"INSERT INTO logs SELECT (time AT TIME ZONE 'UTC')::TIMESTAMP_NS, * EXCLUDE (time)"
                f" FROM read_parquet('{source}') ORDER BY service, time")

    def on_loaded(self):
        return ["CHECKPOINT"]

    def version(self):
        return "DuckDB " + self.query("SELECT version() AS v")["table"].to_pylist()[0]["v"].lstrip("v")
