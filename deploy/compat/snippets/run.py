"""What the page gives a newcomer to copy does what it says: each text of `ui/src/snippet` is filled in
as the page fills it in and run, and what it sends arrives. `SNIPPETS=rust` also builds the program for
Rust, which takes minutes."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

HERE = pathlib.Path(__file__).parent
TEXTS = HERE.parent.parent.parent / "ui/src/snippet"
LIMIT_S = 600


def filled(server, name, key=None):
    """As `ui/src/snippet.rs` fills it in."""
    lines = (TEXTS / f"{name}.txt").read_text().rstrip().splitlines()
    text = "\n".join(line for line in lines if key or "<key>" not in line)
    for place, value in [("{page}", server.url), ("{otlp_http}", f"http://127.0.0.1:{server.otlp_port}"),
                         ("{otlp_host}", "127.0.0.1"), ("{otlp_port}", str(server.otlp_port)), ("<key>", key or "")]:
        text = text.replace(place, value)
    return text


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout}\n{done.stderr}")
    return done.stdout


def shell(text, **more):
    # The binary is called by its name.
    paths = f"{pathlib.Path(os.environ['LINCEI_BIN']).parent}:{os.environ['PATH']}"
    return run(["bash", "-euc", text], env={**os.environ, "PATH": paths}, **more)


def arrived(server, body, requests):
    """The line, of service shop, and the requests that came with it."""
    [row] = server.sql(f"SELECT service, trace_id FROM logs WHERE body = '{body}'")
    check(f"{body}: service", row["service"], "shop")
    spans = server.sql("SELECT service, name, kind, resource['service.version'] AS version, trace_id FROM spans")
    new = [span for span in spans if span["trace_id"] not in server.seen]
    server.seen.update(span["trace_id"] for span in new)
    check(f"{body}: requests", [(s["service"], s["name"], s["kind"], s["version"]) for s in new],
          [("shop", "GET /hello", "SERVER", "1.0.0")] * requests)
    return row, new


def send_all(server, folder, key=None):
    server.seen = set()
    shell(filled(server, "curl", key))
    arrived(server, "hello from curl", 0)

    program = folder / "hello.py"
    program.write_text(filled(server, "python", key))
    run([sys.executable, program])
    row, [span] = arrived(server, "hello from Python", 1)
    check("hello from Python: within its request", row["trace_id"], span["trace_id"])

    # Packages are found from where the program is.
    with tempfile.NamedTemporaryFile("w", suffix=".mjs", dir=HERE.parent / "otel_node") as program:
        program.write(filled(server, "node", key))
        program.flush()
        run(["node", program.name])
    row, [span] = arrived(server, "hello from Node", 1)
    check("hello from Node: within its request", row["trace_id"], span["trace_id"])

    (folder / "app.log").write_text("2026-11-22T03:06:00Z ERROR hello from a file\n")
    shell(filled(server, "import", key), cwd=folder)
    check("a file", len(server.sql("SELECT body FROM logs WHERE body LIKE '%hello from a file%'")), 1)


def environment(server, name, folder, key=None):
    """The variables are what an SDK takes its settings from, here that of Python."""
    exports = "\n".join(line for line in filled(server, name, key).splitlines() if line.startswith("export "))
    program = folder / "variables.py"
    program.write_text(
        "from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import SimpleSpanProcessor\n"
        "provider = TracerProvider()\n"
        "provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))\n"
        f"provider.get_tracer('t').start_span('by variables of {name}').end()\n")
    shell(f"{exports}\n{sys.executable} {program}")
    check(f"variables of {name}", server.sql(f"SELECT service FROM spans WHERE name = 'by variables of {name}'"),
          [{"service": "shop"}])


def rust(server, folder):
    project = folder / "hello"
    run(["cargo", "init", "--quiet", "--name", "hello", project])
    text = filled(server, "rust")
    [command] = [line.removeprefix("// ") for line in text.splitlines() if line.startswith("// cargo add ")]
    run(command.split(), cwd=project)
    (project / "src/main.rs").write_text(text)
    run(["cargo", "run", "--quiet"], cwd=project)
    arrived(server, "hello from Rust", 1)


class Locked(Server):
    """With an account and two keys; what the test itself asks, it asks with the second."""

    def lock(self):
        def lincei(*command):
            env = {**os.environ, "LINCEI_PASSWORD": "correct horse battery"}
            return run([os.environ["LINCEI_BIN"], *command, "--data", str(self.data)], env=env)

        lincei("admin", "create", "ada")
        self.ingest_key = lincei("key", "create", "agents").splitlines()[0]
        self.api_key = lincei("key", "create", "tests", "--kind", "api").splitlines()[0]
        return self

    def request(self, path, body=None, headers=None, **more):
        return super().request(path, body, {**(headers or {}), "Authorization": f"Bearer {self.api_key}"}, **more)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    with Server() as server:
        send_all(server, folder)
        if "rust" in os.environ.get("SNIPPETS", ""):
            rust(server, folder)
        for text in ("sdk", "java", "dotnet"):
            environment(server, text, folder)
        check("nothing was rejected", server.sql("SELECT count(*) AS n FROM rejects"), [{"n": 0}])
    with Locked().lock() as server:
        send_all(server, folder, server.ingest_key)
        environment(server, "sdk", folder, server.ingest_key)
        check("nothing was rejected for want of a key", server.sql("SELECT count(*) AS n FROM rejects"), [{"n": 0}])
