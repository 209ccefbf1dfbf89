"""Runs the query benchmark; see `--help`. Started by `cargo xtask bench queries`, which sets
LINCEI_BIN (the server), LINCEI_BENCH_DATA (what makes the rows) and PYTHON."""
import argparse
import json
import os
import pathlib
import sys

import browser
import lincei
import metrics
import page
import report
from catalog import QUERIES
from measure import ENGINES, PEERS_START_NS, DataSet, check, merge, reference, run
from process import machine, say

ROOT = pathlib.Path(__file__).parents[3]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def number(text):
    return int(text.replace("_", ""))


def numbers(text):
    return [number(part) for part in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(prog="cargo xtask bench queries --", description=__doc__.split(".")[0])
    parser.add_argument("--rows", type=number, default=5_000_000, help="log records (default 5000000)")
    at_hand = [name for name in ENGINES if name != "vlogs" or os.environ.get("VICTORIALOGS_BIN")]
    parser.add_argument("--peers", default=",".join(at_hand), help=f"of {','.join(ENGINES)}")
    timed = [name for name, query in QUERIES.items() if query.timed]
    parser.add_argument("--queries", default=",".join(timed), help=f"of {','.join(timed)}")
    parser.add_argument("--hot", type=int, default=3, help="hot runs of which the best counts (default 3)")
    parser.add_argument("--passes", type=int, default=1, help="rounds over all engines; the best counts (default 1)")
    parser.add_argument("--no-cold", dest="cold", action="store_false", help="leave out the cold runs")
    parser.add_argument("--reuse", action="store_true", help="query what Lincei has loaded before")
    parser.add_argument("--reload", action="store_true", help="load the peers again, too")
    parser.add_argument("--growth", type=numbers, default=[], help="row counts for Lincei alone, as 1000000,10000000")
    parser.add_argument("--no-compare", dest="compare", action="store_false", help="only the growth table")
    parser.add_argument("--metrics", action="store_true", help="measure metrics, too")
    parser.add_argument("--page", type=number, default=0, metavar="ROWS", help="measure the page in Chromium on so many")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md from the newest figures")
    return parser.parse_args()


def stored(path):
    return json.loads(path.read_text()) if path.exists() else {}


def store(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def loaded(data, name, facts, again):
    """The engine with the rows in it; loads them unless that is done and not to be done again."""
    note = data.folder / f"{name}.json"
    found = stored(note)
    if found and not again and found["facts"] == facts:
        return data.engine(name, found["start_ns"]), found
    start_ns = lincei.recent_start_ns(data.rows) if name == "lincei" else PEERS_START_NS
    if name != "lincei":
        data.write_sources()
    say(f"loading {data.rows} rows into {name}")
    note.unlink(missing_ok=True)
    engine = data.engine(name, start_ns)
    found = {**engine.load(data.sources, data.rows), "facts": facts, "start_ns": start_ns}
    store(note, found)
    return engine, found


def compare(options, folder):
    """All engines on the same rows; returns what is to be reported."""
    names, engines = options.queries.split(","), options.peers.split(",")
    data = DataSet(folder, options.rows)
    facts = data.facts()
    ready = {}
    for name in engines:
        again = not options.reuse if name == "lincei" else options.reload
        ready[name] = loaded(data, name, facts, again)
    data.drop_sources()
    results = {}
    for _ in range(options.passes):
        for name, (engine, load) in ready.items():
            measured = run(engine, names, facts["trace_id"], options, exact=name == reference(ready))
            if name in results:
                merge(results[name], measured)
            else:
                results[name] = {**measured, "load": load, "label": engine.label}
    findings = check(results, names)
    for result in results.values():
        without_rows(result)
    return {"rows": options.rows, "machine": machine(), "engines": results, "findings": findings,
            "hot_runs": options.hot, "passes": options.passes}


def without_rows(result):
    """Leaves of the answers only how long they are."""
    del result["exact"]
    for times in result["hot"].values():
        times["rows"] = len(times["rows"])


def growth(options, folder):
    """Lincei alone, at several sizes, one after the other; hot, and the better of two runs."""
    table = {}
    for rows in options.growth:
        brief = argparse.Namespace(cold=False, hot=min(options.hot, 2), rows=rows)
        data = DataSet(folder, rows)
        facts = data.facts()
        engine, load = loaded(data, "lincei", facts, not options.reuse)
        result = run(engine, options.queries.split(","), facts["trace_id"], brief)
        without_rows(result)
        table[rows] = {**result, "load": load}
        store(folder / "growth.json", {"machine": machine(), "sizes": table})


def measure_metrics(folder):
    """Bytes per sample, half an hour of them in an hour that is over."""
    engine = lincei.Lincei(folder / "metrics" / "lincei", lincei.recent_start_ns(1))
    store(folder / "metrics.json", metrics.measure(engine, folder / "metrics"))


def measure_page(rows, folder, again):
    """The page in Chromium, on rows that are loaded unless they were."""
    data = DataSet(folder, rows)
    engine, _ = loaded(data, "lincei", data.facts(), again)
    store(folder / "browser.json", browser.measure(engine, rows))


def main():
    options, folder = arguments(), TARGET / "bench-data"
    if options.compare:
        result = compare(options, folder)
        store(folder / f"queries-{options.rows}.json", result)
        print(report.text(result))
    if options.growth:
        growth(options, folder)
        print(report.growth_text(stored(folder / "growth.json")))
    if options.metrics:
        measure_metrics(folder)
        print(report.table(*report.metrics(stored(folder / "metrics.json"))))
    if options.page:
        # what the growth table has loaded a moment ago is as good
        measure_page(options.page, folder, not options.reuse and options.page not in options.growth)
        print("\n\n".join(browser.tables(stored(folder / "browser.json"))))
    if options.write_docs:
        names = (f"queries-{options.rows}", "ingest", "metrics", "growth", "browser")
        page.write(ROOT / "docs" / "performance.md", *(stored(folder / f"{name}.json") for name in names))
    if options.compare and result["findings"]:
        sys.exit(f"{len(result['findings'])} answers differ")


if __name__ == "__main__":
    main()
