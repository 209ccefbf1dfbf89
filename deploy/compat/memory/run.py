"""One memory budget for everything: over data many times its size, queries that want all of it get a
right answer or an error that names the limit, intake goes on beside them and loses nothing that it
acknowledged, small queries are answered meanwhile, and the process stays inside its control group,
where one can be made (version 1 or 2), and inside its budget by its own figures anywhere.

A binary that is not optimised is too slow to be asked this much, and is left alone:

    LINCEI_BIN=target/release/lincei python3 deploy/compat/memory/run.py

The data are counted as the bytes of the OTLP requests, uncompressed. Rates and times are printed and
not judged: the machine may do other things.

| variable | default | |
|---|---|---|
| LINCEI_MEMORY_MIB | 256 | the budget (`--memory`) |
| LINCEI_MEMORY_TIMES | 10 | how many times the budget is sent before anything is asked |
| LINCEI_MEMORY_QUERY_SECONDS | 5 | the time of one query |
"""
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import statistics
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

MIB = 1 << 20
BUDGET = int(os.environ.get("LINCEI_MEMORY_MIB", 256)) * MIB
# docs/operating.md: what the process may have beside its budget
OVERHEAD = 128 * MIB
ROW_BYTES, ROWS = 500, 8000
TIMES = int(os.environ.get("LINCEI_MEMORY_TIMES", 10))
SECOND = 10**9
START = time.time_ns() // (3600 * SECOND) * 3600 * SECOND - 2 * 3600 * SECOND
FILLED = {"from": str(START), "to": str(START + 3600 * SECOND)}
QUERY_SECONDS = int(os.environ.get("LINCEI_MEMORY_QUERY_SECONDS", 5))
# seconds of intake alone, of ten people, and until a small query must have been answered
ALONE, CROWDED, ANSWERED = 4, 12, 30


# rows: OTLP by hand, one template a signal; MARK is replaced by the number of the request
MARK = b"@@@@@@@@"


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def attribute(number, key, value):
    return field(number, field(1, key) + field(2, field(1, value)))


def request(service, first_ns, step_ns):
    records = bytearray()
    for row in range(ROWS):
        text = MARK + b" %06d " % row + b"%x" % (row * 2654435761 % 2**32) * 4
        text = (text + b" the quick brown fox jumps over the lazy dog" * 12)[:ROW_BYTES - 60]
        record = b"\x09" + struct.pack("<Q", first_ns + row * step_ns) + b"\x10\x09" + field(5, field(1, text))
        records += field(2, record + attribute(6, b"user", b"u%d" % (row % 1000)) + attribute(6, b"ms", b"%d" % (row % 977)))
    return field(1, field(1, attribute(1, b"service.name", service)) + field(2, bytes(records)))


def send(connection, template, number):
    headers = {"Content-Type": "application/x-protobuf"}
    connection.request("POST", "/v1/logs", template.replace(MARK, b"%08x" % number), headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def intake(server, template, numbers, stop=lambda: False):
    """Sends until there are no more numbers, again what was refused; rows stored, and refusals."""
    rows = refused = 0
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=120)
    for number in numbers:
        while not stop():
            status = send(connection, template, number)
            if status == 200:
                rows += ROWS
                break
            if status not in (429, 503):
                raise SystemExit(f"FAILED intake: answered {status}")
            refused += 1
            time.sleep(0.05)
        if stop():
            break
    connection.close()
    return rows, refused


class Flood:
    """Intake as fast as it goes, by two clients, of rows outside of what the queries read."""
    numbers = itertools.count(1 << 20)
    stored = 0

    def __init__(self, server):
        self.server, self.stopped, self.rows, self.refused, self.failed = server, False, 0, 0, None
        self.template = request(b"live", time.time_ns(), 1000)

    def __enter__(self):
        self.threads = [threading.Thread(target=self.run) for _ in range(2)]
        self.started = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def run(self):
        try:
            rows, refused = intake(self.server, self.template, self.numbers, lambda: self.stopped)
            self.rows += rows
            self.refused += refused
        except BaseException as error:
            self.failed = error

    def __exit__(self, *_):
        self.stopped = True
        for thread in self.threads:
            thread.join()
        if self.failed is not None:
            raise self.failed
        Flood.stored += self.rows
        self.rate = self.rows / (time.monotonic() - self.started)


