"""Starts the binary in LINCEI_BIN on free ports with a fresh data directory, and asks it."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    def __init__(self, data=None, extra=(), env=None):
        self.own_data = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="lincei-"))
        self.extra, self.env = list(extra), env or {}
        self.http_port, self.grpc_port, self.otlp_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.process = None

    def start(self, wait=60):
        command = [os.environ["LINCEI_BIN"], "serve", "--data", str(self.data),
                   "--listen", f"127.0.0.1:{self.http_port}",
                   "--otlp-grpc", f"127.0.0.1:{self.grpc_port}",
                   "--otlp-http", f"127.0.0.1:{self.otlp_port}", *self.extra]
        self.log = open(self.data.parent / f"{self.data.name}.log", "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**os.environ, **self.env})
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"server ended with {self.process.returncode}:\n{self.log_text()}")
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).read()
                return self
            time.sleep(0.05)
        raise RuntimeError(f"server did not answer in {wait} s:\n{self.log_text()}")

    def log_text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")[-4000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        return self.process.returncode if self.process else None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(self.log_text())
        self.stop()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)
            pathlib.Path(self.log.name).unlink(missing_ok=True)

    def request(self, path, body=None, headers=None, method=None, port=None, timeout=120):
        """Status, headers and body, whatever the status is."""
        url = f"http://127.0.0.1:{port or self.http_port}{path}"
        request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def sql(self, text, **more):
        """Rows as dictionaries."""
        body = json.dumps({"sql": text, **more}).encode()
        status, _, answer = self.request("/api/v1/sql", body, {"Content-Type": "application/json"})
        if status != 200:
            raise RuntimeError(f"{status}: {answer.decode(errors='replace')}\n{text}")
        answer = json.loads(answer)
        names = [c["name"] for c in answer["columns"]]
        return [dict(zip(names, row)) for row in answer["rows"]]


def check(what, got, want):
    if got != want:
        raise SystemExit(f"FAILED {what}\n  got  {got!r}\n  want {want!r}")
    print(f"ok  {what}")
