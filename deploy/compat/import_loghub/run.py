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
    expected = 0
    for sample in samples:
        done = subprocess.run([os.environ["LINCEI_BIN"], "import", "--url", server.url, str(sample)], capture_output=True, text=True)
        check(f"{sample.name} is imported", (done.returncode, done.stderr), (0, ""))
        text = sample.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
        expected += len([line for line in text.split("\n") if line.strip()])
        # a multi-line record holds several lines; none may be lost
        bodies = server.sql("SELECT body, attributes FROM logs", limit=1_000_000)
        stored = sum(len([line for line in (r["body"] or "").split("\n") if line.strip()]) for r in bodies)
        check(f"{sample.name}: lines in, lines stored", (stored, server.sql("SELECT count(*) AS n FROM rejects")[0]["n"]), (expected, 0))
    rows = server.sql("SELECT service, count(*) AS n, count(DISTINCT time) AS times, count(severity) AS levels,"
                      " min(time) AS oldest, max(time) AS newest FROM logs GROUP BY 1 ORDER BY 1")
    for row in rows:
        print(row)
    hits = server.sql("SELECT count(*) AS n FROM logs WHERE search('\"authentication failure\"')")
    raw = sum(p.read_bytes().lower().count(b"\n") and sum(b"authentication failure" in l.lower() for l in p.read_bytes().split(b"\n"))
              for p in samples)
    check("a phrase is found as often as grep finds it", hits[0]["n"], raw)