def connect(server, client, timeout=120):
    """Each client comes from an address of its own, and so is a user of its own."""
    return http.client.HTTPConnection(
        "127.0.0.1", server.http_port, timeout=timeout, source_address=(f"127.0.0.{client}", 0))


def ask(server, text, client=1, **more):
    """Status and answer."""
    connection = connect(server, client)
    body = json.dumps({"sql": text, **FILLED, **more})
    connection.request("POST", "/api/v1/sql", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


def read_slowly(server, client):
    """Asks for everything, again while it is refused for a limit, and reads a little; the last status."""
    until = time.monotonic() + ANSWERED
    while (status := read_some(server, client)) in (429, 503, 504) and time.monotonic() < until:
        time.sleep(0.5)
    return status


def read_some(server, client):
    connection = connect(server, client)
    body = json.dumps({"sql": "SELECT * FROM logs", **FILLED})
    connection.request("POST", "/api/v1/sql", body, {"Content-Type": "application/json", "Accept": "application/x-ndjson"})
    answer = connection.getresponse()
    for _ in range(10):
        if answer.read(1 << 14) == b"":
            break
        time.sleep(0.3)
    connection.close()
    return answer.status


# a control group, where one can be made


@contextlib.contextmanager
def control_group(limit):
    """The folder of a group with a limit, `None` where there is no right to make one."""
    groups = dict(line.strip().split(":", 2)[1:] for line in open("/proc/self/cgroup"))
    for root, own, file in [("/sys/fs/cgroup/memory", groups.get("memory"), "memory.limit_in_bytes"),
                            ("/sys/fs/cgroup", groups.get(""), "memory.max")]:
        parents = [] if own is None else [pathlib.Path(root + own.rstrip("/")), pathlib.Path(root)]
        for parent in parents:
            group = parent / f"lincei-{os.getpid()}"
            try:
                group.mkdir()
            except OSError:
                continue
            try:
                (group / file).write_text(str(limit))
            except OSError:
                group.rmdir()
                continue
            yield group
            for _ in range(50):
                with contextlib.suppress(OSError):
                    group.rmdir()
                    return
                time.sleep(0.1)
            return
    yield None


def starts_in(group, folder):
    """A program that starts the binary inside the group."""
    program = pathlib.Path(folder) / "lincei-in-group"
    binary = os.environ["LINCEI_BIN"]
    program.write_text(f'#!/bin/sh\necho $$ > "{group}/cgroup.procs"\nexec "{binary}" "$@"\n')
    program.chmod(0o755)
    return str(program)


def kills(group):
    for file in ["memory.oom_control", "memory.events"]:
        with contextlib.suppress(OSError):
            counts = dict(line.split() for line in (group / file).read_text().splitlines())
            return int(counts.get("oom_kill", 0))
    return 0


class Memory:
    """The most memory of its own (`RssAnon`) that the process had; the mapped program is not counted."""

    def __init__(self, pid):
        self.path, self.peak, self.stopped = f"/proc/{pid}/status", 0, False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def now(self):
        with contextlib.suppress(OSError):
            for line in open(self.path):
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) << 10
        return 0

    def watch(self):
        while not self.stopped:
            self.peak = max(self.peak, self.now())
            time.sleep(0.02)


def mib(n):
    return f"{n / (1 << 20):.0f} MiB"


# the queries: name, statement, the right answer


