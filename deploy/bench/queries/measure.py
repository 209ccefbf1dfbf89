"""Loads the engines, runs the queries, and checks that all give the same answers."""
import os
import pathlib
import shutil

import answers
import embedded
import lincei
import page_questions
import victorialogs
from catalog import DIALECTS, QUERIES, statement
from process import forget, say

ENGINES = {engine.name: engine for engine in
           [lincei.Lincei, embedded.ClickHouseMap, embedded.ClickHouseWide, embedded.DuckDb, victorialogs.VictoriaLogs]}
# 2026-01-15T00:00:00Z: the peers keep what they have loaded, so their times stay the same
PEERS_START_NS = 1_768_435_200 * 10**9


class DataSet:
    """So many rows, below a folder of its own with each engine's copy of them."""

    def __init__(self, folder, rows):
        self.folder, self.rows = pathlib.Path(folder) / str(rows), rows
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sources = []

    def facts(self):
        """What the generator says of the rows."""
        return lincei.generate("facts", self.rows)

    def write_sources(self):
        """The Parquet files that the peers load, unless they are there."""
        folder = self.folder / "parquet"
        if not self.sources:
            shutil.rmtree(folder, ignore_errors=True)
            lincei.generate("parquet", self.rows, PEERS_START_NS, folder)
            self.sources = sorted(folder.iterdir())

    def drop_sources(self):
        shutil.rmtree(self.folder / "parquet", ignore_errors=True)

    def engine(self, name, start_ns):
        return ENGINES[name](self.folder / name, start_ns)


def hot(engine, names, trace_id, runs):
    """The least CPU and wall seconds of several runs after one that does not count, by query."""
    measured = {}
    for name in names:
        sql = statement(engine.name, QUERIES[name], trace_id)
        try:
            times = [engine.query(sql) for _ in range(runs + 1)]
        except RuntimeError as error:
            say(error)
            measured[name] = {"error": str(error).splitlines()[0], "rows": []}
            continue
        table = times[-1].pop("table")
        measured[name] = {"cpu": min(t["cpu"] for t in times[1:]), "wall": min(t["wall"] for t in times[1:]),
                          "rows": rows(engine, name, table)}
        say(f"  {engine.name:8} {name:4} {measured[name]['cpu'] * 1e3:9.1f} ms CPU"
            f" {measured[name]['wall'] * 1e3:9.1f} ms wall, {len(measured[name]['rows'])} rows")
    return measured


def cold(engine, names, trace_id):
    """CPU and wall seconds in a fresh process, whose files are not in the page cache, by query."""
    measured = {}
    for name in names:
        forget(engine.files())
        engine.start()
        try:
            times = engine.query(statement(engine.name, QUERIES[name], trace_id))
            measured[name] = {"cpu": times["cpu"], "wall": times["wall"]}
        except RuntimeError as error:
            measured[name] = {"error": str(error).splitlines()[0]}
        finally:
            engine.stop()
    return measured


def exact_answers(engine, names, trace_id):
    """What approximations are held against and is not measured itself, by query."""
    wanted = {QUERIES[name].exact for name in names} - {""} - set(names)
    return {name: {"rows": rows(engine, name, engine.query(statement(engine.name, QUERIES[name], trace_id))["table"])}
            for name in wanted}


def rows(engine, name, table):
    return answers.rows_of(QUERIES[name], table, DIALECTS[engine.name], engine.start_ns)


def run(engine, names, trace_id, options, exact=False):
    """Everything about one engine whose data are loaded."""
    os.sync()
    names = [name for name in names if statement(engine.name, QUERIES[name], trace_id)]
    result = {"cold": cold(engine, names, trace_id) if options.cold else {}}
    engine.start()
    try:
        result["version"] = engine.version()
        engine.settle()
        result["hot"] = hot(engine, names, trace_id, options.hot)
        if engine.name == "lincei":
            result["page"] = page_questions.measure(engine, options.rows, options.hot)
        result["peak_rss"] = engine.peak_rss_bytes()
        result["exact"] = exact_answers(engine, names, trace_id) if exact else {}
    finally:
        engine.stop()
    return result


def merge(first, second):
    """The better of two passes, query by query."""
    for kind in ("cold", "hot", "page"):
        for name, times in second.get(kind, {}).items():
            best = first[kind].setdefault(name, times)
            if "error" not in best and "error" not in times:
                best["cpu"], best["wall"] = min(best["cpu"], times["cpu"]), min(best["wall"], times["wall"])
    first["peak_rss"] = max(first["peak_rss"], second["peak_rss"])


def reference(engines):
    """Whose answers are taken for right."""
    return next(name for name in ("duckdb", "ch_wide", "ch_map", "lincei") if name in engines)


def check(results, names):
    """Findings: what differs, as (engine, query, text). The answers of `reference` are the measure."""
    first, findings = reference(results), []
    for name in names:
        query = QUERIES[name]
        want = {**results[first]["exact"], **results[first]["hot"]}[query.exact or name]["rows"]
        for engine in (engine for engine in results if name in results[engine]["hot"]):
            got = results[engine]["hot"][name]
            wrong = got.get("error") or answers.difference(query, got["rows"], want)
            if wrong:
                findings.append((engine, name, wrong))
    return findings
