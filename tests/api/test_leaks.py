"""No secret in anything that a run writes: a busy life of the real program, its crash included, and then a search for every secret there was."""
import base64
import http.server
import json
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time
import urllib.parse

import pytest

import nodes
import wire

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"
PASSWORD = "upstream-password-f29a5d71"
SEARCH = {"query": {"match_all": {}}}


def run(*words, env=None, text_in=None):
    binary = nodes.Weir("unused").command()[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    ended = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=60, input=text_in, env=environment | (env or {}))
    return ended.stdout + ended.stderr


def forms(secret):
    """What a secret looks like in logs, URLs and headers of all kinds. Base64 in its three positions, without the characters that its neighbours shape."""
    raw = secret.encode()
    encoded = {base64.b64encode(b"x" * lead + raw)[(0, 2, 3)[lead]:-4] for lead in range(3)}
    basic = base64.b64encode(b"shared-token:" + raw)[20:-4]
    every = "".join(f"%{byte:02x}" for byte in raw).encode()
    return {raw, raw.replace(b"-", b""), basic, raw.hex().encode(), urllib.parse.quote(secret, safe="").encode(), every, every.upper(),
            json.dumps(secret).strip('"').encode()} | encoded | {form.replace(b"+", b"-").replace(b"/", b"_") for form in encoded}


