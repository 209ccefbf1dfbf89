"""Lincei itself: a server process, loaded over OTLP/HTTP and asked over HTTP."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pyarrow as pa

from process import bytes_of, cpu_seconds, files_below, peak_rss_bytes

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "compat"))
from lincei_server import Server, free_ports

HOUR_NS = 3600 * 10**9
CONNECTIONS = 4
# no compaction starts later than this after the last one
SETTLED_SECONDS = 35
# a server that uses less CPU than this share of a core has nothing to do
IDLE, IDLE_SECONDS_MAX = 0.03, 300
ANSWER_SECONDS = 3600
FLAGS = ["--query-seconds-max", "600", "--log", "warn"]


class Lincei:
    name, label = "lincei", "Lincei"

    def __init__(self, folder, start_ns):
        self.folder, self.start_ns = pathlib.Path(folder), start_ns
        self.server = None

    def start(self):
        self.server = Server(data=self.folder, extra=FLAGS).start(wait=300)

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None

    def cpu(self):
        return cpu_seconds(self.server.process.pid)

    def settle(self):
        """Waits for what the server does of its own after a start, so that no query is charged for it."""
        deadline = time.monotonic() + IDLE_SECONDS_MAX
        before = self.cpu()
        while time.monotonic() < deadline:
            time.sleep(1)
            now = self.cpu()
            if now - before < IDLE:
                return
            before = now

    def query(self, sql):
        """Wall and CPU seconds, and the rows as an Arrow table."""
        answer = self.ask("/api/v1/sql", {"sql": sql}, "application/vnd.apache.arrow.stream")
        with pa.ipc.open_stream(answer.pop("body")) as stream:
            return {**answer, "table": stream.read_all()}

    def ask(self, path, question, accept="application/json"):
        """Wall and CPU seconds, and the body of the answer."""
        headers = {"Content-Type": "application/json", "Accept": accept}
        wall, cpu = time.perf_counter(), self.cpu()
        status, _, body = self.server.request(path, json.dumps(question).encode(), headers, timeout=ANSWER_SECONDS)
        wall, cpu = time.perf_counter() - wall, self.cpu() - cpu
        if status != 200:
            raise RuntimeError(f"lincei: {status} {body.decode(errors='replace')}\n{path} {question}")
        return {"wall": wall, "cpu": cpu, "body": body}

    def peak_rss_bytes(self):
        return peak_rss_bytes(self.server.process.pid)

    def files(self):
        return files_below(self.folder, leave_out=["wal", "lock"])

    def version(self):
        return subprocess.run([os.environ["LINCEI_BIN"], "--version"], capture_output=True, text=True).stdout.strip()

    def post(self, path):
        status, _, _ = self.server.request(path, b"", method="POST", timeout=ANSWER_SECONDS)
        return status

    def load(self, _sources, rows):
        """Seconds of CPU until all is written, and until all is merged; bytes on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.start()
        wall, before = time.perf_counter(), self.cpu()
        sent = generate("send", rows, self.start_ns, self.server.url, CONNECTIONS)
        if self.post("/api/v1/system/flush") // 100 != 2:
            raise RuntimeError("flush failed")
        wall, insert = time.perf_counter() - wall, self.cpu() - before
        merge = self.compact()
        stored = self.server.sql("SELECT count(*) AS n FROM logs")[0]["n"]
        if stored != rows:
            raise RuntimeError(f"{stored} rows are stored, {rows} were sent")
        rewritten = self.counter("lincei_compaction_rows_total")
        rss, files = self.peak_rss_bytes(), self.count_files()
        self.stop()
        return {"insert_cpu": insert, "merge_cpu": merge, "insert_wall": wall, "bytes": bytes_of(self.files()),
                "rewritten": rewritten / rows, "peak_rss": rss, "files": files, **sent}

    def count_files(self):
        return self.server.sql("SELECT count(*) AS n FROM lincei_files WHERE state = 'live'")[0]["n"]

    def compact(self, settled_seconds=SETTLED_SECONDS):
        """Waits until no files are merged for so long; returns the CPU seconds."""
        before = self.cpu()
        if self.post("/api/v1/system/compact") // 100 == 2:
            return self.cpu() - before
        hours = self.server.sql("SELECT count(DISTINCT date_trunc('hour', min_time)) AS n FROM lincei_files")[0]["n"]
        if self.count_files() == hours:
            return 0.0
        seen, since, merged = None, time.monotonic(), before
        while time.monotonic() - since < settled_seconds:
            time.sleep(1)
            now = self.counter("lincei_compaction_rows_total")
            if now != seen:
                seen, since, merged = now, time.monotonic(), self.cpu()
                if self.count_files() == hours:
                    break
        return merged - before

    def counter(self, name):
        """The value of a metric of the server's own."""
        text = self.server.request("/metrics")[2].decode()
        lines = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def recent_start_ns(rows, rows_per_hour=1_000_000):
    """So that the last hour is over, and none so old that it counts as cold."""
    hours = -(-rows // rows_per_hour) + 1
    return (time.time_ns() // HOUR_NS - hours) * HOUR_NS


def generate(*args):
    """Runs the program that makes the rows; returns what it says of them."""
    command = [os.environ["LINCEI_BENCH_DATA"], *map(str, args)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
