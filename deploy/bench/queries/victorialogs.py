"""VictoriaLogs, where the environment names its program in VICTORIALOGS_BIN: a server process, loaded
with JSON lines. Streams are service and host, as its guide advises: few, and often filtered by.

No program was at hand when this was written: it was run against a stand-in that speaks the documented
API, so the queries themselves are still to be seen by a real one."""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pyarrow as pa
import pyarrow.parquet as pq

from lincei import free_ports
from process import bytes_of, cpu_seconds, files_below, peak_rss_bytes

ROWS_PER_REQUEST = 50_000
INSERT = "/insert/jsonline?_stream_fields=service,host&_time_field=time&_msg_field=body"
ANSWER_SECONDS = 3600
IDLE = 0.03
# by query; each ends with the columns of its answer. It has no exact percentiles with interpolation
# and no approximate count of distinct values.
LOGSQL = {
    "Q1": "* | stats by (_time:1m, severity) count() n | sort by (_time, severity) | fields _time, severity, n",
    "Q2": '{service="payment"} | sort by (_time desc) limit 100'
          " | fields _time, severity, service, _msg, trace_id, url_path, http_status",
    "Q2t": "* | sort by (_time desc) limit 100 | fields _time, severity, service, _msg",
    "Q3": 'trace_id:="{trace_id}" | sort by (_time)',
    "Q4": '_msg:~"kx9q7zt" | sort by (_time desc) limit 100 | fields _time, service, _msg',
    "Q5": '_msg:~"block" | stats by (service) count() n | sort by (service) | fields service, n',
    "Q6": "* | stats by (_time:5m, url_path) quantile(0.5, latency_ms) p50, quantile(0.95, latency_ms) p95,"
          " quantile(0.99, latency_ms) p99 | sort by (_time, url_path) | fields _time, url_path, p50, p95, p99",
    "Q7": "* | stats by (user_id) count() n | sort by (n desc) limit 20 | fields user_id, n",
    "Q8": "* | stats by (_time:1h) count_uniq(user_id) n | sort by (_time) | fields _time, n",
    "Q9": '{service="gateway"} http_status:>=500 | stats by (_time:1m) count() n | sort by (_time) | fields _time, n',
}


class VictoriaLogs:
    name, label = "vlogs", "VictoriaLogs"

    def __init__(self, folder, start_ns):
        self.folder, self.start_ns = pathlib.Path(folder), start_ns
        self.process = None

    def start(self):
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        # the rows are older than the week that is kept by default
        command = [os.environ["VICTORIALOGS_BIN"], f"-storageDataPath={self.folder}", "-retentionPeriod=100y",
                   f"-httpListenAddr=127.0.0.1:{port}", "-search.maxQueryDuration=10m"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.ask("/health")
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=120)
            self.process = None

    def ask(self, path, body=None):
        try:
            with urllib.request.urlopen(self.url + path, data=body, timeout=ANSWER_SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"vlogs: {error.code} {error.read().decode(errors='replace')}") from error

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def settle(self):
        before = self.cpu()
        while True:
            time.sleep(1)
            now = self.cpu()
            if now - before < IDLE:
                return
            before = now

    def query(self, text):
        """Wall and CPU seconds, and the rows as an Arrow table."""
        wall, cpu = time.perf_counter(), self.cpu()
        answer = self.ask("/select/logsql/query", urllib.parse.urlencode({"query": text}).encode())
        wall, cpu = time.perf_counter() - wall, self.cpu() - cpu
        rows = [json.loads(line) for line in answer.splitlines()]
        last = text.rsplit("|", 1)[1].split()
        names = "".join(last[1:]).split(",") if last[0] == "fields" else ["_time", "_msg"]
        columns = {name: [row.get(name) for row in rows] for name in names}
        if "_time" in columns:
            columns["_time"] = pa.array(map(nanoseconds, columns["_time"]), pa.timestamp("ns", "UTC"))
        return {"wall": wall, "cpu": cpu, "table": pa.table(columns)}

    def peak_rss_bytes(self):
        return peak_rss_bytes(self.process.pid)

    def files(self):
        return files_below(self.folder)

    def version(self):
        shown = subprocess.run([os.environ["VICTORIALOGS_BIN"], "-version"], capture_output=True, text=True).stdout
        return f"VictoriaLogs {shown.strip() or 'of unknown version'}"

    def load(self, sources, _rows):
        """Seconds of CPU until all is sent, and until all is merged; bytes on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.start()
        before = self.cpu()
        for source in sources:
            for batch in pq.ParquetFile(source).iter_batches(ROWS_PER_REQUEST):
                columns = batch.set_column(0, "time", batch.column(0).cast(pa.int64()))
                self.ask(INSERT, "\n".join(map(json.dumps, columns.to_pylist())).encode())
        insert = self.cpu() - before
        self.ask("/internal/force_flush")
        self.ask("/internal/force_merge")
        self.settle()
        merge = self.cpu() - before - insert
        self.stop()
        return {"insert_cpu": insert, "merge_cpu": merge, "bytes": bytes_of(self.files())}


def nanoseconds(text):
    """Of a time such as 2026-01-15T00:00:00.123456789Z, whose fraction may be shorter."""
    seconds, _, fraction = text.rstrip("Z").partition(".")
    whole = datetime.datetime.fromisoformat(seconds + "+00:00")
    return int(whole.timestamp()) * 10**9 + int(fraction.ljust(9, "0") or 0)
