"""The program's commands, its configuration and its reload."""
import os
import signal
import subprocess
import time

import pytest

import nodes

TOKENS = "/v1/shared-tokens"


def run(*words, env=None, text_in=None, cwd=None):
    binary = nodes.Weir("unused").command()[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    ended = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=30, input=text_in, cwd=cwd, env=environment | (env or {}))
    return ended.returncode, ended.stdout, ended.stderr


def test_help_and_version():
    code, out, _ = run("version")
    assert (code, out) == (0, "weir 0.1.0\n")
    code, out, _ = run("--help")
    assert code == 0
    for name in ("serve", "check", "explain", "api-token", "key", "version"):
        assert name in out
    assert "config-reference" not in out
    assert run("serve", "--help")[0] == 0
    for words in ([], ["sreve"], ["serve", "--nonsense"], ["api-token"], ["explain"]):
        code, out, error = run(*words)
        assert code == 2 and error, words


def test_check_tells_everything_at_once(tmp_path):
    path = tmp_path / "weir.toml"
    path.write_text('[gate]\nlistn = "x"\n[limits]\nbody_bytes = "huge"\n')
    code, out, error = run("check", "--config", path, env={"WEIR_LOG_LEVEL": "loud"})
    assert code == 1 and out == ""
    assert f"{path}:2:1: unknown key `gate.listn`; did you mean `gate.listen`?" in error
    assert f"{path}:4:14: `limits.body_bytes`" in error
    assert "WEIR_LOG_LEVEL" in error
    path.write_text('[gate]\nlisten = "127.0.0.1:1"\n')
    assert run("check", "--config", path)[0] == 0
    assert run("check", "-c", tmp_path / "missing.toml")[0] == 1
    code, _, error = run("check", "--gate-tls-certificate", tmp_path / "c.pem", "--gate-tls-key", tmp_path / "k.pem")
    assert code == 1 and "c.pem" in error
    assert run("check", env={"WEIR_CONFIG": str(path)})[0] == 0


def test_explain_shows_the_verdict(tmp_path):
    request = tmp_path / "request"
    request.write_text('POST /logs-1/_search\nContent-Type: application/json\n\n{"size":1}')
    code, out, _ = run("explain", request, "--filter", "team=pay=ments", "--indices", "logs-*")
    assert code == 0
    assert "outcome  forward" in out and '{"term":{"team":{"value":"pay=ments"}}}' in out and "/logs-1/_search" in out
    code, out, _ = run("explain", "-", "--filter", "team=x", text_in="POST /logs-1/_search HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n"
                       '{"aggs":{"a":{"sampler":{}}}}')
    assert code == 0
    assert "outcome  deny" in out and "code     agg.sampler" in out and "path     /aggs/a/sampler" in out
    policy = tmp_path / "policy.json"
    policy.write_text('{"unfiltered":"allow","accounts":[{"name":"a","indices":["logs-*"]}],"tokens":[{"id":7,"digest":"' + "ab" * 32 +
                      '","account":"a","filters":[{"field":"f","value":"v"}],"expires_at":null}]}')
    code, out, _ = run("explain", request, "--policy", policy)
    assert code == 0 and "token    7 of account a" in out and '{"term":{"f":{"value":"v"}}}' in out
    for words in (["--policy", tmp_path / "missing"], ["--policy", request], ["--policy", policy, "--token", "8"], ["--filter", "=x"]):
        code, out, error = run("explain", request, *words)
        assert code == 1 and error.startswith("weir: "), words
    code, _, error = run("explain", "-", text_in="NONSENSE\n\n")
    assert code == 1 and error


def test_explain_with_the_tokens_of_the_store(weir):
    token = weir.admin.json("POST", TOKENS, {"filters": [weir.admin.json("POST", TOKENS + "/filters", {"field": "team", "value": "x"})["id"]]})
    text = "POST /logs-1/_search\nContent-Type: application/json\n{}\n\n{}"
    common = ["explain", "-", "--stored", "--data", weir.folder / "data", "--indices", "logs-*"]
    for words, credential in ((["--token", token["id"]], ""), ([], f"Authorization: Bearer {token['token']}")):
        code, out, error = run(*common, *words, text_in=text.replace("{}\n\n{}", f"{credential or 'X-A: b'}\n\n{{}}"))
        assert code == 0, error
        assert '{"term":{"team":{"value":"x"}}}' in out
    assert "token.invalid" in run(*common, text_in="GET /logs-1/_search\n\n")[1]
    assert token["token"] not in out


@pytest.mark.parametrize("flags, text", [
    (["--upstream", "localhost"], "is not a URL"), (["--gate", "9600"], "IP:PORT"), (["--store", "mysql:x"], "sqlite:PATH"),
    (["--store", "sqlite:/nonexistent/weir.db"], "cannot be opened"), (["--data", "/dev/null/x"], "cannot"), (["--front", "9602"], "IP:PORT"),
    (["--gate-tls-certificate", "/missing.pem", "--gate-tls-key", "/missing.key"], "/missing.pem"), (["--config", "/missing.toml"], "cannot read")])
def test_a_start_that_cannot_be(tmp_path, flags, text):
    free = [f"127.0.0.1:{nodes.free_port()}" for _ in range(2)]
    code, _, error = run("serve", "--gate", free[0], "--admin", free[1], "--data", tmp_path / "data", *flags, cwd=tmp_path)
    lines = [line for line in error.splitlines() if line.startswith("weir: ")]
    assert code == 1 and len(lines) == 1 and text in lines[0], error


