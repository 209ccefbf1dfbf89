"""Beyond loopback nothing listens without credentials, and with them only their holders get in."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

BIN = os.environ["LINCEI_BIN"]
JSON = {"Content-Type": "application/json"}
data = tempfile.mkdtemp(prefix="lincei-")


def run(*command, password=None, fails=False):
    env = {**os.environ, **({"LINCEI_PASSWORD": password} if password else {})}
    done = subprocess.run([BIN, *command, "--data", data], capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL)
    if (done.returncode != 0) != fails:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout.strip() or done.stderr.strip()


refusal = subprocess.run([BIN, "serve", "--data", data, "--listen", "0.0.0.0:0", "--otlp-grpc", "127.0.0.1:0", "--otlp-http",
                          "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
check("0.0.0.0 without credentials is refused", refusal.returncode != 0, True)
for words in ("lincei admin create", "lincei key create", "0.0.0.0"):
    check(f"the message says {words!r}", words in refusal.stderr, True)
check("short passwords are refused", "10" in run("admin", "create", "ada", password="short", fails=True), True)
run("admin", "create", "ada", password="correct horse battery")
run("admin", "create", "vera", "--role", "viewer", password="correct horse viewer")
ingest_key = run("key", "create", "agents").splitlines()[0]
api_key = run("key", "create", "grafana", "--kind", "api").splitlines()[0]

server = Server(data=data)
with server:
    check("intake needs a key", server.request("/v1/logs", b"{}", JSON, port=server.otlp_port)[0], 401)
    check("a wrong key is refused", server.request("/v1/logs", b"{}", {**JSON, "Authorization": "Bearer lnc_i_wrong"})[0], 401)
    check("an api key does not send", server.request("/v1/logs", b"{}", {**JSON, "Authorization": f"Bearer {api_key}"})[0], 401)
    check("the ingest key sends", server.request("/v1/logs", b"{}", {**JSON, "Authorization": f"Bearer {ingest_key}"})[0], 200)
    query = json.dumps({"sql": "SELECT 1 AS one"}).encode()
    check("queries need credentials", server.request("/api/v1/sql", query, JSON)[0], 401)
    check("a tail needs credentials", server.request("/api/v1/logs/tail")[0], 401)
    check("an ingest key does not follow", server.request("/api/v1/logs/tail", headers={"Authorization": f"Bearer {ingest_key}"})[0], 401)
    check("an api key asks for more than the rate", server.request("/api/v1/logs/tail?rate=0", headers={"Authorization": f"Bearer {api_key}"})[0], 400)
    check("metrics need credentials", server.request("/metrics")[0], 401)
    check("health does not", server.request("/healthz")[0], 200)
    check("an ingest key does not query", server.request("/api/v1/sql", query, {**JSON, "Authorization": f"Bearer {ingest_key}"})[0], 401)
    check("an api key queries", server.request("/api/v1/sql", query, {**JSON, "Authorization": f"Bearer {api_key}"})[0], 200)
    check("an api key does not manage", server.request("/api/v1/keys", b'{"name":"x","kind":"ingest"}',
                                                       {**JSON, "Authorization": f"Bearer {api_key}"})[0], 403)

    def sign_in(name, password):
        status, headers, body = server.request("/api/v1/session", json.dumps({"name": name, "password": password}).encode(), JSON)
        return status, headers, json.loads(body)
    check("a wrong password is refused", sign_in("ada", "wrong password")[0], 401)
    check("an unknown name too", sign_in("nobody", "wrong password")[0], 401)
    status, headers, session = sign_in("ada", "correct horse battery")
    check("the right one is not", status, 200)
    cookie = {k.lower(): v for k, v in headers.items()}["set-cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        check(f"the cookie is {part}", part in cookie, True)
    signed = {**JSON, "Cookie": cookie.split(";")[0]}
    check("a session reads", server.request("/api/v1/keys", headers=signed)[0], 200)
    check("a change without the CSRF token is refused", server.request("/api/v1/keys", b'{"name":"x","kind":"ingest"}', signed)[0], 403)
    token = {**signed, "X-Lincei-Csrf": session["csrf_token"]}
    status, _, body = server.request("/api/v1/keys", b'{"name":"web","kind":"ingest"}', token)
    check("and with it goes through", status, 201)
    created = json.loads(body)
    status, _, listed = server.request("/api/v1/keys", headers=token)
    check("the secret is never shown again", created["secret"] in listed.decode(), False)
    check("revoking works", server.request(f"/api/v1/keys/{created['key']['id']}", None, token, "DELETE")[0], 204)
    time.sleep(1.2)
    check("a revoked key is refused", server.request("/v1/logs", b"{}", {**JSON, "Authorization": f"Bearer {created['secret']}"})[0], 401)
    retention = json.dumps({"retention": [{"table": "logs", "max_age_seconds": 86400, "max_bytes": None}]}).encode()
    check("retention is changed", server.request("/api/v1/settings/storage", retention, token, "PUT")[0], 200)
    _, _, body = server.request("/api/v1/audit", headers=token)
    audit = json.loads(body)["entries"]
    [entry] = [e for e in audit if "retention" in e["action"]]
    check("the audit log has who and from where", (entry["actor"], entry["origin"]), ("ada", "127.0.0.1"))
    check("and before and after", entry["before"] != entry["after"] and entry["after"] is not None, True)
    text = body.decode()
    check("no secret in the audit log", created["secret"] in text or "correct horse" in text, False)

    status, headers, viewer = sign_in("vera", "correct horse viewer")
    cookie = {k.lower(): v for k, v in headers.items()}["set-cookie"].split(";")[0]
    viewing = {**JSON, "Cookie": cookie, "X-Lincei-Csrf": viewer["csrf_token"]}
    check("a viewer queries", server.request("/api/v1/sql", query, viewing)[0], 200)
    check("but does not manage", server.request("/api/v1/keys", b'{"name":"x","kind":"ingest"}', viewing)[0], 403)
    check("signing out", server.request("/api/v1/session", None, token, "DELETE")[0], 204)
    check("ends the session", server.request("/api/v1/keys", headers=signed)[0], 401)
    codes = [sign_in("ada", f"wrong password {i}")[0] for i in range(30)]
    check("sign-ins are limited", codes[-1], 429)
    log = server.log_text()
    for secret in (ingest_key, api_key, "correct horse"):
        check("no secret in the own log", secret in log, False)
