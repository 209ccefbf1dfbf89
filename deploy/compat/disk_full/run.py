"""A full disk: intake answers 503, reads go on, and intake comes back by itself when there is room."""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

SIZE_MIB = 96
mount = pathlib.Path(tempfile.mkdtemp(prefix="lincei-disk-"))
done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(mount)], capture_output=True, text=True)
if done.returncode != 0:
    print(f"skipped: a small file system cannot be mounted here ({done.stderr.strip()})")
    raise SystemExit(0)
ballast = mount / "ballast"
ballast.write_bytes(b"\0" * (60 << 20))
server = Server(data=mount / "data", extra=["--flush-seconds", "2"])
noise = random.Random(1)


def send(first, count):
    lines = "\n".join(json.dumps({"message": noise.randbytes(300).hex(), "service": "full", "seq": i})
                      for i in range(first, first + count))
    status, headers, answer = server.request("/api/v1/ingest/logs", lines.encode(), {"Content-Type": "application/json"})
    return status, {k.lower(): v for k, v in headers.items()}, json.loads(answer)


try:
    server.start()
    acknowledged, status = 0, 200
    while acknowledged < 400_000:
        status, headers, answer = send(acknowledged, 2000)
        if status != 200:
            break
        acknowledged += 2000
    check("a full disk is answered with 503", status, 503)
    check("to be tried again", ("retry-after" in headers, answer["retryable"], answer["code"]), (True, True, "unavailable"))
    check("with the reason", "free" in answer["detail"] or "full" in answer["detail"], True)
    check("reads go on, all is there", server.sql("SELECT count(*) AS n FROM logs"), [{"n": acknowledged}])
    check("readiness tells it", server.request("/readyz")[0], 503)
    check("health does not", server.request("/healthz")[0], 200)
    ballast.unlink()
    deadline = time.monotonic() + 60
    while status != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
        status, _, _ = send(acknowledged, 100)
    check("intake comes back by itself", status, 200)
    acknowledged += 100
    check("and nothing was lost or doubled",
          server.sql("SELECT count(*) AS n, count(DISTINCT attributes['seq']) AS d FROM logs"), [{"n": acknowledged, "d": acknowledged}])
    server.kill()
    server.start()
    check("nor after kill -9", server.sql("SELECT count(*) AS n FROM logs"), [{"n": acknowledged}])
    check("stops cleanly", server.stop(), 0)
finally:
    server.stop()
    subprocess.run(["umount", "-l", str(mount)], check=False)
