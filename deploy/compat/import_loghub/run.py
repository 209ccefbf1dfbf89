"""Real log files of sixteen systems are imported whole and can be searched; the samples are read
from a folder beside the checkout and are not part of the product."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

root = pathlib.Path(__file__).resolve().parents[3]
samples = sorted((root.parent / "shared" / "data" / "loghub").glob("*.log"))
if not samples:
    print("skipped: no sample data")
    raise SystemExit(0)
with Server(extra=["--flush-seconds", "2"]) as server:
    # the samples are years old: rows are kept for ever here
    keep = b'{"retention":[{"table":"logs","max_age_seconds":null,"max_bytes":null}]}'
    check("retention", server.request("/api/v1/settings/storage", keep, {"Content-Type": "application/json"}, "PUT")[0], 200)
    import time
    time.sleep(1.1)
    done = subprocess.run([os.environ["LINCEI_BIN"], "import", "--url", server.url, *map(str, samples)], capture_output=True, text=True)
    print(done.stdout[-2000:], done.stderr[-2000:])
    check("import succeeds", done.returncode, 0)
    for sample in samples:
        service = sample.name.split(".")[0]
        text = sample.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
        lines = [line for line in text.split("\n") if line.strip()]
        bodies = server.sql(f"SELECT body FROM logs WHERE resource['service.name'] = '{service}' OR service = '{service}' ORDER BY time", limit=100_000)
        stored = "\n".join(r["body"] or "" for r in bodies)
        # a multi-line record holds several lines; none may be lost
        stored_lines = sum(len([l for l in (r["body"] or "").split("\n") if l.strip()]) for r in bodies)
        rejected = server.sql("SELECT coalesce(sum(records), 0) AS n FROM rejects")[0]["n"]
        check(f"{service}: lines in, lines stored", (stored_lines, int(rejected)), (len(lines), 0))
    rows = server.sql("SELECT service, count(*) AS n, count(DISTINCT time) AS times, count(severity) AS levels,"
                      " min(time) AS oldest, max(time) AS newest FROM logs GROUP BY 1 ORDER BY 1")
    for row in rows:
        print(row)
    hits = server.sql("SELECT count(*) AS n FROM logs WHERE search('\"authentication failure\"')")
    raw = sum(p.read_bytes().lower().count(b"\n") and sum(b"authentication failure" in l.lower() for l in p.read_bytes().split(b"\n"))
              for p in samples)
    check("a phrase is found as often as grep finds it", hits[0]["n"], raw)
