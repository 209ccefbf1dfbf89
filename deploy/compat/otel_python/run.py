"""The unmodified OpenTelemetry Python SDK sends logs, traces and metrics over gRPC and HTTP;
everything arrives, exactly."""
import json
import logging
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression as HttpCompression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from grpc import Compression as GrpcCompression

LOGS = 2500
SPANS = 1200


def exporters(server, transport):
    if transport.startswith("grpc"):
        more = {"endpoint": f"http://127.0.0.1:{server.grpc_port}", "insecure": True,
                "compression": GrpcCompression.Gzip if transport.endswith("gzip") else GrpcCompression.NoCompression}
        return GrpcLogs(**more), GrpcSpans(**more), GrpcMetrics(**more)
    compression = HttpCompression.Gzip if transport.endswith("gzip") else HttpCompression.NoCompression
    base = f"http://127.0.0.1:{server.otlp_port}/v1"
    return (HttpLogs(endpoint=f"{base}/logs", compression=compression),
            HttpSpans(endpoint=f"{base}/traces", compression=compression),
            HttpMetrics(endpoint=f"{base}/metrics", compression=compression))


def send(server, transport):
    service = f"py-{transport}"
    resource = Resource.create({"service.name": service, "service.version": "1.2.3", "answer": 42})
    logs, spans, metrics = exporters(server, transport)

    logging_provider = LoggerProvider(resource=resource)
    logging_provider.add_log_record_processor(BatchLogRecordProcessor(logs))
    logger = logging.getLogger(service)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(LoggingHandler(level=logging.NOTSET, logger_provider=logging_provider))

    tracing = TracerProvider(resource=resource)
    tracing.add_span_processor(BatchSpanProcessor(spans))
    tracer = tracing.get_tracer("shop.tracer", "0.9", attributes={"scope.attr": True})

    views = [View(instrument_name="exp.latency", aggregation=ExponentialBucketHistogramAggregation())]
    reader = PeriodicExportingMetricReader(metrics, export_interval_millis=3_600_000)
    meters = MeterProvider(resource=resource, metric_readers=[reader], views=views)
    meter = meters.get_meter("shop.meter")
    counter = meter.create_counter("orders", unit="1", description="orders placed")
    histogram = meter.create_histogram("latency", unit="ms")
    exponential = meter.create_histogram("exp.latency", unit="ms")
    gauge = meter.create_gauge("temperature", unit="Cel")

    trace_ids = []
    for i in range(LOGS):
        level = [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL][i % 5]
        logger.log(level, "order %d placed für 北京 %s", i, "💡", extra={"seq": i, "ratio": i / 8, "ok": i % 2 == 0,
                                                                        "http.route": "/orders/{id}"})
    for i in range(SPANS):
        with tracer.start_as_current_span("checkout", kind=SpanKind.SERVER, attributes={"seq": i}) as span:
            trace_ids.append(format(span.get_span_context().trace_id, "032x"))
            span.add_event("charged", {"amount": 12.5})
            with tracer.start_as_current_span("charge", kind=SpanKind.CLIENT,
                                              links=[trace.Link(span.get_span_context(), {"why": "test"})]) as child:
                if i % 10 == 0:
                    child.set_status(Status(StatusCode.ERROR, "declined"))
    for i in range(100):
        counter.add(i, {"route": "/a" if i % 2 else "/b"})
        histogram.record(float(i), {"route": "/a"})
        exponential.record(float(i + 1), {"route": "/a"})
    gauge.set(21.5, {"room": "1"})
    # shutting down exports each cumulative metric once
    for provider in (logging_provider, tracing, meters):
        provider.shutdown()
    return service, trace_ids


