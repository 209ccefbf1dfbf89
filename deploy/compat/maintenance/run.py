"""Backup, restore and check, with the server running and without; damage is found and named."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

BIN = os.environ["LINCEI_BIN"]
work = pathlib.Path(tempfile.mkdtemp(prefix="lincei-"))


def run(*command, fails=False):
    done = subprocess.run([BIN, *map(str, command)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if (done.returncode != 0) != fails:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def send(server, first, count):
    lines = "\n".join(json.dumps({"message": f"line {i}", "service": "m", "seq": i}) for i in range(first, first + count))
    status, _, answer = server.request("/api/v1/ingest/logs", lines.encode(), {"Content-Type": "application/json"})
    check(f"{count} records stored", (status, json.loads(answer)["accepted"]), (200, count))


server = Server(data=work / "data")
with server:
    send(server, 0, 1000)
    second = subprocess.run([BIN, "serve", "--data", str(server.data), "--listen", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0",
                             "--otlp-http", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    check("a second process is refused", (second.returncode != 0, "in use by process" in second.stderr), (True, True))
    run("backup", work / "backup", "--data", server.data, "--url", server.url)
    send(server, 1000, 500)
    check("check through the server", "no fault found" in run("check", "--data", server.data, "--url", server.url), True)
    check("a backup does not overwrite", "not empty" in run("backup", work / "backup", "--data", server.data, "--url", server.url, fails=True), True)
check("check without the server", "no fault found" in run("check", "--data", server.data), True)
run("backup", work / "backup2", "--data", server.data)
for backup, rows in (("backup", 1000), ("backup2", 1500)):
    target = work / f"restored-{backup}"
    run("restore", work / backup, "--data", target)
    with Server(data=target) as restored:
        check(f"{backup} holds {rows}", restored.sql("SELECT count(*) AS n, count(DISTINCT attributes['seq']) AS d FROM logs"),
              [{"n": rows, "d": rows}])
check("restore refuses a full directory", "not empty" in run("restore", work / "backup", "--data", target, fails=True), True)

# one flipped byte in a file
file = next((server.data / "parquet").rglob("*.parquet"))
bytes_ = bytearray(file.read_bytes())
bytes_[len(bytes_) // 2] ^= 0x10
file.write_bytes(bytes_)
found = run("check", "--data", server.data, fails=True)
check("a flipped byte is found and the file named", file.name in found, True)
with Server(data=server.data) as damaged:
    for _ in range(3):
        status, _, _ = damaged.request("/api/v1/sql", b'{"sql":"SELECT count(body) FROM logs"}', {"Content-Type": "application/json"})
    check("the rest is served", status, 200)
    check("and the server is ready", damaged.request("/readyz")[0], 200)
