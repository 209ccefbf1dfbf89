"""What the log page asks, measured: Lincei alone, since the peers have no such questions."""
import json

from process import say

# a rare and a common condition, on columns that the summaries of files know and on bodies
KNOWN, WORD = "service:payment severity:>=ERROR", "block"
FACETS = ["service", "severity", "url.path", "http.response.status_code", "http.request.method", "host.name"]
LOGS = "/api/v1/logs/"

# name: what for, path, body; all over all rows
QUESTIONS = {
    "histogram": ("rows over time by severity", LOGS + "histogram", {"by": "severity"}),
    "histogram, known": (f"the same of `{KNOWN}`", LOGS + "histogram", {"by": "severity", "search": KNOWN}),
    "histogram, word": (f"the same of the word `{WORD}`", LOGS + "histogram", {"by": "severity", "search": WORD}),
    "histogram, field": ("rows over time by `url.path`", LOGS + "histogram", {"by": "url.path"}),
    "facets": (f"top values of {len(FACETS)} fields", LOGS + "facets", {"fields": FACETS}),
    "facets, known": (f"the same of `{KNOWN}`", LOGS + "facets", {"fields": FACETS, "search": KNOWN}),
    "surrounding": ("10 rows before and after one in the middle", LOGS + "surrounding", None),
    "patterns": ("patterns of bodies", LOGS + "patterns", {}),
    "patterns, known": (f"the same of `{KNOWN}`", LOGS + "patterns", {"search": KNOWN}),
    "fields": ("names of fields to complete", "/api/v1/fields", {"table": "logs", "prefix": ""}),
    "values": ("values of `url.path` to complete", "/api/v1/fields",
               {"table": "logs", "field": "url.path", "prefix": "/"}),
    "patterns, SQL": ("rows per hour of the most frequent patterns", "/api/v1/sql",
                      {"sql": "SELECT pattern, sum(rows) AS n FROM lincei_patterns GROUP BY 1 ORDER BY 2 DESC LIMIT 50"}),
}


def measure(engine, rows, runs):
    """The least CPU and wall seconds of several runs after one that does not count, by question."""
    measured = {}
    for name, (_, path, body) in QUESTIONS.items():
        body = body if body is not None else row_in_the_middle(engine, rows)
        try:
            times = [engine.ask(path, body) for _ in range(runs + 1)][1:]
        except RuntimeError as error:
            say(error)
            measured[name] = {"error": str(error).splitlines()[0]}
            continue
        measured[name] = {key: min(time[key] for time in times) for key in ("cpu", "wall")}
        say(f"  {engine.name:8} {name:18} {measured[name]['cpu'] * 1e3:9.1f} ms CPU"
            f" {measured[name]['wall'] * 1e3:9.1f} ms wall")
    return measured


def row_in_the_middle(engine, rows):
    """A row to look around, with what names it."""
    middle = engine.start_ns + rows // 2 * 3_600_000
    window = {"from": middle // 1_000_000, "to": middle // 1_000_000 + 60_000}
    sql = "SELECT time, service, body FROM logs WHERE service = 'payment' ORDER BY time LIMIT 1"
    answer = json.loads(engine.ask("/api/v1/sql", {"sql": sql, **window})["body"])
    return dict(zip(("time", "service", "body"), answer["rows"][0]))
