"""How quick the page is in Chromium, on many rows: `ui/bench/measure.mjs` against Lincei."""
import json
import pathlib
import subprocess
from datetime import datetime, timezone

import report
from process import machine

MEASURE = pathlib.Path(__file__).parents[3] / "ui/bench/measure.mjs"
HOUR_NS = 3600 * 10**9


def measure(engine, rows):
    """A record for each page, and for each thing done on Logs."""
    hours = -(-rows // 1_000_000)
    times = [engine.start_ns, engine.start_ns + hours * HOUR_NS]
    window = [datetime.fromtimestamp(time / 1e9, timezone.utc).isoformat() for time in times]
    engine.start()
    try:
        engine.settle()
        found = subprocess.run(["node", str(MEASURE), engine.server.url, *window],
                               check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        engine.stop()
    return {"rows": rows, "machine": machine(), **json.loads(found)}


def tables(found):
    """Two tables: loads, and what was done."""
    number = "{:,.0f}".format
    pages = [[page["name"], *(number(page[key]) for key in ("fcp", "lcp", "results", "long")), f"{page['cls']:.3f}",
              number(page["bytes"] / 1000)] for page in found["pages"]]
    done = [[act["name"], number(act["inp"]), number(act["long"]), f"{act['cls']:.3f}"] for act in found["done"]]
    return [report.table(["page", "first paint, ms", "LCP, ms", "results, ms", "longest task, ms", "CLS", "kB"], pages),
            report.table(["on Logs", "INP, ms", "longest task, ms", "CLS"], done)]
