"""The simulated shop: its hour of history is there and hangs together, it goes on live, and a demo that
is started again goes on where it was."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

SERVICES = ["cart", "catalog", "checkout", "email", "inventory", "payment", "recommendations", "search", "shipping",
            "storefront"]
HOUR_S = 3600


def one(server, text):
    (row,) = server.sql(text)
    return next(iter(row.values()))


def newest_s(server):
    """Of the metrics, which are sent last; in seconds since 1970."""
    return int(one(server, "SELECT coalesce(max(extract(epoch FROM time)), 0)::bigint AS at FROM metrics"))


def until_live(server, since_s):
    deadline = time.monotonic() + 240
    while newest_s(server) < since_s and time.monotonic() < deadline:
        time.sleep(1)
    check("the shop is live", newest_s(server) >= since_s, True)


def same_services(server, table):
    rows = server.sql(f"SELECT service FROM {table} GROUP BY 1 ORDER BY 1")
    check(f"services in {table}", [row["service"] for row in rows], SERVICES)


with Server(extra=["--demo"]) as server:
    started_s = int(time.time())
    until_live(server, started_s)
    for table in ("logs", "spans", "metrics"):
        same_services(server, table)
        oldest = int(one(server, f"SELECT min(extract(epoch FROM time))::bigint AS at FROM {table}"))
        check(f"{table} begin an hour ago", -60 <= oldest - (started_s - HOUR_S) <= 60, True)
    check("nothing was rejected", one(server, "SELECT count(*) AS n FROM rejects"), 0)
    orphans = ("SELECT count(*) AS n FROM spans s WHERE parent_span_id <> '' AND extract(epoch FROM time) < "
               f"{started_s} AND NOT EXISTS (SELECT 1 FROM spans p WHERE p.span_id = s.parent_span_id)")
    check("every span has its parent", one(server, orphans), 0)
    faults = one(server, "SELECT count(DISTINCT attributes['exception.type']) AS n FROM logs WHERE severity = 'ERROR'")
    check("different things go wrong", faults >= 4, True)
    # between two readings of the other metrics
    time.sleep(7)
    stopped_s = newest_s(server)
    check("it ends well", server.stop(), 0)
    server.start()
    until_live(server, stopped_s + 15)
    twice = "SELECT count(*) - count(DISTINCT span_id) AS n FROM spans"
    check("nothing is there twice", one(server, twice), 0)
