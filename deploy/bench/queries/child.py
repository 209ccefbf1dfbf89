"""One embedded engine in a process of its own: `child.py chdb|duckdb DATABASE`.

Reads a request a line, {"sql", "out"}, and answers a line: {"wall", "cpu"} in seconds, or {"error"}.
With `out`, the answer's rows are written there as an Arrow stream, outside the times.
"""
import json
import os
import sys
import time


def open_chdb(path):
    from chdb import session

    database = session.Session(path)

    def query(sql):
        return database.query(sql, "ArrowStream").bytes()

    return database.query, query, lambda answer, file: file.write(answer)


def open_duckdb(path):
    import duckdb
    import pyarrow

    database = duckdb.connect()
    # the newest format of the file, which has the better compression
    database.execute(f"ATTACH '{path}' AS bench (STORAGE_VERSION 'latest'); USE bench")

    def write(table, file):
        with pyarrow.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)

    return database.execute, lambda sql: database.sql(sql).to_arrow_table(), write


def main():
    # what an engine prints must not end up among the answers
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    engine, path = sys.argv[1:]
    execute, query, write = {"chdb": open_chdb, "duckdb": open_duckdb}[engine](path)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            wall, cpu = time.perf_counter(), time.process_time()
            rows = (query if request.get("out") else execute)(request["sql"])
            answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
            if request.get("out"):
                with open(request["out"], "wb") as file:
                    write(rows, file)
            del rows
        except Exception as error:  # of whatever kind the engine has
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
