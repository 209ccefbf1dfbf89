"""SQL over HTTP and by `lincei query`: the forms of the answer agree, files are pruned, queries are
listed, cancelled, and end when the client goes away; limits are named."""
import csv
import http.client
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

JSON = {"Content-Type": "application/json"}
HOURS, ROWS_PER_HOUR = 6, 2000
NOW = time.time_ns()
HOUR = 3600 * 10**9
FIRST = NOW // HOUR * HOUR - HOURS * HOUR
# runs for hours: every pair of rows, none of them left out by an equality
ENDLESS = "SELECT sum(length(a.body || b.body || c.body)) FROM logs a CROSS JOIN logs b CROSS JOIN logs c"


def sql(server, text, accept=None, **more):
    headers = {**JSON, **({"Accept": accept} if accept else {})}
    return server.request("/api/v1/sql", json.dumps({"sql": text, **more}).encode(), headers)


def state(server, query_id):
    _, _, answer = server.request("/api/v1/queries")
    return next((q["state"] for q in json.loads(answer)["queries"] if q["id"] == query_id), None)


def eventually(what, condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"FAILED {what}: not within {seconds} s")
        time.sleep(0.05)
    print(f"ok  {what}")


with Server(extra=["--query-seconds-max", "8", "--query-memory", "64MiB", "--query-rows-max", "50000"]) as server:
    rows = [{"time": FIRST + h * HOUR + i * 1000, "message": f'row "{h}", {i}', "service": f"s{i % 3}", "n": i, "hour": h}
            for h in range(HOURS) for i in range(ROWS_PER_HOUR)]
    body = "\n".join(map(json.dumps, rows)).encode()
    status, _, answer = server.request("/api/v1/ingest/logs", body, JSON)
    check("rows are stored", (status, json.loads(answer)["accepted"]), (200, len(rows)))
    check("flushed to files", server.request("/api/v1/system/flush", b"", JSON, "POST")[0] // 100, 2)

    # five forms
    text = "SELECT body, attributes['n']::int AS n, service FROM logs WHERE attributes['hour']::int = 2 ORDER BY n"
    want = [(r["message"], r["n"], r["service"]) for r in rows if r["hour"] == 2]
    _, _, answer = sql(server, text)
    check("JSON", [tuple(r) for r in json.loads(answer)["rows"]] == want, True)
    _, headers, answer = sql(server, text, "application/x-ndjson")
    lines = [json.loads(line) for line in answer.splitlines()]
    got = [(r["body"], r["n"], r["service"]) for r in lines if "body" in r]
    check("NDJSON", got == want, True)
    _, _, answer = sql(server, text, "text/csv")
    got = [(b, int(n), s) for b, n, s in list(csv.reader(io.StringIO(answer.decode())))[1:]]
    check("CSV", got == want, True)
    _, _, answer = sql(server, text, "application/vnd.apache.arrow.stream")
    table = pa.ipc.open_stream(answer).read_all()
    check("Arrow", list(zip(*(c.to_pylist() for c in table.columns))) == want, True)
    # with a map and times
    status, headers, answer = sql(server, text.replace("SELECT ", "SELECT time, attributes, "), "application/vnd.apache.parquet")
    check("Parquet says so", (status, headers["content-type"]), (200, "application/vnd.apache.parquet"))
    table = pq.read_table(pa.BufferReader(answer))
    check("Parquet", list(zip(*(table.column(c).to_pylist() for c in ("body", "n", "service")))) == want, True)
    types = [str(table.schema.field(c).type) for c in ("time", "body", "n")]
    check("its types", types, ["timestamp[ns, tz=UTC]", "string", "int32"])
    check("is compressed", pq.ParquetFile(pa.BufferReader(answer)).metadata.row_group(0).column(0).compression, "ZSTD")
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(answer)
        file.flush()
        found = duckdb.execute(f"SELECT body, n, service, attributes['hour'] FROM read_parquet('{file.name}') ORDER BY n").fetchall()
    check("DuckDB reads it", found == [(*row, "2") for row in want], True)
    # fails after 14 MB that no encoding makes smaller
    noise = ", ".join(f"random() AS r{i}" for i in range(40))
    broken = f"SELECT value, {noise}, 10 / (value - 44000) AS n FROM generate_series(1, 45000)"
    for accept in ("application/vnd.apache.parquet", "application/vnd.apache.arrow.stream", "text/csv"):
        try:
            status, _, answer = sql(server, broken, accept)
            shown = status
        except http.client.HTTPException as error:
            shown = type(error).__name__
        check(f"a failure on the way cuts off {accept}", shown, "IncompleteRead")
    check("no other form", sql(server, text, "application/xml")[0], 406)
    command = [os.environ["LINCEI_BIN"], "query", "--url", server.url, "--format", "csv", text]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    check("lincei query", [(b, int(n), s) for b, n, s in list(csv.reader(io.StringIO(printed)))[1:]] == want, True)
    wrong = subprocess.run([*command[:-1], "SELECT nope FROM logs"], capture_output=True, text=True)
    check("lincei query says what is wrong", (wrong.returncode != 0, "nope" in wrong.stderr), (True, True))

    # plans
    plan = server.sql("EXPLAIN SELECT service, count(*) FROM logs WHERE body LIKE '%row%' GROUP BY 1")
    check("EXPLAIN has both plans", [r["plan_type"] for r in plan], ["logical_plan", "physical_plan"])
    check("and names the table", "TableScan: logs" in plan[0]["plan"], True)
    [plan] = server.sql("EXPLAIN ANALYZE SELECT service, count(*) FROM logs WHERE body LIKE '%row%' GROUP BY 1")
    check("EXPLAIN ANALYZE has figures", "output_rows=" in plan["plan"] and "elapsed_compute=" in plan["plan"], True)
    status, _, answer = sql(server, "EXPLAIN ANALYZE DELETE FROM logs")
    check("what does not read is not explained", (status, "read-only" in json.loads(answer)["detail"]), (403, True))

    # statistics
    _, _, answer = sql(server, "SELECT count(*) FROM logs WHERE body LIKE '%row%'")
    stats = json.loads(answer)["stats"]
    check("all files are read", (stats["files_scanned"], stats["files_pruned"], stats["rows_scanned"]), (HOURS, 0, len(rows)))
    check("bytes and time are counted", stats["bytes_scanned"] > 0 and stats["elapsed_ms"] > 0, True)
    iso = lambda ns: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ns // 10**9))
    _, _, answer = sql(server, "SELECT count(*) FROM logs WHERE body LIKE '%row%'", **{"from": iso(FIRST + 2 * HOUR), "to": iso(FIRST + 3 * HOUR)})
    stats = json.loads(answer)["stats"]
    check("others are pruned by time", (stats["files_scanned"], stats["files_pruned"], stats["rows_scanned"]), (1, HOURS - 1, ROWS_PER_HOUR))
    check("and the rows are those", json.loads(answer)["rows"], [[ROWS_PER_HOUR]])
    files = server.sql("SELECT count(*) AS files, sum(rows) AS rows FROM lincei_files WHERE \"table\" = 'logs'")
    check("lincei_files agrees", files, [{"files": HOURS, "rows": len(rows)}])
    _, _, answer = sql(server, "SELECT body FROM logs", limit=10)
    stats = json.loads(answer)["stats"]
    check("limit cuts and says so", (stats["rows"], stats["truncated"]), (10, True))

    # list and cancel
    answers = {}

    def run(query_id):
        answers[query_id] = sql(server, ENDLESS, query_id=query_id)

    thread = threading.Thread(target=run, args=("to-cancel",))
    thread.start()
    eventually("the query is listed", lambda: state(server, "to-cancel") == "running")
    [listed] = [q for q in json.loads(server.request("/api/v1/queries")[2])["queries"] if q["id"] == "to-cancel"]
    check("with what it is", (listed["sql"], listed["user"], "error" in listed), (ENDLESS, "127.0.0.1", False))
    progress = {"elapsed_ms", "rows_scanned", "rows_total", "bytes_scanned", "rows", "memory_bytes", "files_scanned", "files_pruned", "started"}
    check("and how far", progress - listed.keys(), set())
    check("the name is taken", sql(server, "SELECT 1", query_id="to-cancel")[0] // 100, 4)
    check("cancel", server.request("/api/v1/queries/to-cancel", method="DELETE")[0], 204)
    thread.join(timeout=10)
    check("the client is told", "cancel" in json.loads(answers["to-cancel"][2])["detail"], True)
    check("cancelled once only", server.request("/api/v1/queries/to-cancel", method="DELETE")[0], 404)

    # a client that goes away
    payload = json.dumps({"sql": ENDLESS, "query_id": "gone"}).encode()
    client = socket.create_connection(("127.0.0.1", server.http_port))
    client.sendall(b"POST /api/v1/sql HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n" % (server.http_port, len(payload)) + payload)
    eventually("it runs", lambda: state(server, "gone") == "running")
    client.close()
    eventually("it ends when the client is gone", lambda: state(server, "gone") != "running", seconds=5)

    # limits
    started = time.monotonic()
    status, _, answer = sql(server, ENDLESS)
    problem = json.loads(answer)
    check("too long: the limit is named", (status, problem["limit"]), (504, "query_seconds_max"))
    check("after that time", 7 < time.monotonic() - started < 30, True)
    started = time.monotonic()
    status, _, answer = sql(server, "SELECT count(*) FROM generate_series(1, 1000000) a JOIN generate_series(1, 1000000) b ON a.value * b.value < 0")
    check("no row of a join passes: likewise", (status, json.loads(answer)["limit"]), (504, "query_seconds_max"))
    check("after that time", 7 < time.monotonic() - started < 30, True)
    status, _, answer = sql(server, "SELECT count(DISTINCT value * 7919 % 100000007) FROM generate_series(1, 60000000)")
    problem = json.loads(answer)
    check("too much memory or time: named", (status // 100, problem["limit"] in ("query_memory", "query_seconds_max")), (4 if status < 500 else 5, True))
    _, _, answer = sql(server, "SELECT value FROM generate_series(1, 60000)")
    stats = json.loads(answer)["stats"]
    check("rows are bounded", (stats["rows"], stats["truncated"]), (50_000, True))
    check("others are served after all that", server.sql("SELECT count(*) AS n FROM logs"), [{"n": len(rows)}])
    log = server.log_text()
    check("and nothing broke", "panicked" in log, False)