class Quoting:
    """An upstream that quotes the whole request, as OpenSearch's errors can, under every status."""

    def __init__(self):
        seen = self.seen = []
        self.status = 500
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                own = wire.own_question(self.path)
                seen.append(bytes(self.headers) + self.path.encode() + body)
                quoted = f"{self.path} {dict(self.headers)} {body!r}"
                error = {"error": {"root_cause": [], "type": "exception", "reason": quoted}, "status": outer.status}
                data = json.dumps(own if own is not None else error).encode()
                self.send_response(200 if own is not None else outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def quoting():
    server = Quoting()
    yield server
    server.server.shutdown()
    server.server.server_close()


def present(weir, secret, upstream):
    """Uses a secret in every carrier, in wrong places, twice, and beside another; gives the answers."""
    gate = weir.gate
    basic = base64.b64encode(f"shared-token:{secret}".encode()).decode()
    quoted = urllib.parse.quote(secret, safe="")
    answers = []
    for status in (400, 404, 429, 500, 503):
        upstream.status = status
        for headers in ({"Authorization": f"Bearer {secret}"}, {"X-Shared-Token": secret}, {"Authorization": f"Basic {basic}"}):
            answers.append(gate.request("POST", "/logs-1/_search", SEARCH, headers=headers))
    bearer = {"Authorization": f"Bearer {secret}"}
    for method, path, body, headers in (
            ("GET", f"/logs-1/_search?token={quoted}", None, bearer), ("GET", f"/{quoted}/_search", None, bearer), ("GET", f"/logs-1/_doc/{quoted}", None, bearer),
            ("POST", "/logs-1/_search", {secret: 1}, bearer), ("POST", "/logs-1/_search", {"query": {"term": {secret: secret}}}, bearer),
            ("POST", "/logs-1/_search", {"query": {secret: {}}}, bearer), ("POST", "/_search/scroll", {"scroll_id": secret}, bearer),
            ("GET", "/logs-1/_search", None, bearer | {"X-Shared-Token": "another"}), ("GET", "/logs-1/_search", None, bearer | {"X-Opaque-Id": "x", secret: "x"}),
            ("GET", "/logs-1/_search", None, {"Authorization": secret}), ("GET", "/logs-1/_search", None, {"Authorization": f"Bearer {secret}x"}),
            ("GET", "/logs-1/_search", None, {"X-Shared-Token": secret[:-1] + "0"}), ("GET", "/logs-1/_search", None, {"Cookie": f"t={secret}"})):
        answers.append(gate.request(method, path, body, headers=headers))
    return answers


@pytest.mark.parametrize("crash", [signal.SIGABRT, signal.SIGSEGV])
def test_nothing_that_a_run_writes_holds_a_secret(start_weir, quoting, tmp_path, crash):
    key, spare = (run("key", "new").strip() for _ in range(2))
    key_file = tmp_path / "given-key"
    key_file.write_text(key + "\n")
    key_file.chmod(0o600)
    weir = start_weir(quoting, ready=False, flags=["--key-file", str(key_file), "--log-level", "debug"],
                      env={"WEIR_UPSTREAM_USER": "weir", "WEIR_UPSTREAM_PASSWORD": PASSWORD})
    for _ in range(200):
        if '"serving"' in weir.log():
            break
        time.sleep(0.05)
    secrets = {"API token": weir.api_token, "key": key.split()[1], "spare key": spare.split()[1], "password": PASSWORD}
    written = {}  # what other people than the secret's owner were answered
    admin = weir.admin
    made = [admin.json("POST", TOKENS, {"tokenName": f"n{n}"}) for n in range(3)]
    for token in made:
        secrets[f"token {token['id']}"] = token["token"]
    rotated = admin.json("POST", f"{TOKENS}/{made[2]['id']}/rotate", {"grace": 60})
    secrets["rotated"] = rotated["token"]
    for number, token in enumerate(made[:2]):
        secrets[f"link {number}"] = admin.json("POST", f"{TOKENS}/{token['id']}/links", {"url": f"/app/x?shareToken={token['token']}#/view/1"})["secret"]
    for name, secret in list(secrets.items()):
        for number, answer in enumerate(present(weir, secret, quoting)):
            # Bodies may quote names that the client himself put into the request; heads may not.
            written[f"gate, {name}, {number}"] = repr(answer.headers).encode()
    # The control plane: wrong bodies with secrets in them, other people's questions, conflicts.
    for secret in secrets.values():
        for number, headers in enumerate(({"X-API-TOKEN": secret + "x"}, {"Authorization": f"Bearer {secret}"})):
            written[f"API, {secret[:4]}, {number}"] = nodes.Http(weir.admin_url, headers).request("GET", TOKENS).content
        admin.request("GET", f"{TOKENS}/{urllib.parse.quote(secret, safe='')}")
        admin.request("GET", f"{TOKENS}?token={urllib.parse.quote(secret, safe='')}")
        admin.request("POST", TOKENS, {secret: secret})
        admin.request("POST", TOKENS, {"filters": secret})
        admin.request("POST", FILTERS, {"field": secret + "!", "value": "*"})
    admin.request("PUT", f"{TOKENS}/{made[0]['id']}", {"filters": [99]})
    written["audit"] = admin.request("GET", "/v1/audit").content
    written["metrics"] = nodes.Http(weir.admin_url).request("GET", "/metrics").content
    written["openapi"] = nodes.Http(weir.admin_url).request("GET", "/openapi.json").content
    # The commands, right and wrong.
    env = {"WEIR_SERVER": weir.admin_url, "WEIR_API_TOKEN": weir.api_token, "WEIR_KEY_FILE": str(key_file), "WEIR_UPSTREAM_USER": "weir", "WEIR_UPSTREAM_PASSWORD": PASSWORD}
    data = weir.folder / "data"
    for words in (["--help"], ["serve", "--help"], ["check"], ["check", "--gate", "nonsense"], ["config-reference"], ["key", "list", "--data", data], ["api-token", "list", "--data", data],
                  ["token", "list"], ["token", "show", "99"], ["filter", "list"], ["audit"]):
        written["weir " + " ".join(map(str, words))] = run(*words, env=env).encode()
    written["wrong key"] = run("key", "list", "--data", data, env={"WEIR_KEY": spare}).encode()
    written["malformed key"] = run("key", "list", "--data", data, env={"WEIR_KEY": spare + "x"}).encode()
    written["explain"] = run("explain", "-", "--stored", "--data", data, "--key-file", key_file, "--indices", "logs-*",
                             text_in=f"GET /logs-1/_search\nAuthorization: Bearer {made[0]['token']}\n\n").encode()
    # The crash.
    limits = resource.prlimit(weir.process.pid, resource.RLIMIT_CORE)
    assert limits == (0, 0)
    weir.process.send_signal(crash)
    assert weir.process.wait(timeout=30) == -crash
    weir.process = None
    time.sleep(0.2)
    for path in [path for path in weir.folder.rglob("*") if path.is_file()]:
        assert "core" not in path.name
        written[str(path.relative_to(tmp_path))] = path.read_bytes()
    assert any(name.endswith("weir.log") for name in written) and any(name.endswith("weir.db") for name in written)
    for name, secret in secrets.items():
        for form in forms(secret):
            found = [where for where, text in written.items() if form in text]
            assert not found, f"{name} as {form!r} in {found}"
    assert len(quoting.seen) > 50, "the requests went through"


def test_core_dumps_are_off_unless_a_developer_wants_them(weir, start_weir, upstream):
    assert resource.prlimit(weir.process.pid, resource.RLIMIT_CORE) == (0, 0)
    open_to_developers = start_weir(upstream, env={"WEIR_CORE_DUMPS": "1"})
    assert resource.prlimit(open_to_developers.process.pid, resource.RLIMIT_CORE) == resource.getrlimit(resource.RLIMIT_CORE)


def test_no_core_is_written_where_the_system_would(tmp_path):
    """With an unlimited core size and a pattern that names a file, an aborted program still leaves none."""
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text()
    binary = nodes.Weir("unused").command()[0]
    results = {}
    for switch in ("0", "1"):
        folder = tmp_path / switch
        folder.mkdir()
        read, write = os.pipe()
        process = subprocess.Popen([binary, "explain", "-"], stdin=read, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"WEIR_CORE_DUMPS": switch},
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2))
        os.close(read)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = 0
        os.close(write)
        results[switch] = os.WCOREDUMP(status)
        if switch == "0":
            assert not list(folder.iterdir())
    assert results["0"] is False, pattern