def hostile(rows):
    """Each wants all rows, or a list of them, at once."""
    return [
        ("sort of everything", "SELECT count(*), max(n) FROM (SELECT row_number() OVER (ORDER BY body) AS n FROM logs)", [rows, rows]),
        ("groups of one", "SELECT count(*), max(n) FROM (SELECT body, count(*) AS n FROM logs GROUP BY body)", [rows, 1]),
        ("distinct", "SELECT count(DISTINCT body) FROM logs", [rows]),
        ("self join", "SELECT count(*) FROM logs a JOIN logs b ON a.body = b.body", [rows]),
        ("cross join", "SELECT count(*) FROM logs a CROSS JOIN logs b WHERE a.body < b.body", [rows * (rows - 1) // 2]),
        ("window over all", "SELECT count(*), max(n) FROM (SELECT body, count(body) OVER () AS n FROM logs)", [rows, rows]),
        ("array of bodies", "SELECT array_length(array_agg(body)) FROM logs", [rows]),
        ("text of bodies", "SELECT length(string_agg(body, '')) FROM logs", None),
    ]


def ordinary(rows):
    """What people ask."""
    users = min(1000, ROWS)
    return [
        ("users", "SELECT count(*), sum(n) FROM (SELECT attributes['user'], count(*) AS n FROM logs GROUP BY 1)", [users, rows]),
        ("percentile per user", "SELECT count(*), max(p) >= 0 FROM (SELECT attributes['user'] AS u,"
         " approx_percentile_cont(0.9) WITHIN GROUP (ORDER BY attributes['ms']::double) AS p FROM logs GROUP BY 1)", [users, True]),
    ]


CROSS_JOIN = 4
SMALL = "SELECT service, body FROM logs WHERE attributes['user'] = 'u7' ORDER BY time DESC LIMIT 20"
LIMITS = {"query_memory", "query_seconds_max", "spill_bytes_max", "queries_running_max", "queued_max"}


def right_or_limited(name, status, answer, want):
    """`right`, or the error that names a limit; anything else is a failure."""
    if status == 200:
        got = answer["rows"][0]
        if want is not None and got != want:
            raise SystemExit(f"FAILED {name}: got {got}, want {want}")
        return "right"
    if answer.get("limit") not in LIMITS or not answer.get("code"):
        raise SystemExit(f"FAILED {name}: {status} {answer}")
    return f"{answer['code']}: {answer['detail']}"


def small_queries(server, count):
    """Seconds of each, one after the other, with the times that it was told to come again."""
    times = []
    for _ in range(count):
        started = time.monotonic()
        while True:
            status, answer = ask(server, SMALL, client=3)
            took = time.monotonic() - started
            if status == 200 and len(answer["rows"]) == 20:
                break
            if took > ANSWERED or not answer.get("retryable"):
                raise SystemExit(f"FAILED a small query after {took:.0f} s: {status} {answer}")
            time.sleep(0.1)
        times.append(took)
    return times


def p95(times):
    return f"{statistics.quantiles(times, n=20)[-1] * 1e3:.0f} ms"


def in_threads(works):
    errors = []

    def run(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


# the run


def fill(server):
    """Sends rows of many times the budget; how many."""
    template = request(b"fill", START, 3600 * SECOND // ROWS - 1)
    numbers = iter(range(TIMES * BUDGET // len(template) + 1))
    stored, lock = [], threading.Lock()

    def next_number():
        with lock:
            return next(numbers, None)

    started = time.monotonic()
    in_threads([lambda: stored.append(intake(server, template, iter(next_number, None))[0])] * 2)
    rows, size = sum(stored), sum(stored) // ROWS * len(template)
    check("everything is stored", ask(server, "SELECT count(*) FROM logs")[1]["rows"], [[rows]])
    print(f"    {rows} rows, {mib(size)}, {size / BUDGET:.1f} times the budget, in {time.monotonic() - started:.0f} s")
    return rows


def one_by_one(server, memory, rows):
    with Flood(server):
        for name, text, want in hostile(rows) + ordinary(rows):
            began = time.monotonic()
            outcome = right_or_limited(name, *ask(server, text, client=2), want)
            print(f"ok  {name}: {outcome} ({time.monotonic() - began:.1f} s, peak {mib(memory.peak)})")


def ten_people(server, memory, rows, alone):
    outcomes = []

    def person(client):
        texts = itertools.cycle(hostile(rows) + ordinary(rows))
        until = time.monotonic() + CROWDED
        for name, text, want in itertools.islice(texts, client, None):
            if time.monotonic() > until:
                return
            outcome = right_or_limited(f"{name} of client {client}", *ask(server, text, client=client), want)
            outcomes.append(outcome.partition(":")[0])

    ended = []
    with Flood(server) as crowded:
        in_threads([*[lambda c=c: person(c) for c in range(10, 20)], lambda: ended.append(read_slowly(server, 20))])
    check("a slow reader is served", ended, [200])
    counts = {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}
    print(f"ok  ten people: {counts}")
    print(f"    intake beside ten people {crowded.rate:.0f} rows/s, {crowded.rate / alone.rate:.2f} of what it is alone"
          f" ({crowded.refused} refusals); peak {mib(memory.peak)}")


def small_beside_endless(server, rows):
    _, endless, _ = hostile(rows)[CROSS_JOIN]
    monsters = threading.Thread(target=lambda: in_threads([lambda: ask(server, endless, client=2)] * 10))
    monsters.start()
    print(f"ok  small queries beside ten endless ones of another user: p95 {p95(small_queries(server, 10))}")
    for query in json.loads(server.request("/api/v1/queries")[2])["queries"]:
        if query["state"] in ("queued", "running"):
            server.request(f"/api/v1/queries/{query['id']}", method="DELETE")
    monsters.join()


def run(server, memory):
    """All of it, in the order of the report."""
    started = time.monotonic()
    rows = fill(server)
    print(f"    peak {mib(memory.peak)}")
    with Flood(server) as alone:
        time.sleep(ALONE)
    print(f"    intake alone {alone.rate:.0f} rows/s ({alone.refused} refusals), peak {mib(memory.peak)};"
          f" a small query alone p95 {p95(small_queries(server, 10))}")
    one_by_one(server, memory, rows)
    ten_people(server, memory, rows, alone)
    small_beside_endless(server, rows)
    check("everything is still there", ask(server, "SELECT count(*) FROM logs")[1]["rows"], [[rows]])
    live = ask(server, "SELECT count(*) FROM logs WHERE service = 'live'", **{"from": "0", "to": str(2**62)})
    check("all that was acknowledged beside is there", live[1]["rows"], [[Flood.stored]])
    time.sleep(3)
    print(f"    at the end {mib(memory.now())}, peak {mib(memory.peak)}, {time.monotonic() - started:.0f} s")


if pathlib.Path(os.environ["LINCEI_BIN"]).parent.name == "debug":
    print("skipped: memory is proved with a released binary, LINCEI_BIN=target/release/lincei")
    sys.exit(0)

with control_group(BUDGET + OVERHEAD) as group, tempfile.TemporaryDirectory() as folder:
    if group is None:
        print("no control group can be made here: only the process's own memory is looked at")
    else:
        print(f"in the control group {group}, of {mib(BUDGET + OVERHEAD)}")
        os.environ["LINCEI_BIN"] = starts_in(group, folder)
    with Server(extra=["--query-seconds-max", str(QUERY_SECONDS), "--memory", str(BUDGET)]) as server:
        memory = Memory(server.process.pid)
        try:
            run(server, memory)
        except (OSError, http.client.HTTPException) as error:
            raise SystemExit(f"FAILED the server went away: {error!r}; it had {mib(memory.peak)} at its peak,"
                             f" and its group killed {kills(group) if group else 'nothing that is known'}") from error
        memory.stopped = True
        if group is not None:
            check("no process of the group was killed for its memory", kills(group), 0)
        check(f"its own memory {mib(memory.peak)} stays below the budget and {mib(OVERHEAD)}", memory.peak <= BUDGET + OVERHEAD, True)
        check("the server ends well", server.stop(), 0)
