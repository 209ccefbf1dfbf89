// The binary under test, on ports and in a directory of its own.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 30_000;

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

export class Lincei {
  spans = 0;

  static async start({ account } = {}) {
    const binary = process.env.LINCEI_BIN;
    if (!binary) throw new Error("LINCEI_BIN has to name the binary under test");
    const lincei = new Lincei();
    lincei.binary = binary;
    lincei.data = await mkdtemp(join(tmpdir(), "lincei-ui-"));
    lincei.ports = await freePorts(3);
    lincei.url = `http://127.0.0.1:${lincei.ports[0]}`;
    if (account) {
      const { status, stderr } = spawnSync(binary, ["admin", "create", account.name, "--data", lincei.data], {
        env: { ...process.env, LINCEI_PASSWORD: account.password },
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`admin create: ${stderr}`);
    }
    await lincei.run();
    return lincei;
  }

  async run() {
    const [page, grpc, http] = this.ports.map((port) => `127.0.0.1:${port}`);
    const args = ["serve", "--data", this.data, "--listen", page, "--otlp-grpc", grpc, "--otlp-http", http];
    this.process = spawn(this.binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.output = "";
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on("data", (chunk) => (this.output += chunk));
    }
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (this.process.exitCode !== null) throw new Error(`the server has ended:\n${this.output}`);
      const ready = await fetch(`${this.url}/readyz`).catch(() => null);
      if (ready?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server was not ready within ${START_MS} ms:\n${this.output}`);
  }

  // Ends the process; the data stay, so that `run` goes on with them.
  async halt() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
  }

  async stop() {
    await this.halt();
    await rm(this.data, { recursive: true, force: true });
  }

  // Stores requests of a service, evenly from `from` to `to` (milliseconds since the epoch); every
  // `failEvery`th fails.
  async serve(service, { from, to, count, tookMs = 20, failEvery = 0, version = "1.0.0" }) {
    const spans = Array.from({ length: count }, (_, i) => {
      const start = from + ((to - from) * i) / count;
      this.spans += 1;
      return {
        traceId: hex(this.spans, 32), spanId: hex(this.spans, 16), name: "GET /", kind: 2,
        startTimeUnixNano: ns(start), endTimeUnixNano: ns(start + tookMs),
        status: failEvery && i % failEvery === 0 ? { code: 2, message: "refused" } : {},
      };
    });
    const attributes = [attribute("service.name", service), attribute("service.version", version)];
    const body = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${this.ports[2]}/v1/traces`, { method: "POST", headers, body });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  }

  // Keeps something under a name; returns it with its id.
  async save(kind, name, content) {
    const body = JSON.stringify({ kind, name, content });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.url}/api/v1/saved`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  // Stores log lines, given as objects; they can be queried when this returns.
  async send(lines) {
    for (let at = 0; at < lines.length; at += 20_000) {
      const body = lines.slice(at, at + 20_000).map((line) => JSON.stringify(line)).join("\n");
      const headers = { "content-type": "application/x-ndjson" };
      const response = await fetch(`${this.url}/api/v1/ingest/logs`, { method: "POST", headers, body });
      const answer = await response.text();
      if (!response.ok || JSON.parse(answer).rejected > 0) throw new Error(`${response.status} ${answer}`);
    }
  }
}

const ns = (ms) => `${BigInt(Math.round(ms)) * 1_000_000n}`;
const hex = (number, digits) => number.toString(16).padStart(digits, "0");
const attribute = (key, stringValue) => ({ key, value: { stringValue } });

// A small shop in trouble: one line every `stepMs`, the newest at `newest`.
export function shop(count, { newest = Date.now() - 1000, stepMs = 1000 } = {}) {
  const services = ["payment", "checkout", "storefront", "gateway", "cart"];
  return Array.from({ length: count }, (_, i) => {
    const level = ["info", "info", "error", "info", "warn", "info", "debug", "info"][i % 8];
    const order = 90_000 - (i % 1000);
    const message = {
      error: `authorise failed: nordpay: connection pool timeout after 2500 ms (waiting=${i})`,
      warn: `retry ${(i % 3) + 1} of 3 in 800 ms`,
      info: `authorise order A-${order}, line ${i}`,
      debug: `cache miss ${i}`,
    }[level];
    return {
      time: new Date(newest - i * stepMs).toISOString(),
      level,
      service: services[i % 5],
      message,
      "order.id": `A-${order}`,
      ...(level === "error" ? { "error.type": "pool_timeout" } : {}),
    };
  });
}

const place = (x, y, w, h) => ({ x, y, w, h });
const SQL = "SELECT date_bin($interval, time) AS time, service, count(*) AS lines\nFROM logs\n[[WHERE service IN ($service)]]\nGROUP BY 1, 2";
// A dashboard of that shop, with a panel of each kind and a variable.
export const shopDashboard = () => ({
  format: 1,
  variables: [{ name: "service", label: "Service", multi: true, table: "logs", field: "service" }],
  panels: [
    { id: "a", title: "By level", at: place(0, 0, 12, 8), query: { counts: "service:$service", by: "severity" }, view: "columns" },
    { id: "b", title: "By service", at: place(12, 0, 12, 8), query: { sql: SQL }, view: "line" },
    { id: "c", title: "Counts", at: place(0, 8, 12, 8), query: { sql: "SELECT service, count(*) AS lines FROM logs [[WHERE service IN ($service)]] GROUP BY 1 ORDER BY 1" }, view: "table" },
    { id: "d", title: "Lines", at: place(12, 8, 6, 8), query: { lines: "severity:ERROR service:$service" }, view: "log" },
    { id: "e", title: "All", at: place(18, 8, 6, 8), query: { sql: "SELECT count(*) AS lines FROM logs" }, view: "value", warn: 1, bad: 1e6 },
  ],
});
