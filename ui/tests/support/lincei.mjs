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
