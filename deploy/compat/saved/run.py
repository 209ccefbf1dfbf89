"""Saved views, queries and dashboards over HTTP: versions, who may, what is refused, and that all of it
is there after a restart."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from lincei_server import Server, check

JSON = {"Content-Type": "application/json"}
data = tempfile.mkdtemp(prefix="lincei-")


def call(server, method, path, body=None, headers=None):
    """Status, and the JSON that came, if any."""
    payload = None if body is None else json.dumps(body).encode()
    status, _, answer = server.request(path, payload, {**JSON, **(headers or {})}, method)
    return status, json.loads(answer) if answer else None


def post(server, kind, name, content, **more):
    return call(server, "POST", "/api/v1/saved", {"kind": kind, "name": name, "content": content}, **more)


def put(server, saved, version, name, content, **more):
    body = {"name": name, "content": content, "version": version}
    return call(server, "PUT", f"/api/v1/saved/{saved}", body, **more)


def names(server, query=""):
    return [item["name"] for item in call(server, "GET", f"/api/v1/saved{query}")[1]["items"]]


def refusals(server, saved):
    long, large = "n" * 121, {"k": "x" * (256 * 1024)}
    for what, (status, problem), want in [
        ("no such kind", post(server, "chart", "a", {}), (400, "invalid", "chart")),
        ("no name", post(server, "view", "", {}), (400, "invalid", "120")),
        ("a long name", post(server, "view", long, {}), (400, "invalid", "120")),
        ("a large content", post(server, "view", "a", large), (400, "invalid", "262144")),
        ("content that is no object", post(server, "view", "a", [1]), (400, "invalid", "object")),
        ("a member that nobody knows", call(server, "POST", "/api/v1/saved", {"kind": "view", "name": "a", "content": {}, "x": 1}), (400, "invalid", "unknown field")),
        ("no version", call(server, "PUT", f"/api/v1/saved/{saved}", {"name": "a", "content": {}}), (400, "invalid", "version")),
        ("a list of no kind", call(server, "GET", "/api/v1/saved?kind=x"), (400, "invalid", "dashboard")),
        ("a list with a wrong parameter", call(server, "GET", "/api/v1/saved?type=view"), (400, "invalid", "type")),
        ("a version that is no number", call(server, "GET", f"/api/v1/saved/{saved}?version=x"), (400, "invalid", "")),
        ("a version that never was", call(server, "GET", f"/api/v1/saved/{saved}?version=9"), (404, "not_found", "version 9")),
        ("no id", call(server, "GET", "/api/v1/saved/nope"), (404, "not_found", "nope")),
        ("an unknown id", call(server, "GET", "/api/v1/saved/01ARZ3NDEKTSV4RRFFQ69G5FAV"), (404, "not_found", "01ARZ3NDEKTSV4RRFFQ69G5FAV")),
        ("versions of an unknown id", call(server, "GET", "/api/v1/saved/01ARZ3NDEKTSV4RRFFQ69G5FAV/versions"), (404, "not_found", "01ARZ3NDEKTSV4RRFFQ69G5FAV")),
        ("deleting an unknown id", call(server, "DELETE", "/api/v1/saved/01ARZ3NDEKTSV4RRFFQ69G5FAV"), (404, "not_found", "01ARZ3NDEKTSV4RRFFQ69G5FAV")),
        ("another method", call(server, "PATCH", f"/api/v1/saved/{saved}", {}), (405, "invalid", "PATCH")),
    ]:
        got = (status, problem["code"], want[2] if want[2] in problem["detail"] else problem["detail"])
        check(what, got, want)
    check("a body that is no JSON", server.request("/api/v1/saved", b"{}", {"Content-Type": "text/plain"})[0], 415)
    other = {"Sec-Fetch-Site": "cross-site"}
    check("another site", post(server, "view", "a", {}, headers=other)[0], 403)


def versions(server):
    content = {"sql": "SELECT 1", "größe": [1, 2.5, None, {"b": 1, "a": "日本"}]}
    status, first = post(server, "query", "Errors", content)
    check("saved", (status, first["kind"], first["name"], first["version"], first["updated_by"]), (201, "query", "Errors", 1, "local"))
    check("as it was sent", first["content"], content)
    saved = first["id"]
    check("and read again", call(server, "GET", f"/api/v1/saved/{saved}"), (200, first))
    status, second = put(server, saved, 1, "Errors 2", {"sql": "SELECT 2"})
    check("the next version", (status, second["version"], second["name"], second["created_at"]), (200, 2, "Errors 2", first["created_at"]))
    status, problem = put(server, saved, 1, "Mine", {"sql": "SELECT 3"})
    check("somebody else saved meanwhile", (status, problem["code"], "version 2" in problem["detail"]), (409, "conflict", True))
    check("which changes nothing", call(server, "GET", f"/api/v1/saved/{saved}")[1], second)
    check("an earlier version", call(server, "GET", f"/api/v1/saved/{saved}?version=1")[1], first)
    _, listed = call(server, "GET", f"/api/v1/saved/{saved}/versions")
    check("versions, newest first", [(v["version"], v["name"], v["saved_by"]) for v in listed], [(2, "Errors 2", "local"), (1, "Errors", "local")])
    post(server, "view", "b", {})
    _, gone = post(server, "view", "A", {})
    check("lists by kind and name", (names(server, "?kind=view"), names(server), names(server, "?kind=dashboard")), (["A", "b"], ["A", "b", "Errors 2"], []))
    check("lists have no content", "content" in call(server, "GET", "/api/v1/saved")[1]["items"][0], False)
    check("deleting", call(server, "DELETE", f"/api/v1/saved/{gone['id']}")[0], 204)
    check("it is gone", (call(server, "GET", f"/api/v1/saved/{gone['id']}")[0], names(server, "?kind=view")), (404, ["b"]))
    audit = [(e["action"], e["actor"]) for e in call(server, "GET", "/api/v1/audit")[1]["entries"]]
    check("the audit log", audit, [("saved.delete", "local")] + 3 * [("saved.create", "local")])
    return second


with Server(data=data) as server:
    kept = versions(server)
    refusals(server, kept["id"])

environment = {**os.environ, "LINCEI_PASSWORD": "correct horse viewer"}
for command in (["admin", "create", "ada"], ["admin", "create", "vera", "--role", "viewer"]):
    subprocess.run([os.environ["LINCEI_BIN"], *command, "--data", data], check=True, env=environment, stdin=subprocess.DEVNULL, capture_output=True)

with Server(data=data) as server:
    check("not without an account", (call(server, "GET", "/api/v1/saved")[0], post(server, "view", "a", {})[0]), (401, 401))
    body = json.dumps({"name": "vera", "password": "correct horse viewer"}).encode()
    _, headers, session = server.request("/api/v1/session", body, JSON)
    cookie = {k.lower(): v for k, v in headers.items()}["set-cookie"].split(";")[0]
    viewer = {"Cookie": cookie, "X-Lincei-Csrf": json.loads(session)["csrf_token"]}
    check("it is there after a restart", call(server, "GET", f"/api/v1/saved/{kept['id']}", headers=viewer), (200, kept))
    status, saved = put(server, kept["id"], 2, "Errors 3", {}, headers=viewer)
    check("a viewer saves, under their name", (status, saved["version"], saved["updated_by"]), (200, 3, "vera"))
    check("not without the CSRF token", put(server, kept["id"], 3, "x", {}, headers={"Cookie": cookie})[0], 403)