def test_a_port_in_use(weir, tmp_path):
    code, _, error = run("serve", "--gate", f"127.0.0.1:{weir.gate_port}", "--admin", f"127.0.0.1:{nodes.free_port()}", "--data", tmp_path / "other")
    assert code == 1 and f"127.0.0.1:{weir.gate_port}" in error and "in use" in error


def test_a_weak_first_api_token_is_refused(tmp_path):
    free = [f"127.0.0.1:{nodes.free_port()}" for _ in range(2)]
    for weak in ("short", "with space but long enough", "x" * 257):
        code, _, error = run("serve", "--gate", free[0], "--admin", free[1], "--data", tmp_path / "data", env={"WEIR_API_TOKEN": weak})
        assert code == 1 and "20 to 256 visible ASCII characters" in error
        assert weak not in error


def test_variables_and_file_and_flags(start_weir, upstream):
    weir = start_weir(None, indices=None, env={"WEIR_UPSTREAM": upstream.url, "WEIR_INDICES": "logs-*", "WEIR_TOKENS_DEFAULT_TTL": "1h", "WEIR_TOKENS_UNFILTERED": ""},
                      config='indices = ["other-*"]\n[tokens]\ndefault_ttl = "2h"\nmax_per_account = 1\n')
    token = weir.admin.json("POST", TOKENS, {})
    assert abs(token["expirationDate"] - time.time() - 3600) < 5
    assert weir.admin.request("POST", TOKENS, {}).status_code == 400
    assert weir.as_holder(token).request("GET", "/logs-1/_search").status_code == 200


def test_the_upstream_version_is_learned(weir):
    token = weir.admin.json("POST", TOKENS, {})
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        number = weir.as_holder(token).json("GET", "/")["version"]["number"]
        if number == "2.19.4":
            break
        time.sleep(0.1)
    assert number == "2.19.4"


def test_a_start_without_an_upstream(start_weir):
    weir = start_weir(f"http://127.0.0.1:{nodes.free_port()}", ready=False)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and '"serving"' not in weir.log():
        time.sleep(0.05)
    token = weir.admin.json("POST", TOKENS, {})
    assert weir.as_holder(token).json("GET", "/")["version"]["number"] == "3.4.0"
    assert weir.as_holder(token).request("GET", "/logs-1/_search").status_code == 503


class TestReload:
    def reload(self, weir, config, event):
        (weir.folder / "weir.toml").write_text(config)
        seen = weir.log().count(event)
        weir.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and weir.log().count(event) == seen:
            time.sleep(0.05)
        assert weir.log().count(event) > seen, weir.log()

    def test_accounts_and_limits_change(self, start_weir, upstream):
        weir = start_weir(upstream, indices=None, config='indices = ["logs-a-*"]\n')
        token = weir.admin.json("POST", TOKENS, {})
        holder = weir.as_holder(token)
        body = {"query": {"match_all": {}}}
        assert holder.request("POST", "/logs-a-1/_search", body).status_code == 200
        assert holder.request("POST", "/logs-b-1/_search", body).status_code == 403
        self.reload(weir, 'indices = ["logs-b-*"]\n[tokens]\nmax_per_account = 1\n', '"reloaded"')
        assert holder.request("POST", "/logs-a-1/_search", body).status_code == 403
        assert holder.request("POST", "/logs-b-1/_search", body).status_code == 200
        assert weir.admin.request("POST", TOKENS, {}).json()["errorCode"] == "shared-tokens/LIMIT_REACHED"

    def test_a_changed_scope_ends_open_cursors(self, start_weir, upstream):
        """Its token's epoch moves, as after every other change of what it may see."""
        weir = start_weir(upstream, indices=None, config='indices = ["logs-*"]\n')
        weir.admin.json("POST", TOKENS, {})
        import sqlite3

        def epoch():
            with sqlite3.connect(f"file:{weir.folder}/data/weir.db?mode=ro", uri=True) as db:
                return db.execute("SELECT epoch FROM tokens").fetchone()[0]

        before = epoch()
        self.reload(weir, 'indices = ["logs-*", "audit"]\n', '"reloaded"')
        assert epoch() == before + 1
        self.reload(weir, 'indices = ["audit", "logs-*"]\n', '"reloaded"')
        assert epoch() == before + 1

    def test_what_needs_a_restart_is_said(self, start_weir, upstream):
        weir = start_weir(upstream, config="")
        self.reload(weir, '[limits]\nconnections = 5\n[log]\nlevel = "debug"\n', '"reloaded"')
        assert '"reload_needs_restart"' in weir.log()
        assert '"option":"limits.connections"' in weir.log()
        assert '"option":"log.level"' in weir.log()

    def test_a_bad_file_changes_nothing(self, start_weir, upstream):
        weir = start_weir(upstream, indices=None, config='indices = ["logs-*"]\n')
        token = weir.admin.json("POST", TOKENS, {})
        for bad in ("nonsense = 1\n", "[gate\n", 'indices = ["UPPER"]\n', '[tokens]\ndefault_ttl = "0s"\n'):
            self.reload(weir, bad, '"reload_failed"')
            assert '"reload_refused"' in weir.log()
            assert '"reloaded"' not in weir.log()
            assert weir.as_holder(token).request("GET", "/logs-1/_search").status_code == 200
        assert weir.process.poll() is None
