// The unmodified OpenTelemetry Node SDK sends logs, traces and metrics over gRPC, HTTP with
// protobuf and HTTP with JSON; everything arrives, exactly.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtoLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as GrpcMetrics } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonMetrics } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtoMetrics } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as GrpcSpans } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonSpans } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoSpans } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const LOGS = 1500;
const SPANS = 700;

async function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function start() {
  const [http, grpc, otlp] = [await freePort(), await freePort(), await freePort()];
  const data = mkdtempSync(join(tmpdir(), "lincei-"));
  const process_ = spawn(process.env.LINCEI_BIN, ["serve", "--data", data, "--listen", `127.0.0.1:${http}`,
    "--otlp-grpc", `127.0.0.1:${grpc}`, "--otlp-http", `127.0.0.1:${otlp}`], { stdio: ["ignore", "ignore", "inherit"] });
  for (let i = 0; i < 600; i++) {
    const up = await fetch(`http://127.0.0.1:${http}/healthz`).then((r) => r.ok, () => false);
    if (up) return { http, grpc, otlp, data, process: process_ };
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("server did not answer");
}

async function sql(server, text) {
  const answer = await fetch(`http://127.0.0.1:${server.http}/api/v1/sql`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ sql: text }),
  });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body.rows.map((row) => Object.fromEntries(row.map((v, i) => [body.columns[i].name, v])));
}

function exporters(server, transport) {
  const grpc = { url: `http://127.0.0.1:${server.grpc}`, compression: transport.endsWith("gzip") ? "gzip" : "none" };
  if (transport.startsWith("grpc")) return [new GrpcLogs(grpc), new GrpcSpans(grpc), new GrpcMetrics(grpc)];
  const at = (path) => ({ url: `http://127.0.0.1:${server.otlp}/v1/${path}`, compression: grpc.compression });
  if (transport.startsWith("json")) return [new JsonLogs(at("logs")), new JsonSpans(at("traces")), new JsonMetrics(at("metrics"))];
  return [new ProtoLogs(at("logs")), new ProtoSpans(at("traces")), new ProtoMetrics(at("metrics"))];
}

async function send(server, transport) {
  const service = `node-${transport}`;
  const resource = resourceFromAttributes({ "service.name": service, "service.version": "2.0.0" });
  const [logs, spans, metrics] = exporters(server, transport);
  const logging = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: logs, maxQueueSize: 1e5 })] });
  const logger = logging.getLogger("shop.logger", "1.0");
  for (let i = 0; i < LOGS; i++) {
    logger.emit({ severityNumber: [SeverityNumber.INFO, SeverityNumber.ERROR][i % 2], severityText: ["INFO", "ERROR"][i % 2],
      body: i % 3 ? `order ${i} placed` : { order: i, items: ["a", { b: 1.5 }] }, attributes: { seq: i, big: 2 ** 40 + i, list: [1, 2], on: true } });
  }
  const tracing = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(spans, { maxQueueSize: 1e5 })] });
  const tracer = tracing.getTracer("shop.tracer", "0.9");
  const ids = [];
  for (let i = 0; i < SPANS; i++) {
    const parent = tracer.startSpan("checkout", { kind: SpanKind.SERVER, attributes: { seq: i } });
    ids.push(parent.spanContext().traceId);
    const child = tracer.startSpan("charge", { kind: SpanKind.CLIENT }, trace.setSpan(context.active(), parent));
    child.addEvent("charged", { amount: 12.5 });
    if (i % 10 === 0) child.setStatus({ code: SpanStatusCode.ERROR, message: "declined" });
    child.end();
    parent.end();
  }
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ resource, readers: [reader] });
  const meter = meters.getMeter("shop.meter");
  const counter = meter.createCounter("orders", { unit: "1" });
  const histogram = meter.createHistogram("latency", { unit: "ms" });
  for (let i = 0; i < 100; i++) {
    counter.add(i, { route: i % 2 ? "/a" : "/b" });
    histogram.record(i);
  }
  // shutting down exports what is left, and each cumulative metric once
  for (const provider of [logging, tracing, meters]) await provider.shutdown();
  return [service, ids];
}

async function verify(server, service, ids) {
  const where = `service = '${service}'`;
  const logs = await sql(server, `SELECT attributes['seq'] AS seq, attributes['big'] AS big, attributes['list'] AS list,
    attributes['on'] AS on_, body, severity FROM logs WHERE ${where} ORDER BY attributes['seq']::bigint`);
  assert.deepEqual(logs.map((r) => Number(r.seq)), Array.from({ length: LOGS }, (_, i) => i));
  for (const row of logs) {
    const i = Number(row.seq);
    assert.equal(row.severity, i % 2 ? "ERROR" : "INFO");
    assert.equal(row.big, String(2 ** 40 + i));
    assert.deepEqual(JSON.parse(row.list), [1, 2]);
    assert.equal(row.on_, "true");
    if (i % 3) assert.equal(row.body, `order ${i} placed`);
    else assert.deepEqual(JSON.parse(row.body), { order: i, items: ["a", { b: 1.5 }] });
  }
  const spans = await sql(server, `SELECT * FROM spans WHERE ${where}`);
  assert.equal(spans.length, 2 * SPANS);
  const parents = new Map(spans.filter((s) => s.name === "checkout").map((s) => [s.span_id, s]));
  assert.deepEqual([...parents.values()].map((s) => s.trace_id).sort(), [...ids].sort());
  for (const child of spans.filter((s) => s.name === "charge")) {
    assert.equal(parents.get(child.parent_span_id).trace_id, child.trace_id);
    assert.deepEqual(child.events.map((e) => [e.name, e.attributes]), [["charged", { amount: "12.5" }]]);
  }
  assert.equal(spans.filter((s) => s.status === "ERROR" && s.status_message === "declined").length, SPANS / 10);
  const metrics = await sql(server, `SELECT metric, value, count, sum, min, max, attributes['route'] AS route FROM metrics WHERE ${where}`);
  const orders = Object.fromEntries(metrics.filter((m) => m.metric === "orders").map((m) => [m.route, m.value]));
  assert.deepEqual(orders, { "/a": 2500, "/b": 2450 });
  const latency = metrics.find((m) => m.metric === "latency");
  assert.deepEqual([latency.count, latency.sum, latency.min, latency.max], [100, 4950, 0, 99]);
  console.log(`ok  ${service}: ${LOGS} logs, ${2 * SPANS} spans, metrics`);
}

const server = await start();
try {
  for (const transport of ["grpc", "grpc-gzip", "proto", "proto-gzip", "json", "json-gzip"]) {
    await verify(server, ...(await send(server, transport)));
  }
  assert.deepEqual(await sql(server, "SELECT count(*) AS n FROM rejects"), [{ n: 0 }]);
} finally {
  server.process.kill("SIGTERM");
  await new Promise((done) => server.process.once("exit", done));
  rmSync(server.data, { recursive: true, force: true });
}
