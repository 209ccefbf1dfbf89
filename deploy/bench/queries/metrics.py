"""Bytes of a metric sample: Lincei, and VictoriaMetrics and Prometheus where the environment names
their programs in VICTORIAMETRICS_BIN and PROMTOOL_BIN (Debian has both: packages victoria-metrics
and prometheus)."""
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from lincei import free_ports, generate
from process import bytes_of, files_below

SERIES, SAMPLES = 50_000, 120
# files of an hour are merged into as few as possible ten minutes after the last of them came
QUIET_SECONDS = 11 * 60


def lincei(engine, series, samples):
    shutil.rmtree(engine.folder, ignore_errors=True)
    engine.folder.mkdir(parents=True)
    engine.start()
    before = engine.cpu()
    generate("metrics", series, samples, engine.start_ns, engine.server.url)
    engine.post("/api/v1/system/flush")
    cpu = engine.cpu() - before + engine.compact(QUIET_SECONDS)
    query = ("SELECT sum(rows) AS n, sum(bytes) AS bytes FROM lincei_files"
             " WHERE \"table\" = 'metrics' AND state = 'live'")
    files = engine.server.sql(query)[0]
    engine.stop()
    shutil.rmtree(engine.folder, ignore_errors=True)
    if int(files["n"]) != series * samples:
        raise RuntimeError(f"{files['n']} samples are stored, {series * samples} were sent")
    return {"bytes_per_sample": int(files["bytes"]) / (series * samples),
            "samples_per_cpu_second": series * samples / cpu}


def victoriametrics(folder, series, samples, start_ns):
    """Without its index, as it counts itself."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [os.environ["VICTORIAMETRICS_BIN"], f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}",
         "-retentionPeriod=100y"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(f"{url}/health")
        with Lines(series, samples, start_ns) as source:
            urllib.request.urlopen(urllib.request.Request(f"{url}/api/v1/import", data=iter_chunks(source))).read()
        for path in ("/internal/force_flush", "/internal/force_merge"):
            urllib.request.urlopen(url + path).read()
        time.sleep(5)
    finally:
        server.terminate()
        server.wait(timeout=120)
    return {"bytes_per_sample": bytes_of(files_below(folder / "data")) / (series * samples)}


def prometheus(folder, series, samples, start_ns):
    """The chunks of its blocks, without their index."""
    folder.mkdir(parents=True)
    text = folder / "samples.txt"
    with Lines(series, samples, start_ns) as source, open(text, "w") as file:
        for line in source:
            one = json.loads(line)
            labels = ",".join(f'{key}="{value}"' for key, value in one["metric"].items() if key != "__name__")
            head = f"{one['metric']['__name__']}{{{labels}}}"
            file.writelines(f"{head} {value} {ms / 1000}\n" for value, ms in zip(one["values"], one["timestamps"]))
        file.write("# EOF\n")
    command = [os.environ["PROMTOOL_BIN"], "tsdb", "create-blocks-from", "openmetrics", text, folder / "blocks"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    chunks = [path for path in files_below(folder / "blocks") if path.parent.name == "chunks"]
    return {"bytes_per_sample": bytes_of(chunks) / (series * samples)}


class Lines:
    """The generator's output, a line a series."""

    def __init__(self, *args):
        self.args = args

    def __enter__(self):
        command = [os.environ["LINCEI_BENCH_DATA"], "metrics-lines", *map(str, self.args)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        return self.process.stdout

    def __exit__(self, *_):
        self.process.stdout.close()
        self.process.wait()


def iter_chunks(source):
    while chunk := source.read(1 << 20):
        yield chunk


def wait(url, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=1).read()
        except (OSError, urllib.error.URLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def measure(engine, folder, series=SERIES, samples=SAMPLES):
    """By engine: bytes per sample."""
    shutil.rmtree(folder, ignore_errors=True)
    found = {"lincei": lincei(engine, series, samples)}
    peers = {"victoriametrics": ("VICTORIAMETRICS_BIN", victoriametrics), "prometheus": ("PROMTOOL_BIN", prometheus)}
    for name, (variable, run) in peers.items():
        if os.environ.get(variable):
            found[name] = run(folder / name, series, samples, engine.start_ns)
            shutil.rmtree(folder, ignore_errors=True)
    return found
