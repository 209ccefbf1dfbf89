"""Plugins as their authors and users have them: templates and examples pass their cases; the same operator from the
templates of five languages gives equal results on the demo's logs; versions swap under load without losing or
doubling a record; scripts say where they are wrong; functions are called from SQL; what does harm is stopped;
everything is there after a restart."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

JSON = {"Content-Type": "application/json"}
WASM = {"Content-Type": "application/wasm"}
HERE = pathlib.Path(__file__).parent
EXAMPLES = HERE.parents[2] / "plugins/examples"
KINDS = ["function", "rule", "notifier", "escalation"]
FIXTURES = HERE.parents[2] / "plugins/host/tests/fixtures/v1"
LANGUAGES = ["rust", "c", "go", "python", "js"]
RECORDS_A_SECOND = 20_000


def call(server, method, path, body=None, headers=JSON):
    """Status, and the JSON that came, if any."""
    payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    status, _, answer = server.request(path, payload, headers, method)
    return status, json.loads(answer) if answer else None


def good(answer, what):
    status, body = answer
    if status not in (200, 201):
        raise SystemExit(f"FAILED {what}: {status} {body}")
    return body


def push(server, name, component):
    return call(server, "POST", f"/api/v1/plugins/{name}/versions", component, WASM)


def script(server, name, source, language="python"):
    return call(server, "POST", f"/api/v1/plugins/{name}/versions", {"language": language, "source": source})


def pipeline(server, *steps, signal="logs"):
    now = next(p for p in call(server, "GET", "/api/v1/pipelines")[1]["items"] if p["signal"] == signal)
    return call(server, "PUT", f"/api/v1/pipelines/{signal}", {"revision": now["revision"], "steps": list(steps)})


def send(server, *records):
    lines = "\n".join(json.dumps(record) for record in records).encode()
    status, _, answer = server.request("/api/v1/ingest/logs", lines, {"Content-Type": "application/x-ndjson"})
    return status, json.loads(answer)


def lincei(*words, cwd=None):
    """Runs the command line with the tools that authors need on its path."""
    path = f"{pathlib.Path(os.environ['PYTHON']).parent}:{os.environ['PATH']}"
    done = subprocess.run([os.environ["LINCEI_BIN"], "plugin", *words], cwd=cwd, env={**os.environ, "PATH": path},
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"FAILED lincei plugin {' '.join(words)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def built(folder, language, kind):
    """The component of a template, built and tested."""
    project = folder / f"{kind}-{language}"
    lincei("new", "--lang", language, "--kind", kind, "--folder", str(project), f"{kind}-{language}")
    if language == "js":
        (project / "node_modules").symlink_to(HERE / "node_modules")
    lincei("build", cwd=project)
    said = lincei("test", cwd=project).strip().splitlines()[-1]
    check(f"the cases of {kind} in {language}", said.endswith(" 0 failed"), True)
    return (project / "plugin.wasm").read_bytes()


def examples(folder):
    """Each example, from a copy of its folder and of the SDK that it names."""
    shutil.copytree(EXAMPLES.parent / "sdk", folder / "sdk", ignore=shutil.ignore_patterns("target", "node_modules"))
    for project in sorted(EXAMPLES.glob("*/*/")):
        language, copy = project.parent.name, folder / "examples" / project.parent.name / project.name
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("target", "node_modules", "*.wasm"))
        if language == "javascript":
            (copy / "node_modules").symlink_to(HERE / "node_modules")
        lincei("build", cwd=copy)
        said = lincei("test", cwd=copy).strip().splitlines()[-1]
        check(f"the cases of the example {language}/{project.name}", said.endswith(" 0 failed"), True)


def five_languages(server, components):
    """The same records through each of the five, and the answers beside each other."""
    samples, answers = [], {}
    for service in ["checkout", "cart", "payment"]:
        sample = {"newest": 500, "search": f"service:{service}"}
        trial = {"signal": "logs", "plugin": "operator-c", "sample": sample}
        samples.append(good(call(server, "POST", "/api/v1/plugins/try", trial), "a trial")["before"])
    check("the demo has logs", sum(map(len, samples)) > 100, True)
    for language in components:
        answers[language] = []
        for records in samples:
            trial = {"signal": "logs", "plugin": f"operator-{language}", "sample": {"records": records}}
            result = good(call(server, "POST", "/api/v1/plugins/try", trial), f"a trial in {language}")
            check(f"no failure in {language}", result.get("failure"), None)
            answers[language].append([result["after"], result["added"]])
    first = next(iter(answers.values()))
    check("something was measured", sum("body.length" in json.dumps(after) for after, _ in first) > 0, True)
    for language, answer in answers.items():
        check(f"{language} gives what the others give", answer == first, True)


def swap_under_load(server, first, second):
    """Two versions take turns while records come in."""
    good(push(server, "swap", first), "the first version")
    good(push(server, "swap", second), "the second version")
    good(pipeline(server, {"name": "swap", "operator": "plugin:swap", "on_failure": "hold"}), "the pipeline")
    sent, stop = [0], threading.Event()

    def load():
        start = time.monotonic()
        while not stop.is_set():
            records = [{"service": "swap", "level": "INFO", "message": f"m{n}", "n": n} for n in range(sent[0], sent[0] + 1000)]
            status, answer = send(server, *records)
            check_quietly("intake under load", (status, answer["accepted"]), (200, 1000))
            sent[0] += 1000
            time.sleep(max(0, start + sent[0] / RECORDS_A_SECOND - time.monotonic()))

    thread = threading.Thread(target=load)
    thread.start()
    for swap in range(12):
        time.sleep(0.3)
        good(call(server, "PUT", "/api/v1/plugins/swap/active", {"version": 1 + swap % 2}), "a swap")
    stop.set()
    thread.join()
    counted = server.sql("SELECT count(*) AS n, count(DISTINCT attributes['n']) AS d, count(attributes['body.length']) AS l FROM logs WHERE service = 'swap'")
    check("nothing is lost or doubled by a swap, and all passed one of the two", counted[0], dict.fromkeys("ndl", sent[0]))
    good(pipeline(server), "the empty pipeline")


def check_quietly(what, got, want):
    if got != want:
        check(what, got, want)


def scripts(server):
    wrong = "def process(record):\n    record.attributes['x'] = 1 +\n"
    status, problem = script(server, "typed", wrong)
    check("a script that is no Python is refused at its line", (status, problem["location"]["line"]), (400, 2))
    trial = {"signal": "logs", "script": {"language": "python", "source": "import json\ndef process(record):\n    return json.loads(record.body)['x']\n"},
             "sample": {"records": [{"service": "a", "body": "{\"y\": 1}"}]}}
    failure = good(call(server, "POST", "/api/v1/plugins/try", trial), "a trial")["failure"]
    check("an error has its line and its kind", (failure["line"], failure["detail"].split(":")[0]), (3, "KeyError"))
    good(script(server, "typed", "def process(record):\n    record.attributes['seen'] = record.body.upper()\n"), "a good script")
    good(script(server, "typed-js", "function process(record) { record.attributes.js = record.body.length; }\n", "javascript"), "a script in JavaScript")
    good(pipeline(server, {"name": "py", "operator": "plugin:typed"}, {"name": "js", "operator": "plugin:typed-js"}), "the pipeline")
    send(server, {"service": "typed", "message": "größe"})
    row = server.sql("SELECT attributes['seen'] AS seen, attributes['js'] AS js FROM logs WHERE service = 'typed'")
    check("records pass both scripts", row, [{"seen": "GRÖSSE", "js": "5"}])
    good(script(server, "typed", "def process(record):\n    return False\n"), "a second version")
    send(server, {"service": "typed", "message": "gone"})
    good(call(server, "PUT", "/api/v1/plugins/typed/active", {"version": 1}), "rolling back")
    send(server, {"service": "typed", "message": "back"})
    row = server.sql("SELECT body FROM logs WHERE service = 'typed' ORDER BY time")
    check("the version before works again", [r["body"] for r in row], ["größe", "back"])


def policies(server):
    """An operator that always fails, and what becomes of the records."""
    good(script(server, "fails", "def process(record):\n    if record.service == 'doomed': raise ValueError('no')\n"), "a script that fails")
    for policy, status in [("pass", 200), ("reject", 400), ("hold", 503)]:
        service = "doomed"
        good(pipeline(server, {"name": "fails", "operator": "plugin:fails", "on_failure": policy}), policy)
        check(f"{policy}: the answer", send(server, {"service": service, "message": policy})[0], status)
    stored = server.sql("SELECT body, attributes['lincei.operator.failed'] AS mark FROM logs WHERE service = 'doomed'")
    check("pass marks the record", stored, [{"body": "pass", "mark": "fails"}])
    rejected = server.sql("SELECT operator, encoding, records FROM rejects WHERE operator IS NOT NULL")
    check("reject keeps the record", rejected, [{"operator": "fails/fails", "encoding": "json", "records": 1}])
    steps = server.sql("SELECT step, failures FROM lincei_operators")
    check("the step counts its failures, over saves", steps, [{"step": "fails", "failures": 3}])
    good(pipeline(server), "the empty pipeline")


def harm(server):
    """A script that loops is stopped; others go on."""
    source = "def process(record):\n    if record.service == 'loop':\n        while True: pass\n"
    good(script(server, "loops", source), "a script that loops")
    good(pipeline(server, {"name": "loops", "operator": "plugin:loops", "search": "service:loop"}), "the pipeline")
    for _ in range(4):
        check("a record that makes it loop is stored", send(server, {"service": "loop", "message": "x"})[0], 200)
    info = call(server, "GET", "/api/v1/plugins/loops")[1]
    check("it is not asked for now", info["status"], "open")
    check("its failures are counted", (info["cost"]["failures"]["deadline"], info["cost"]["failures"]["open"]), (3, 1))
    rows = server.sql("SELECT status, traps FROM lincei_plugins WHERE name = 'loops'")
    check("and shown in SQL", rows, [{"status": "open", "traps": 3}])
    status, problem = push(server, "broken", b"\0asm\x01\0\0\0")
    check("a module without a world is refused", (status, "does not say which world" in problem["detail"]), (400, True))
    status, problem = call(server, "DELETE", "/api/v1/plugins/loops")
    check("a plugin that a pipeline uses stays", (status, "logs" in problem["detail"]), (409, True))
    good(pipeline(server), "the empty pipeline")
    check("then it can go", call(server, "DELETE", "/api/v1/plugins/loops")[0], 204)


def main():
    data, projects = tempfile.mkdtemp(prefix="lincei-"), pathlib.Path(tempfile.mkdtemp(prefix="plugins-"))
    server = Server(data=data, extra=["--demo"])
    try:
        with server:
            components = {language: built(projects, language, "operator") for language in LANGUAGES}
            for language in ["c", "go"]:  # built in no time; the others' kinds are among the examples
                for kind in KINDS:
                    built(projects, language, kind)
            examples(projects)
            for language, component in components.items():
                good(push(server, f"operator-{language}", component), language)
            five_languages(server, components)
            swap_under_load(server, components["rust"], components["c"])
            scripts(server)
            policies(server)
            harm(server)
            good(push(server, "luhn", (FIXTURES / "function.wasm").read_bytes()), "a function")
            query = "SELECT function_c('4242 4242 4242 4242') AS a, function_c(body) AS b FROM logs WHERE service = 'typed' LIMIT 1"
            check("a plugin's function is called from SQL", server.sql(query), [{"a": True, "b": False}])
            good(pipeline(server, {"name": "py", "operator": "plugin:typed"}), "a pipeline")
        server.own_data = False
        with server:
            send(server, {"service": "typed", "message": "again"})
            row = server.sql("SELECT attributes['seen'] AS seen FROM logs WHERE body = 'again'")
            check("plugins and pipelines are there after a restart", row, [{"seen": "AGAIN"}])
            check("and functions", server.sql(query), [{"a": True, "b": False}])
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(projects, ignore_errors=True)


main()
