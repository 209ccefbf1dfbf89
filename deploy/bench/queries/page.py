"""Writes docs/performance.md from the newest figures."""
import browser
import goals
import report
from catalog import QUERIES, statement

INTRO = """# Performance

Written by `cargo xtask bench all`, which measures everything on this page; `cargo xtask bench queries`
measures the queries alone and `-- --help` lists what can be chosen, `cargo xtask bench plugins` the
[plugins](#plugins).

**Compared is the CPU time of the engine's process** (user and system, all threads), because other
work on a machine disturbs it least; wall time is a hint. Hot is the best of {runs} runs after one that
does not count; cold is a fresh process whose files are not in the page cache. Ratios are Lincei's
figure by the peer's: below 1 Lincei is better. Before times are compared the answers are checked:
equal, approximations near the exact ones; where they differ no ratio is given.

Lincei is asked over HTTP and answers as an Arrow stream; ClickHouse and DuckDB run inside a process
of their own and hand over Arrow, which spares them a server. Their load rates start from ready
columns in Parquet; Lincei's start from compressed OTLP over HTTP, with its write-ahead log synced.

Machine: {cpu}, {cores} cores, {memory_gib} GiB, {system}.
Versions: {versions}.
"""
DATA = """## Data

{rows:,} log records in order of time, one million an hour, from a seed: 400 templates (Zipf 0.9), three of
four bodies with a tail of `key=value`, 20 services (Zipf 0.8), 100 hosts, a million users (30 % Zipf, the
others alike), 200 paths, 10 % with a trace id (five records a trace), 4 resource and 8 log attributes.

- `ch_map`: the table of the OpenTelemetry Collector's exporter: attributes in maps, Bloom filters.
- `ch_wide`: a column for each attribute, `ngrambf_v1(4, 32768, 3, 0)` on the body, a Bloom filter on
  the trace id. Both are sorted by service and time and merged (`OPTIMIZE … FINAL`), with two threads
  and without the cache of query conditions.
- `duckdb`: its own file in its newest format, sorted by service and time, two threads.
- `vlogs`: VictoriaLogs is measured only where `VICTORIALOGS_BIN` names its program, since no package
  registry that the benchmark installs from has it.
"""


def write(path, queries, ingest, metrics, growth, page):
    figures = goals.Figures(queries, ingest, metrics)
    versions = ", ".join(dict.fromkeys(engine["version"] for engine in queries["engines"].values()))
    runs = queries["hot_runs"] * queries["passes"]
    parts = [INTRO.format(**queries["machine"], runs=runs, versions=versions), goals_part(figures),
             DATA.format(rows=queries["rows"]), queries_part(queries)]
    if growth:
        parts.append(growth_part(growth))
    if page:
        parts.append(page_part(page))
    if ingest:
        parts.append(ingest_part(ingest))
    if metrics:
        parts.append(metrics_part(metrics))
    parts += plugins_part(path)
    path.write_text("\n".join(part.rstrip() + "\n" for part in parts))


def plugins_part(path):
    """The last part of the page, which the benchmark of plugins writes."""
    _, heading, text = path.read_text().partition("\n## Plugins\n") if path.exists() else ("", "", "")
    return [heading.lstrip() + text] if heading else []


def goals_part(figures):
    found = goals.rows(figures)
    head = ["goal", "wanted", "measured", "met"]
    parts = ["## Goals", report.table(head, [row[:4] for row in found])]
    short = [f"- **{row[0]}**: {row[4] or 'no reason is given yet.'}" for row in found if row[3] != "yes"]
    return "\n\n".join([*parts, "What falls short, why, and what was tried:", "\n".join(short)] if short else parts)


def queries_part(queries):
    about = report.table(["query", "asks for", "in Lincei"], [
        [name, query.about, f"`{statement('lincei', query, '…')}`"]
        for name, query in QUERIES.items() if query.timed])
    parts = ["## Queries", about, "Hot, ms of CPU:", report.queries(queries, "hot", "cpu"),
             "Hot, ms of wall time:", report.queries(queries, "hot", "wall")]
    if all(engine["cold"] for engine in queries["engines"].values()):
        parts += ["Cold, ms of wall time:", report.queries(queries, "cold", "wall"),
                  "Cold, ms of CPU:", report.queries(queries, "cold", "cpu")]
    parts += [f"{engine} answers {name} differently: {wrong}." for engine, name, wrong in queries["findings"]]
    for engine in queries["engines"].values():
        if "page" in engine:
            parts += ["## What the log page asks", "Over all rows, as in [Exploring logs](explore.md):",
                      report.page(engine["page"])]
    return "\n\n".join([*parts, "## Size, load and memory", report.sizes(queries)])


def growth_part(growth):
    return "## Growth\n\nLincei alone.\n\n" + report.growth_text(growth)


def page_part(page):
    text = (f"In headless Chromium {page['browser']} on the same machine, which the server shares, with {page['rows']:,}"
            f" rows: `cargo xtask bench queries -- --no-compare --page {page['rows']}`. The median of {page['loads']} loads,"
            " each with an empty cache. Results: until all that was asked for is drawn. INP: from a key or a click to the"
            " paint after it, the worst. Home shows one hour of the rows, the others all of them. A frequent word is above"
            " the two seconds that are wanted: to count its lines over all rows, their texts are read on two cores that"
            " the browser shares; the lines are asked for first.")
    return "\n\n".join(["## The page", text, *browser.tables(page)])


def ingest_part(ingest):
    rows = [[stage, f"{ns:,.0f}", f"{1e6 / ns:,.0f}"] for stage, ns in ingest.items()]
    text = "`cargo xtask bench ingest`: 300 requests of 1000 records, about 330 bytes a record."
    head = ["stage", "ns of CPU per record", "k records/s/core"]
    return f"## Intake, stage by stage\n\n{text}\n\n" + report.table(head, rows)


def metrics_part(metrics):
    text = "Series every 15 s: 40 % counters, 30 % gauges of two decimals, 15 % still buckets, 15 % random doubles."
    return f"## Metrics\n\n{text}\n\n" + report.table(*report.metrics(metrics))
