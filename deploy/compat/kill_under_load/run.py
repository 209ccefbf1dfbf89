"""`kill -9` at random moments while records come in and files are flushed and compacted: what was
acknowledged is there exactly once after every restart."""
import json
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

ROUNDS = int(os.environ.get("LINCEI_KILL_ROUNDS", "12"))
SOURCES = 4
random.seed(int(os.environ.get("LINCEI_SEED", "7")))


class Source(threading.Thread):
    """Sends numbered records until the server is gone; remembers which were acknowledged."""

    def __init__(self, server, name, first):
        super().__init__(daemon=True)
        self.server, self.name_, self.next, self.acknowledged, self.sent = server, name, first, [], []

    def run(self):
        rng = random.Random(self.name_ + str(self.next))
        while True:
            count = rng.choice([1, 3, 50, 400])
            numbers = list(range(self.next, self.next + count))
            # event times spread over hours, so that flushes write several files
            body = "\n".join(json.dumps({"message": f"{self.name_} {n}", "service": self.name_, "seq": n,
                                         "time": time.time_ns() - (n % 5) * 3600 * 10**9}) for n in numbers).encode()
            self.sent.extend(numbers)
            self.next += count
            try:
                status, _, answer = self.server.request("/api/v1/ingest/logs", body, {"Content-Type": "application/json"})
            except OSError:
                return
            except Exception:
                return
            if status == 200 and json.loads(answer)["accepted"] == count:
                self.acknowledged.extend(numbers)


server = Server(extra=["--flush-seconds", "1"])
acknowledged = {f"source-{i}": [] for i in range(SOURCES)}
sent = {name: set() for name in acknowledged}
try:
    for round_ in range(ROUNDS):
        server.start()
        sources = [Source(server, name, max(sent[name], default=-1) + 1) for name in acknowledged]
        for source in sources:
            source.start()
        time.sleep(random.uniform(0.3, 3.0))
        server.kill()
        for source in sources:
            source.join(timeout=60)
            acknowledged[source.name_].extend(source.acknowledged)
            sent[source.name_].update(source.sent)
        server.start()
        rows = server.sql("SELECT service, attributes['seq'] AS seq FROM logs", limit=1_000_000)
        found = {name: [] for name in acknowledged}
        for row in rows:
            found[row["service"]].append(int(row["seq"]))
        for name, numbers in acknowledged.items():
            have = found[name]
            missing = set(numbers) - set(have)
            doubled = len(have) - len(set(have))
            unsent = set(have) - sent[name]
            if missing or doubled or unsent:
                raise SystemExit(f"FAILED round {round_} {name}: missing {sorted(missing)[:10]}, {doubled} doubled, unsent {unsent}")
        server.kill()
    total = sum(map(len, acknowledged.values()))
    check(f"{total} records acknowledged over {ROUNDS} kills are there once", total > 0, True)
    server.start()
    before = server.sql("SELECT count(*) AS n FROM logs")
    check("stops cleanly", server.stop(), 0)
    server.start()
    check("nothing changes over a clean stop", server.sql("SELECT count(*) AS n FROM logs"), before)
    files = server.sql("SELECT count(*) AS n FROM lincei_files WHERE state = 'live'")
    check("rows are in files", files[0]["n"] > 0, True)
finally:
    server.stop()
