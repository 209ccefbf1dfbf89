"""Bad input gets the documented error, costs nothing that was good, and is kept in rejects."""
import gzip
import json
import pathlib
import resource
import socket
import struct
import sys
import threading
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
NOW = time.time_ns()


def logs(*records):
    return json.dumps({"resourceLogs": [{"resource": {"attributes": [
        {"key": "service.name", "value": {"stringValue": "bad"}}]}, "scopeLogs": [{"logRecords": list(records)}]}]}).encode()


def record(body, time_ns=None, **more):
    return {"timeUnixNano": str(time_ns or NOW), "body": {"stringValue": body}, **more}


def gzip_bomb(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def refused(server, name, path, body, headers, status, words, port=None):
    got, answer_headers, answer = server.request(path, body, headers, "POST", port)
    check(f"{name}: status", got, status)
    text = answer.decode(errors="replace")
    check(f"{name}: says {words!r}", words in text, True) if words in text else check(f"{name}: text", text, words)
    retry = {k.lower() for k in answer_headers} & {"retry-after"}
    check(f"{name}: retry-after only on retryable codes", bool(retry), status in (429, 502, 503, 504))
    return answer


with Server() as server:
    otlp = server.otlp_port
    refused(server, "cut protobuf", "/v1/logs", b"\x0a\xff", PROTOBUF, 400, "malformed protobuf", otlp)
    refused(server, "noise as protobuf", "/v1/traces", bytes(range(256)) * 4, PROTOBUF, 400, "protobuf", otlp)
    refused(server, "noise as metrics", "/v1/metrics", b"\xff" * 100, PROTOBUF, 400, "protobuf", otlp)
    refused(server, "cut JSON", "/v1/logs", logs(record("x"))[:-3], JSON, 400, "line 1 column", otlp)
    refused(server, "wrong JSON type", "/v1/logs", b'{"resourceLogs": 5}', JSON, 400, "resourceLogs", otlp)
    refused(server, "bad trace id", "/v1/logs", logs(record("x", traceId="zz")), JSON, 400, "traceId", otlp)
    refused(server, "deep JSON", "/v1/logs", b'{"resourceLogs":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, 400, "resourceLogs", otlp)
    deep = b'{"unknown":' * 100_000 + b"1" + b"}" * 100_000
    check("deep unknown JSON is skipped", server.request("/v1/logs", deep, JSON, "POST", otlp)[0], 200)
    status, _, answer = server.request("/api/v1/ingest/logs", deep, JSON, "POST")
    check("deep JSON lines cost a bounded row", (status, json.loads(answer)["accepted"]), (200, 1))
    [row] = server.sql("SELECT cardinality(map_keys(attributes)) AS keys FROM logs")
    check("of few keys", row["keys"] < 200, True)
    refused(server, "deep value", "/v1/logs",
            logs({"timeUnixNano": str(NOW), "body": json.loads('{"arrayValue":{"values":[' * 150 + "]}}" * 150)}), JSON, 400, "", otlp)
    refused(server, "broken gzip", "/v1/logs", b"\x1f\x8b\x08nonsense", {**JSON, "Content-Encoding": "gzip"}, 400, "gzip", otlp)
    refused(server, "cut gzip", "/v1/logs", gzip.compress(logs(record("x")))[:-9], {**JSON, "Content-Encoding": "gzip"}, 400, "gzip", otlp)
    refused(server, "broken zstd", "/v1/logs", b"\x28\xb5\x2f\xfdnonsense", {**JSON, "Content-Encoding": "zstd"}, 400, "zstd", otlp)
    refused(server, "unknown encoding", "/v1/logs", b"x", {**JSON, "Content-Encoding": "br"}, 415, "gzip", otlp)
    refused(server, "unknown type", "/v1/logs", b"x", {"Content-Type": "text/plain"}, 415, "application/x-protobuf", otlp)
    refused(server, "gzip bomb", "/v1/logs", gzip_bomb(200 << 20), {**JSON, "Content-Encoding": "gzip"}, 413, "67108864", otlp)
    refused(server, "body over the limit", "/v1/logs", b" " * ((64 << 20) + 1), JSON, 413, "67108864", otlp)
    check("an empty request is fine", server.request("/v1/logs", b"", PROTOBUF, "POST", otlp)[0], 200)
    check("unknown JSON fields are ignored", server.request("/v1/logs", b'{"resourceLogs":[],"x":{"y":[1]}}', JSON, "POST", otlp)[0], 200)

    # the good part of a batch is stored
    keep = b'{"retention":[{"table":"logs","max_age_seconds":2592000,"max_bytes":null}]}'
    check("30 days are kept", server.request("/api/v1/settings/storage", keep, JSON, "PUT")[0], 200)
    time.sleep(1.1)
    future, old = NOW + 3600 * 10**9, NOW - 400 * 24 * 3600 * 10**9
    huge = "x" * (5 << 20)
    status, _, answer = server.request("/v1/logs", logs(record("good 1"), record("from the future", future),
                                                         record("too old", old), record(huge), record("good 2")), JSON, "POST", otlp)
    check("a mixed batch is answered with 200", status, 200)
    partial = json.loads(answer)["partialSuccess"]
    check("three of five are rejected", partial["rejectedLogRecords"], "3")
    check("the first reason is told", "future" in partial["errorMessage"], True)
    check("the good ones are stored", [r["body"] for r in server.sql("SELECT body FROM logs WHERE service='bad' ORDER BY body")],
          ["good 1", "good 2"])
    rows = server.sql("SELECT reason, records, encoding, length(client) > 0 AS known FROM rejects WHERE signal='logs' AND records = 1")
    for words in ("future", "older than the retention", "bytes"):
        check(f"rejects says {words!r}", any(words in r["reason"] for r in rows), True)

    # JSON lines
    lines = b'{"message":"fine","level":"info"}\nnot json {\n{"message":"bad time","time":"yesterday"}\n{"msg":"fine too"}\n'
    status, _, answer = server.request("/api/v1/ingest/logs", lines, JSON, "POST")
    answer = json.loads(answer)
    check("bad lines are refused alone", (status, answer["accepted"], answer["rejected"]), (200, 2, 2))
    check("and the line is named", "line 2" in answer["message"], True)
    refused(server, "unknown format", "/api/v1/ingest/logs?format=xml", b"x", {}, 400, "logfmt")
    refused(server, "unknown path", "/v1/nothing", b"", JSON, 404, "/v1/nothing")
    check("GET on intake", server.request("/v1/logs")[0], 405)

    # browsers
    preflight = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "content-type,x-custom"}
    status, headers, _ = server.request("/v1/traces", None, preflight, "OPTIONS", otlp)
    headers = {k.lower(): v for k, v in headers.items()}
    check("CORS preflight", (status, headers.get("access-control-allow-origin"), headers.get("access-control-allow-headers")),
          (200, "*", "content-type,x-custom"))
    status, headers, _ = server.request("/api/v1/sql", b'{"sql":"SELECT 1"}', {**JSON, "Origin": "https://evil.example"})
    check("other sites may not query", (status, "access-control-allow-origin" in {k.lower() for k in headers}), (403, False))
    check("nor by DNS rebinding", server.request("/api/v1/status", headers={"Host": "evil.example"})[0], 403)

    # SQL
    def sql_error(text, **more):
        status, _, answer = server.request("/api/v1/sql", json.dumps({"sql": text, **more}).encode(), JSON)
        return status, json.loads(answer)
    status, problem = sql_error("SELECT body\nFROM logs WHERE nope = 1")
    check("unknown column: where", (status, problem["code"], problem["location"]), (400, "invalid", {"line": 2, "column": 17}))
    check("unknown column: what", "nope" in problem["detail"], True)
    status, problem = sql_error("SELEC 1")
    check("syntax error: where", (status, problem["location"]["line"]), (400, 1))
    for text in ("DROP TABLE logs", "INSERT INTO logs VALUES (1)", "CREATE TABLE x AS SELECT 1", "COPY logs TO '/tmp/x'",
                 "SET datafusion.execution.batch_size = 1", "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
                 "DELETE FROM logs", "UPDATE logs SET body = ''", "SELECT 1; SELECT 2", "SELECT * FROM '/etc/passwd'",
                 "SELECT * FROM read_csv('/etc/passwd')"):
        status, problem = sql_error(text)
        want = (403, "forbidden") if text.split()[0] not in ("SELECT",) else (400, "invalid")
        check(f"refused: {text}", (status, problem["code"]), want)
    status, problem = sql_error("SELECT 1", bogus=1)
    check("unknown request field", (status, "bogus" in problem["detail"]), (400, True))
    status, problem = sql_error("SELECT 1", **{"from": "yesterday"})
    check("bad time", (status, "yesterday" in problem["detail"]), (400, True))
    status, problem = sql_error("SELECT " + "(" * 5000 + "1" + ")" * 5000)
    check("deep SQL", (status, problem["code"], problem["limit"]), (413, "too_large", "sql_operators_max"))

    # gRPC by hand: the framing
    def grpc(message, flag=0, length=None):
        """One unary call over HTTP/2 with prior knowledge, by the h2 package if it is there."""
        import grpc as library
        channel = library.insecure_channel(f"127.0.0.1:{server.grpc_port}", options=[("grpc.max_send_message_length", -1)])
        call = channel.unary_unary("/opentelemetry.proto.collector.logs.v1.LogsService/Export",
                                   request_serializer=lambda b: b, response_deserializer=lambda b: b)
        try:
            call(message, timeout=60)
            return "OK"
        except library.RpcError as error:
            return error.code().name
        finally:
            channel.close()
    check("gRPC: empty", grpc(b""), "OK")
    check("gRPC: malformed", grpc(b"\x0a\xff"), "INVALID_ARGUMENT")
    check("gRPC: too large is not retryable", grpc(b"\0" * ((64 << 20) + 1)), "INVALID_ARGUMENT")

    # slow and silent clients do not stop others
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    silent = [socket.create_connection(("127.0.0.1", server.http_port)) for _ in range(3000)]
    for s in silent[:1500]:
        s.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
    check("others are served meanwhile", server.request("/api/v1/status")[0], 200)
    for s in silent:
        s.close()

    # header bombs
    with socket.create_connection(("127.0.0.1", server.http_port)) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(200)) + b"\r\n")
        s.settimeout(10)
        check("a head over 64 KiB is refused", s.recv(100).split(b" ")[1][:1], b"4")
    kept = server.sql("SELECT count(*) AS n FROM rejects WHERE reason LIKE '%protobuf%'")
    check("refused bodies are kept", kept[0]["n"] >= 3, True)
    check("and the server is well", server.request("/readyz")[0], 200)