def verify(server, service, trace_ids):
    where = f"service = '{service}'"
    rows = server.sql(f"SELECT attributes['seq'] AS seq, body, severity, attributes['ratio'] AS ratio, attributes['ok'] AS ok,"
                      f" attributes['http.route'] AS route, resource['answer'] AS answer, trace_id FROM logs WHERE {where}"
                      f" ORDER BY attributes['seq']::bigint")
    check(f"{service}: every log once", [int(r["seq"]) for r in rows], list(range(LOGS)))
    levels = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    want = [(f"order {i} placed für 北京 💡", levels[i % 5], i / 8, str(i % 2 == 0).lower(), "/orders/{id}", "42")
            for i in range(LOGS)]
    got = [(r["body"], r["severity"], float(r["ratio"]), r["ok"], r["route"], r["answer"]) for r in rows]
    check(f"{service}: log bodies, levels, attributes", got, want)

    spans = server.sql(f"SELECT name, kind, status, status_message, trace_id, span_id, parent_span_id, duration_ns, scope,"
                       f" attributes['seq'] AS seq, events, links FROM spans WHERE {where}")
    check(f"{service}: spans", len(spans), 2 * SPANS)
    parents = {s["span_id"]: s for s in spans if s["name"] == "checkout"}
    children = [s for s in spans if s["name"] == "charge"]
    check(f"{service}: trace ids", sorted(s["trace_id"] for s in parents.values()), sorted(trace_ids))
    check(f"{service}: every child has its parent",
          all(parents[c["parent_span_id"]]["trace_id"] == c["trace_id"] for c in children), True)
    check(f"{service}: kinds", ({s["kind"] for s in parents.values()}, {s["kind"] for s in children}), ({"SERVER"}, {"CLIENT"}))
    check(f"{service}: errors", sum(s["status"] == "ERROR" and s["status_message"] == "declined" for s in children), SPANS // 10)
    check(f"{service}: events and links",
          all([e["name"] for e in s["events"]] == ["charged"] for s in parents.values())
          and all(len(c["links"]) == 1 and c["links"][0]["span_id"] == c["parent_span_id"] for c in children), True)
    check(f"{service}: scope", {s["scope"] for s in spans}, {"shop.tracer"})

    metrics = server.sql(f"SELECT metric, kind, unit, value, count, sum, min, max, temporality, monotonic, bucket_counts,"
                         f" bucket_bounds, positive_counts, zero_count, attributes FROM metrics WHERE {where}")
    orders = {m["attributes"]["route"]: m for m in metrics if m["metric"] == "orders"}
    check(f"{service}: counter", {k: m["value"] for k, m in orders.items()}, {"/a": 2500.0, "/b": 2450.0})
    check(f"{service}: counter kind", {(m["kind"], m["temporality"], m["monotonic"]) for m in orders.values()},
          {("sum", "cumulative", True)})
    [latency] = [m for m in metrics if m["metric"] == "latency"]
    check(f"{service}: histogram", (latency["count"], latency["sum"], latency["min"], latency["max"]), (100, 4950.0, 0.0, 99.0))
    check(f"{service}: buckets", (sum(latency["bucket_counts"]), len(latency["bucket_counts"])),
          (100, len(latency["bucket_bounds"]) + 1))
    [exp] = [m for m in metrics if m["metric"] == "exp.latency"]
    check(f"{service}: exponential histogram", (exp["kind"], exp["count"], exp["sum"], sum(exp["positive_counts"])),
          ("exponential_histogram", 100, 5050.0, 100))
    check(f"{service}: gauge", [m["value"] for m in metrics if m["metric"] == "temperature"], [21.5])


with Server() as server:
    for transport in ("grpc", "grpc-gzip", "http", "http-gzip"):
        verify(server, *send(server, transport))
    check("nothing was rejected", server.sql("SELECT count(*) AS n FROM rejects"), [{"n": 0}])
    before = server.sql("SELECT service, count(*) AS n FROM logs GROUP BY 1 ORDER BY 1")
    server.kill()
    server.start()
    check("the same after kill -9", server.sql("SELECT service, count(*) AS n FROM logs GROUP BY 1 ORDER BY 1"), before)
print(json.dumps({"logs": before}))
