"""What takes the room, over HTTP: figures by table, day and service agree with the rows sent, with
`lincei_files` and with the disk."""
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

JSON = {"Content-Type": "application/json"}
HOUR = 3600 * 10**9
DAY = 24 * HOUR
NOW = time.time_ns()
# 20 of the newest rows stay in memory
SENT = {0: 300, 1: 600, 5: 90, 70: 10}


def rows_of(days_ago, count):
    start = (NOW - days_ago * DAY) // HOUR * HOUR - HOUR
    return [{"time": start + i, "message": f"row {i} {os.urandom(8).hex()}", "service": f"s{i % 3}"} for i in range(count)]


def storage(server):
    status, _, answer = server.request("/api/v1/storage")
    check("an answer", status, 200)
    answer = json.loads(answer)
    return answer, {table["name"]: table for table in answer["tables"]}


def ingest(server, rows):
    status, _, answer = server.request("/api/v1/ingest/logs", "\n".join(map(json.dumps, rows)).encode(), JSON)
    check(f"{len(rows)} rows are stored", (status, json.loads(answer)["accepted"]), (200, len(rows)))


with Server() as server:
    answer, tables = storage(server)
    check("tables", sorted(tables), ["logs", "metrics", "rejects", "spans"])
    check("nothing is known of nothing", (answer["growth_bytes_per_day"], answer["days_until_full"]), (None, None))
    check("no days, no services", (tables["logs"]["days"], tables["logs"]["services"], "services" in tables["metrics"]), ([], [], False))
    for days_ago, count in SENT.items():
        ingest(server, rows_of(days_ago, count))
    check("flushed", server.request("/api/v1/system/flush", b"", JSON, "POST")[0], 204)
    ingest(server, rows_of(0, 20))
    answer, tables = storage(server)
    logs = tables["logs"]
    files = server.sql("SELECT min_time, rows, bytes FROM lincei_files WHERE \"table\" = 'logs'")
    check("rows, files, bytes", (logs["rows"], logs["files"], logs["bytes"]), (1020, len(files), sum(f["bytes"] for f in files)))
    days = {}
    for file in files:
        days.setdefault(file["min_time"][:10], []).append(file)
    oldest = time.strftime("%Y-%m-%d", time.gmtime((NOW - 59 * DAY) // 10**9))
    want = [{"day": day, "files": len(of), "rows": sum(f["rows"] for f in of), "bytes": sum(f["bytes"] for f in of)}
            for day, of in sorted(days.items()) if day >= oldest]
    check("days", logs["days"], want)
    counts = {s["service"]: s["rows"] for s in server.sql("SELECT service, count(*) AS rows FROM logs GROUP BY 1")}
    check("services", {s["service"]: s["rows"] for s in logs["services"]}, counts)
    check("the largest first", [s["rows"] for s in logs["services"]], sorted(counts.values(), reverse=True))
    want = {s: logs["bytes"] * rows // 1000 for s, rows in counts.items()}
    check("bytes of services are shares", {s["service"]: s["bytes_estimated"] for s in logs["services"]}, want)
    check("nothing is unknown", answer.get("services_unknown_because"), None)
    check("the log has the rows in memory", answer["wal_bytes"] > 0, True)
    disk = os.statvfs(server.data)
    check("the size of the disk", answer["disk"]["total_bytes"], disk.f_blocks * disk.f_frsize)
    free = disk.f_bavail * disk.f_frsize
    check("about what is free", abs(answer["disk"]["free_bytes"] - free) < 1 << 30, True)
    week = sum(f["bytes"] for day, of in days.items() for f in of if day > time.strftime("%Y-%m-%d", time.gmtime((NOW - 8 * DAY) // 10**9)))
    check("growth of a mean day", abs(answer["growth_bytes_per_day"] - week / 7) < week / 70, True)
    room = answer["disk"]["free_bytes"] - answer["disk"]["reserve_bytes"]
    expected = room / answer["growth_bytes_per_day"]
    check("days until the disk is full", abs(answer["days_until_full"] - expected) <= expected / 10, True)
    bound = json.dumps({"retention": [{"table": "logs", "max_age_seconds": None, "max_bytes": 1 << 20}]}).encode()
    check("a bound is set", server.request("/api/v1/settings/storage", bound, JSON, "PUT")[0], 200)
    check("then it never is", storage(server)[0]["days_until_full"], None)
