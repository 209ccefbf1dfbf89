"""What the log page asks, over HTTP: histogram, facets, rows around a row, live tail, completion,
patterns. Expected figures are counted from the rows sent; each answer's SQL is run and compared."""
import collections
import datetime
import http.client
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

JSON = {"Content-Type": "application/json"}
SECOND, MINUTE = 10**9, 60 * 10**9
HOUR = 60 * MINUTE
FIRST = time.time_ns() // HOUR * HOUR - 6 * HOUR
ROWS = 7200  # a row every three seconds
LEVELS = ["INFO", "WARN", "ERROR", "INFO"]
SERVICES = ["api", "web", "db"]


def iso(ns):
    whole = datetime.datetime.fromtimestamp(ns // SECOND, datetime.timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ns % SECOND:09d}Z"


def row(i):
    bodies = [f"user {'abcdefgh'[i % 8]} logged in from 10.0.{i % 256}.7", f"took {i} ms for /items/{i}", "cache is cold"]
    return {"time": FIRST + i * 3 * SECOND, "message": bodies[i % 3], "level": LEVELS[i % 4], "service": SERVICES[i % 3],
            "http.status": str([200, 200, 404, 500, 503][i % 5]), "user.id": f"u{i % 40}", "it's": f"größe {i % 2}"}


def post(server, path, **body):
    status, _, answer = server.request(path, json.dumps(body).encode(), JSON)
    return status, json.loads(answer)


def good(server, path, **body):
    status, answer = post(server, path, **body)
    if status != 200:
        raise SystemExit(f"FAILED {path} {body}: {status} {answer}")
    return answer


def ingest(server, rows):
    status, _, answer = server.request("/api/v1/ingest/logs", "\n".join(map(json.dumps, rows)).encode(), JSON)
    if (status, json.loads(answer)["accepted"]) != (200, len(rows)):
        raise SystemExit(f"FAILED rows are stored: {status} {answer}")


class Tail:
    """Events of a tail, read from a plain connection only when asked for."""

    def __init__(self, server, query="", headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
        self.connection.request("GET", f"/api/v1/logs/tail?{query}", headers=headers or {})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.id = None

    def event(self):
        """Name and data of the next event; None when there are no more."""
        name, data = None, []
        while line := self.answer.readline().decode():
            line = line.rstrip("\n")
            if not line:
                if name:
                    return name, json.loads("\n".join(data))
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                self.id = value
        return None

    def read(self, wanted):
        """Reads until so many rows have come or are said to be dropped: bodies, and how many were dropped why."""
        bodies, dropped = [], collections.Counter()
        while len(bodies) + sum(dropped.values()) < wanted:
            name, data = self.event()
            if name == "rows":
                bodies += [r["body"] for r in data["rows"]]
            elif name == "dropped":
                dropped[data["reason"]] += data["rows"]
        return bodies, dropped

    def close(self):
        self.connection.close()


def histogram(server, rows):
    window = {"from": iso(FIRST), "to": iso(FIRST + 6 * HOUR)}
    got = good(server, "/api/v1/logs/histogram", by="severity", buckets=6, **window)
    check("six hours are six buckets", (got["step_ms"], [b[:19] for b in got["buckets"]]),
          (3600_000, [iso(FIRST + h * HOUR)[:19] for h in range(6)]))
    want = collections.Counter(((r["time"] - FIRST) // HOUR, r["level"]) for r in rows)
    check("counts by severity", {s["name"]: s["counts"] for s in got["series"]},
          {level: [want[h, level] for h in range(6)] for level in ["INFO", "WARN", "ERROR"]})
    check("and all", (got["counts"], got["total"], got["exact"]), ([1200] * 6, ROWS, True))
    told = server.sql(got["sql"], **window)
    check("the SQL says the same", {(r["bucket"][:19], r["series"]): r["count"] for r in told},
          {(iso(FIRST + h * HOUR)[:19], level): count for (h, level), count in want.items()})
    got = good(server, "/api/v1/logs/histogram", by="http.status", series=2, step="2h", search="service:api", **window)
    want = collections.Counter(r["http.status"] for r in rows if r["service"] == "api")
    check("series of a field", [(s["name"], s["rest"], s["total"]) for s in got["series"]],
          [("200", False, want["200"]), ("404", False, want["404"]), (None, True, want["500"] + want["503"])])
    later = {"from": iso(FIRST - 2 * HOUR), "to": iso(FIRST + HOUR)}
    got = good(server, "/api/v1/logs/histogram", step="1h", search="level:none OR severity:error", **later)
    check("buckets without rows are there", got["counts"], [0, 0, 300])


def facets(server, rows):
    fields = ["service", "http.status", "it's", "nothing"]
    got = good(server, "/api/v1/logs/facets", fields=fields, limit=2, search="severity:>=WARN")
    for facet in got["facets"]:
        values = collections.Counter(r[facet["field"]] for r in rows if r["level"] != "INFO" and facet["field"] in r)
        top = sorted(values.items(), key=lambda v: (-v[1], v[0]))
        check(f"facet {facet['field']}", (facet["rows"], facet["distinct"], [(v["value"], v["count"]) for v in facet["values"]], facet["exact"]),
              (sum(values.values()), len(values), top[:2], True))
    check("one scan", got["stats"]["rows_scanned"], len(rows))
    check("the SQL runs", [r["value"] for r in server.sql(got["sql"])], [v["value"] for v in got["facets"][0]["values"]])


def surrounding(server, rows):
    # rows of api are every third one
    anchor = rows[3000]
    got = good(server, "/api/v1/logs/surrounding", time=iso(anchor["time"]), service=anchor["service"], body=anchor["message"], before=2, after=3)
    check("rows before", [r["body"] for r in got["before"]], [rows[i]["message"] for i in (2994, 2997)])
    check("the row", got["row"]["body"], anchor["message"])
    check("rows after", [r["body"] for r in got["after"]], [rows[i]["message"] for i in (3003, 3006, 3009)])
    check("the fields that count", got["same"], {"service": "api"})
    got = good(server, "/api/v1/logs/surrounding", time=iso(anchor["time"]), before=2, after=2, same=["user.id", "http.status"])
    check("rows of the same user", [r["time"] for r in got["before"] + got["after"]], [iso(rows[3000 + d]["time"]) for d in (-80, -40, 40, 80)])
    got = good(server, "/api/v1/logs/surrounding", time=iso(FIRST - HOUR), same=[])
    check("no such row", (got["before"], got["row"], len(got["after"])), ([], None, 10))


def fields(server):
    got = good(server, "/api/v1/fields", table="logs", prefix="h")
    check("names", [(f["name"], f["origin"], f["rows"]) for f in got["fields"]], [("http.status", "attribute", ROWS)])
    got = good(server, "/api/v1/fields", table="logs", prefix="se")
    check("columns, then keys", [f["name"] for f in got["fields"]], ["severity_number", "severity", "service", "service.name"])
    got = good(server, "/api/v1/fields", table="logs", field="user.id", prefix="U3", limit=3)
    check("values", [(v["value"], v["count"]) for v in got["values"]], [("u3", 180), ("u30", 180), ("u31", 180)])
    check("all were looked at", (got["complete"], got["sampled_rows"]), (True, ROWS))


def patterns(server, rows):
    got = good(server, "/api/v1/logs/patterns", limit=10)
    check("patterns", [(p["pattern"], p["count"]) for p in got["patterns"]],
          [("cache is cold", 2400), ("took <num> ms for <path>", 2400), ("user <*> logged in from <ip>", 2400)])
    first = got["patterns"][2]
    mine = [r for r in rows if r["message"].startswith("user")]
    check("since and until", (first["first_seen"][:19], first["last_seen"][:19]), (iso(mine[0]["time"])[:19], iso(mine[-1]["time"])[:19]))
    check("the newest is the sample", first["sample"], mine[-1]["message"])
    check("severities", {s["severity"]: s["count"] for s in first["severities"]}, dict(collections.Counter(r["level"] for r in mine)))
    check("share", round(first["share"], 3), 0.333)


def tails(server):
    quick, slow, errors = Tail(server), Tail(server, "rate=10000"), Tail(server, "search=severity%3Aerror%20-n%3A5&from=now&query_id=tail-1")
    for tail in (quick, slow, errors):
        check("a tail starts", (tail.status, tail.event()[0]), (200, "start"))
    check("and is listed", [q["state"] for q in json.loads(server.request("/api/v1/queries")[2])["queries"] if q["id"] == "tail-1"], ["running"])
    few = [{"time": time.time_ns(), "message": f"new {i}", "level": "ERROR" if i % 2 else "INFO", "service": "tail", "n": i} for i in range(10)]
    ingest(server, few)
    check("new rows come", quick.read(10), ([r["message"] for r in few], collections.Counter()))
    check("those that match", errors.read(4)[0], ["new 1", "new 3", "new 7", "new 9"])
    quick.close()
    again = Tail(server, headers={"Last-Event-ID": quick.id})
    ingest(server, [{"time": time.time_ns(), "message": "after", "service": "tail"}])
    check("one who comes back", (again.event()[0], again.read(1)[0]), ("start", ["after"]))
    # more than the buffers of a connection and the ring hold: the slow client reads nothing meanwhile
    sent, text = 11, "x" * 4000
    for part in range(60):
        ingest(server, [{"time": time.time_ns(), "message": f"{part} {i} {text}", "service": "tail"} for i in range(400)])
        sent += 400
    bodies, dropped = slow.read(sent)
    check("a slow client learns what it missed", (len(bodies) + sum(dropped.values()), dropped["slow"] > 0), (sent, True))
    check("and goes on", bodies[-1].startswith("59 399 "), True)
    check("cancel", server.request("/api/v1/queries/tail-1", method="DELETE")[0], 204)
    while (last := errors.event())[0] != "end":
        pass
    check("the client is told", (last[1]["reason"], errors.event()), ("cancelled", None))
    return slow


def refusals(server):
    wide = {"from": iso(FIRST), "to": iso(FIRST + 6 * HOUR)}
    for path, body, part in [
        ("/api/v1/logs/histogram", {"search": "größe (", **wide}, "ended, expected a word"),
        ("/api/v1/logs/histogram", {"step": "1s", **wide}, "21600 buckets"),
        ("/api/v1/logs/histogram", {"step": "fast", **wide}, "not a number and a unit"),
        ("/api/v1/logs/histogram", {"step": "1m", "buckets": 5, **wide}, "not both"),
        ("/api/v1/logs/histogram", {"from": "now", "to": "now-1h"}, "from must be before to"),
        ("/api/v1/logs/histogram", {"from": "yesterday"}, "is not RFC 3339"),
        ("/api/v1/logs/histogram", {"nonsense": 1}, "unknown field"),
        ("/api/v1/logs/facets", {"fields": []}, "0 fields"),
        ("/api/v1/logs/facets", {"fields": ["attributes"]}, "holds several values"),
        ("/api/v1/logs/surrounding", {"time": iso(FIRST), "before": 5000}, "more than 1000"),
        ("/api/v1/logs/patterns", {"limit": 0}, "limit 0"),
        ("/api/v1/fields", {"table": "nope"}, "is not one of logs"),
    ]:
        status, problem = post(server, path, **body)
        check(f"{path} {body}", (status, problem["code"], part in problem["detail"]), (400, "invalid", True))
    _, problem = post(server, "/api/v1/logs/histogram", search="größe (", **wide)
    check("the place in the search text", problem["location"], {"line": 1, "column": 8})
    for query, part in [("search=(", "expected a word"), ("from=now-1h", "is not now"), ("rate=0", "rate 0"), ("x=1", "unknown field")]:
        status, _, answer = server.request(f"/api/v1/logs/tail?{query}")
        check(f"tail {query}", (status, part in json.loads(answer)["detail"]), (400, True))
    check("a body that is no JSON", server.request("/api/v1/logs/facets", b"{}", {"Content-Type": "text/plain"})[0], 415)
    check("another method", server.request("/api/v1/logs/facets")[0], 405)


with Server() as server:
    sent = [row(i) for i in range(ROWS)]
    ingest(server, sent[: ROWS // 2])
    check("half is in files", server.request("/api/v1/system/flush", b"", JSON, "POST")[0] // 100, 2)
    ingest(server, sent[ROWS // 2 :])
    histogram(server, sent)
    facets(server, sent)
    surrounding(server, sent)
    fields(server)
    patterns(server, sent)
    refusals(server)
    left = tails(server)
    server.process.terminate()
    while (last := left.event()) and last[0] != "end":
        pass
    check("tails end when the server stops", last, ("end", {"reason": "shutdown"}))
    check("and it stops", server.process.wait(timeout=60), 0)
