"""A person's rows are deleted on request: from queries, files and log, by rewriting only the files that
have some; a kill in the middle loses and doubles nothing; what is not clear is refused."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import pyarrow.parquet as pq

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

BIN = os.environ["LINCEI_BIN"]
JSON = {"Content-Type": "application/json"}
HOUR = 3600 * 10**9
HOURS, ROWS_PER_HOUR = 6, 3000
FIRST = time.time_ns() // HOUR * HOUR - HOURS * HOUR
PASSWORD = "correct horse battery"
work = pathlib.Path(tempfile.mkdtemp(prefix="lincei-"))


def iso(ns):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ns // 10**9))


def post(server, path, body, headers=JSON):
    status, _, answer = server.request(path, json.dumps(body).encode(), headers, "POST")
    return status, json.loads(answer) if answer else None


def get(server, path):
    return json.loads(server.request(path)[2])


def send(server, rows):
    body = "\n".join(map(json.dumps, rows)).encode()
    status, _, answer = server.request("/api/v1/ingest/logs", body, JSON)
    check(f"{len(rows)} rows are stored", (status, json.loads(answer)["accepted"]), (200, len(rows)))


def row(hour, i, user):
    return {"time": FIRST + hour * HOUR + i * 10**6, "message": f"row {hour}/{i} of {user}", "service": f"s{i % 3}", "user.id": user}


def flush(server):
    check("flushed to files", server.request("/api/v1/system/flush", b"", JSON, "POST")[0], 204)


def files(server):
    """Path and rows of the live files of `logs`."""
    return {r["path"]: r["rows"] for r in server.sql("SELECT path, rows FROM lincei_files WHERE \"table\" = 'logs' AND state = 'live'")}


def stored(server):
    """User of every row, as another Parquet reader sees the files."""
    users = []
    for path in (server.data / "parquet" / "default" / "logs").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        if "attributes.user.id" in table.column_names:
            users += table["attributes.user.id"].to_pylist()
        users += [dict(a).get("user.id") for a in table["attributes"].to_pylist() if "user.id" in dict(a)]
    return [u for u in users if u is not None]


def wait(server, deletion):
    deadline = time.monotonic() + 120
    while deletion["state"] == "running":
        if time.monotonic() > deadline:
            raise SystemExit(f"FAILED the deletion does not end: {deletion}")
        time.sleep(0.05)
        deletion = get(server, f"/api/v1/deletions/{deletion['id']}")
    return deletion


def counted(server, user):
    return server.sql(f"SELECT count(*) AS n FROM logs WHERE attributes['user.id'] = '{user}'")[0]["n"]


with Server(data=work / "data") as server:
    # ann is in hours 1 and 3, eve is all of hour 5, bob is everywhere
    user = lambda hour, i: "eve" if hour == 5 else "ann" if hour in (1, 3) and i % 100 == 7 else "bob"
    send(server, [row(h, i, user(h, i)) for h in range(HOURS) for i in range(ROWS_PER_HOUR)])
    flush(server)
    send(server, [row(0, ROWS_PER_HOUR + i, "zoe") for i in range(10)])
    before, total = files(server), HOURS * ROWS_PER_HOUR + 10
    check("a file an hour", sorted(before.values()), [ROWS_PER_HOUR] * HOURS)

    # counting
    ann = {"table": "logs", "search": "user.id:ann"}
    status, found = post(server, "/api/v1/delete", {**ann, "dry_run": True})
    check("a dry run counts rows and files", (status, found["rows"], found["files_rewritten"], found["files_removed"]), (200, 60, 2, 0))
    for what, more, scanned in (("all files can have such rows", {}, HOURS), ("one hour is one file", {"from": iso(FIRST + HOUR), "to": iso(FIRST + 2 * HOUR)}, 1),
                                ("no file has such rows", {"search": "user.name:ann"}, 0), ("ranges leave files out", {"search": "service:t"}, 0)):
        _, found = post(server, "/api/v1/delete", {**ann, **more, "dry_run": True})
        check(what, (found["files_of_table"], found["files_scanned"]), (HOURS, scanned))
    check("and changes nothing", (files(server), counted(server, "ann")), (before, 60))
    printed = subprocess.run([BIN, "delete", "--url", server.url, "--table", "logs", "--search", "user.id:ann", "--dry-run"],
                             capture_output=True, text=True, check=True).stdout
    check("lincei delete --dry-run says so", printed.startswith("60 rows would be deleted: 2 of 6 files rewritten"), True)

    # deleting
    status, started = post(server, "/api/v1/delete", ann)
    check("it is started", (status, started["condition"]), (202, "search('user.id:ann')"))
    done = wait(server, started)
    check("it is done", (done["state"], done["rows_deleted"], done["files_rewritten"], done["files_removed"]), ("done", 60, 2, 0))
    check("queries find none", (counted(server, "ann"), counted(server, "bob")), (0, 5 * ROWS_PER_HOUR - 60))
    check("the rows are all others", server.sql("SELECT count(*) AS n FROM logs"), [{"n": total - 60}])
    after = files(server)
    touched = {p for p in before if any(f"/hh={(FIRST + h * HOUR) // HOUR % 24:02}/" in p for h in (1, 3))}
    check("only the files of two hours were rewritten", set(before) - set(after), touched)
    check("the old files are gone from the disk", [p for p in touched if (server.data / "parquet" / p).exists()], [])
    check("another reader finds none", ("ann" in stored(server), stored(server).count("bob")), (False, 5 * ROWS_PER_HOUR - 60))
    check("the log holds nothing", [p.name for p in (server.data / "wal").glob("*.wal") if p.stat().st_size > 4096], [])
    audit = [(e["action"], e["target"], e["after"]) for e in get(server, "/api/v1/audit")["entries"]][:2]
    check("the audit log has its end", audit[0][:2] + (audit[0][2]["rows_deleted"],), ("deletion.end", "table/logs", 60))
    check("and who asked for what", audit[1][:2] + (audit[1][2]["condition"],), ("deletion.start", "table/logs", "search('user.id:ann')"))

    # by the command, with a condition in SQL; a file of which every row goes, and rows not in any file yet
    send(server, [row(2, ROWS_PER_HOUR + 5000 + i, "eve") for i in range(3)])
    printed = subprocess.run([BIN, "delete", "--url", server.url, "--table", "logs", "--where", "attributes['user.id'] IN ('eve', 'zoe')"],
                             capture_output=True, text=True, check=True).stdout
    check("lincei delete", printed.startswith(f"{ROWS_PER_HOUR + 13} rows deleted"), True)
    check("none is left", (counted(server, "eve"), counted(server, "zoe"), set(stored(server))), (0, 0, {"bob"}))
    done = wait(server, post(server, "/api/v1/delete", {"table": "logs", "from": iso(FIRST), "to": iso(FIRST + HOUR)})[1])
    check("a whole hour", (done["state"], done["rows_deleted"]), ("done", ROWS_PER_HOUR))
    send(server, [row(0, i, "ann") for i in range(5)])
    check("rows that come later stay", counted(server, "ann"), 5)
    check("deletions are listed, newest first", [d["rows_deleted"] for d in get(server, "/api/v1/deletions")["deletions"]],
          [ROWS_PER_HOUR, ROWS_PER_HOUR + 13, 60])

    # errors
    for what, body, word in [
        ("everything", {"table": "logs"}, "everything"),
        ("everything by a condition", {"table": "logs", "where": "1 = 1"}, "everything"),
        ("an empty search", {"table": "logs", "search": " "}, "everything"),
        ("no table", {"search": "x"}, "table"),
        ("a table that is none", {"table": "lincei_files", "search": "x"}, "lincei_files"),
        ("both kinds", {"table": "logs", "search": "x", "where": "true"}, "not both"),
        ("an unknown column", {"table": "logs", "where": "nope = 1"}, "nope"),
        ("a subquery", {"table": "logs", "where": "trace_id IN (SELECT trace_id FROM spans)"}, "one condition"),
        ("more than a condition", {"table": "logs", "where": "true) OR (SELECT true"}, ""),
        ("chance", {"table": "logs", "where": "random() < 0.5"}, "random"),
        ("a wrong time", {"table": "logs", "from": "yesterday"}, "yesterday"),
        ("a window that is empty", {"table": "logs", "from": "now", "to": "-1h"}, "not before"),
        ("an unknown member", {"table": "logs", "search": "x", "limit": 1}, "limit"),
        ("a wrong search", {"table": "logs", "search": "severity:>=LOUD"}, "LOUD"),
        ("a condition that fails on the data", {"table": "logs", "where": "1 / (severity_number - severity_number) > 0", "dry_run": True}, "zero"),
    ]:
        status, problem = post(server, "/api/v1/delete", body)
        check(f"refused: {what}", (status in (400, 422), word in problem["detail"]), (True, True))
    check("refused: no JSON", server.request("/api/v1/delete", b"x", JSON)[0], 400)
    check("refused: another site", server.request("/api/v1/delete", json.dumps(ann).encode(), {**JSON, "Sec-Fetch-Site": "cross-site"})[0], 403)
    check("no such deletion", (server.request("/api/v1/deletions/none")[0], server.request("/api/v1/deletions/none", method="DELETE")[0]), (404, 404))
    done = wait(server, post(server, "/api/v1/delete", {"table": "logs", "where": "1 / (severity_number - severity_number) > 0"})[1])
    check("a failure says why", (done["state"], "zero" in done["error"], done["rows_deleted"]), ("failed", True, 0))
    refused = subprocess.run([BIN, "delete", "--url", server.url, "--table", "logs"], capture_output=True, text=True)
    check("lincei delete refuses likewise", (refused.returncode != 0, "everything" in refused.stderr), (True, True))
    check("nothing of that deleted a row", counted(server, "bob"), 4 * ROWS_PER_HOUR - 60)
    check("no fault is found", post(server, "/api/v1/system/check", {})[1]["findings"], [])

# killed at different moments: each file is whole or rewritten
server = Server(data=work / "killed")
many = 40
for attempt, pause in enumerate([0.05, 0.2, 0.5, 1.0, 1.5]):
    server.start()
    send(server, [{"time": FIRST - h * HOUR + i, "message": f"{attempt}", "user.id": "ann" if i % 2 else "bob", "n": attempt * 10**6 + h * 1000 + i}
                  for h in range(many) for i in range(200)])
    flush(server)
    status, started = post(server, "/api/v1/delete", ann)
    check("it runs", status, 202)
    time.sleep(pause)
    server.kill()
    server.start()
    left = server.sql("SELECT attributes['user.id'] AS u, count(*) AS n, count(DISTINCT attributes['n']) AS d FROM logs GROUP BY 1 ORDER BY 1")
    bob = next(r for r in left if r["u"] == "bob")
    check("no other row is lost or doubled", (bob["n"], bob["d"]), ((attempt + 1) * many * 100,) * 2)
    ann_left = next((r for r in left if r["u"] == "ann"), {"n": 0, "d": 0})
    check("none of hers is doubled", ann_left["n"], ann_left["d"])
    print(f"    {ann_left['n']} of {many * 100} rows were left")
    done = wait(server, post(server, "/api/v1/delete", ann)[1])
    check("asked again, the rest goes", (done["state"], counted(server, "ann"), done["rows_deleted"]), ("done", 0, ann_left["n"]))
    check("no fault is found", post(server, "/api/v1/system/check", {})[1], {**post(server, "/api/v1/system/check", {})[1], "findings": [], "notes": []})
    server.stop()

# cancelled, and one at a time
server.start()
send(server, [{"time": FIRST - h * HOUR + i, "message": "again", "user.id": "ann" if i % 2 else "bob"} for h in range(120) for i in range(100)])
flush(server)
bobs = counted(server, "bob")
status, started = post(server, "/api/v1/delete", ann)
status, problem = post(server, "/api/v1/delete", ann)
if status == 409:
    check("one at a time", started["id"] in problem["detail"], True)
cancelled = server.request(f"/api/v1/deletions/{started['id']}", method="DELETE")[0]
done = wait(server, started)
check("cancelled, or done before", (cancelled, done["state"]) in ((204, "cancelled"), (204, "done"), (404, "done")), True)
check("what was done stays so", counted(server, "ann"), 6000 - done["rows_deleted"])
check("other rows stay", counted(server, "bob"), bobs)
server.stop()

# accounts: only an administrator deletes
account = lambda name, *more: subprocess.run([BIN, "admin", "create", name, *more, "--data", str(server.data)], check=True, capture_output=True,
                                             env={**os.environ, "LINCEI_PASSWORD": PASSWORD}, stdin=subprocess.DEVNULL)
account("ada")
account("vera", "--role", "viewer")
key = subprocess.run([BIN, "key", "create", "k", "--kind", "api", "--data", str(server.data)], check=True, capture_output=True, text=True).stdout.split()[0]
server.start()
check("nobody else", post(server, "/api/v1/delete", ann)[0], 401)
check("no key", post(server, "/api/v1/delete", ann, {**JSON, "Authorization": f"Bearer {key}"})[0], 403)


def by(name):
    return subprocess.run([BIN, "delete", "--url", server.url, "--user", name, "--table", "logs", "--search", "user.id:ann"],
                          capture_output=True, text=True, env={**os.environ, "LINCEI_PASSWORD": PASSWORD})


refused = by("vera")
check("no viewer", (refused.returncode != 0, "administrator" in refused.stderr), (True, True))
deleted = by("ada")
check("an administrator", (deleted.returncode, "rows deleted" in deleted.stdout), (0, True))
server.stop()
check("no fault is found at the end", "no fault found" in subprocess.run([BIN, "check", "--data", str(server.data)], capture_output=True, text=True).stdout, True)
