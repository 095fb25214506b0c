"""`weir token`, `weir filter` and `weir audit` against a running server: what they print, and how they end."""
import json
import os
import socket
import subprocess
import threading

import pytest

import nodes


def run(*words, env=None):
    binary = nodes.Weir("unused").command()[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    ended = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=60, env=environment | (env or {}))
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def cli(weir):
    """The commands as an operator of this server uses them."""

    def call(*words, code=0, **more):
        env = {"WEIR_SERVER": weir.admin_url, "WEIR_API_TOKEN": weir.api_token} | more.pop("env", {})
        ended, out, error = run(*words, env=env)
        assert ended == code, (words, out, error)
        assert weir.api_token not in out + error
        return out if code == 0 else error

    return call


def as_json(text):
    return json.loads(text)


def test_a_life_of_a_token(cli, weir):
    made = as_json(cli("filter", "create", "--field", "team", "--value", "x", "--description", "of x", "--output", "json"))
    assert (made["field"], made["value"], made["description"]) == ("team", "x", "of x")
    token = as_json(cli("token", "create", "--name", "auditor", "--filter", made["id"], "--operator", "OR", "--expires", "90d", "--output", "json"))
    assert token["filters"] == [made["id"]] and token["filtersOperator"] == "OR" and token["name"] == "auditor"
    holder = weir.as_holder(token)
    assert holder.request("GET", "/logs-1/_search").status_code == 200

    listed = cli("token", "list")
    assert listed.splitlines()[0].split()[:3] == ["ID", "NAME", "FILTERS"]
    assert listed.splitlines()[1].split()[:4] == [str(token["id"]), "auditor", str(made["id"]), "OR"]
    assert token["token"] not in listed
    shown = cli("token", "show", token["id"])
    assert token["token"] in shown and "expirationDate" in shown
    assert as_json(cli("token", "show", token["id"], "--output", "json"))["token"] == token["token"]

    cli("token", "disable", token["id"])
    assert holder.request("GET", "/logs-1/_search").status_code == 401
    cli("token", "enable", token["id"], "--confirm-widen")
    assert holder.request("GET", "/logs-1/_search").status_code == 200
    changed = as_json(cli("token", "update", token["id"], "--name", "other", "--expires", "never", "--confirm-widen", "--output", "json"))
    assert changed["name"] == "other" and changed["expirationDate"] is None and changed["filters"] == [made["id"]]
    assert as_json(cli("token", "update", token["id"], "--no-filters", "--output", "json"))["filters"] is None
    rotated = as_json(cli("token", "rotate", token["id"], "--grace", "1h", "--output", "json"))
    assert rotated["token"] != token["token"] and rotated["formerUntil"]
    assert holder.request("GET", "/logs-1/_search").status_code == 200, "within the grace"

    cli("filter", "update", made["id"], "--value", "y")
    assert "y" in cli("filter", "list") and "y" in cli("filter", "show", made["id"])
    assert cli("filter", "delete", made["id"]).strip()
    assert cli("token", "delete", token["id"]) == "deleted\n"
    assert len(cli("token", "list").splitlines()) == 1

    audit = cli("audit", "--kind", "change", "--limit", "5")
    assert len(audit.splitlines()) == 6 and "deleteToken" in audit
    assert as_json(cli("audit", "--token", token["id"], "--output", "json"))["results"]


def test_asking_again_under_a_client_key(cli):
    first = as_json(cli("token", "create", "--name", "n", "--client-key", "k", "--output", "json"))
    assert as_json(cli("token", "create", "--name", "n", "--client-key", "k", "--output", "json"))["id"] == first["id"]
    assert "CLIENT_KEY_CONFLICT" in cli("token", "create", "--name", "m", "--client-key", "k", code=1)
    made = as_json(cli("filter", "create", "--field", "f", "--value", "v", "--client-key", "k", "--output", "json"))
    assert as_json(cli("filter", "create", "--field", "f", "--value", "v", "--client-key", "k", "--output", "json"))["id"] == made["id"]


def test_if_match(cli):
    token = as_json(cli("token", "create", "--output", "json"))["id"]
    etag = next(line for line in cli("token", "show", token).splitlines() if line.startswith("etag: ")).split()[1]
    cli("token", "update", token, "--name", "a", "--if-match", etag)
    assert "shared-tokens/CONFLICT" in cli("token", "update", token, "--name", "b", "--if-match", etag, code=1)
    assert "shared-tokens/CONFLICT" in cli("token", "delete", token, "--if-match", etag, code=1)
    assert "visible" in cli("token", "delete", token, "--if-match", "a\r\nX-API-TOKEN: b", code=2)


def test_widening_is_confirmed(start_weir, upstream):
    weir = start_weir(upstream, indices=None, config='[[account]]\nname = "default"\nindices = ["logs-*"]\nconfirm_widening = true\n')
    env = {"WEIR_SERVER": weir.admin_url, "WEIR_API_TOKEN": weir.api_token}
    made = weir.create_filter("team", "x")
    token = weir.admin.json("POST", "/v1/shared-tokens", {"filters": [made]})["id"]
    code, _, error = run("token", "update", token, "--no-filters", env=env)
    assert code == 1 and "CONFIRM_WIDENING" in error
    assert run("token", "update", token, "--no-filters", "--confirm-widen", env=env)[0] == 0


def test_what_is_refused_says_why(cli):
    error = cli("token", "show", 999, code=1)
    assert "token with id 999 not found for account default" in error and "errorCode shared-tokens/TOKEN_NOT_FOUND" in error and "requestId " in error
    assert "UNAUTHENTICATED" in cli("token", "list", code=1, env={"WEIR_API_TOKEN": "wrong-token-of-enough-length"})


def test_usage(cli, tmp_path):
    for words in (["token"], ["token", "shwo", "1"], ["token", "show"], ["token", "show", "0"], ["token", "list", "--output", "xml"], ["filter", "create", "--field", "f"],
                  ["token", "create", "--operator", "XOR"], ["token", "create", "--expires", "soon"], ["token", "rotate", "1", "--grace", "long"],
                  ["token", "update", "1", "--no-filters", "--filter", "1"], ["token", "list", "--api-token", "secret"], ["audit", "--kind", "other"],
                  ["token", "list", "--server", "nonsense"], ["token", "list", "--api-token-file", tmp_path / "missing"]):
        assert cli(*words, code=2), words


def test_where_the_api_token_comes_from(start_weir, upstream, tmp_path):
    weir = start_weir(upstream, api_token=None)
    server = ["--server", weir.admin_url]
    assert run("token", "list", *server, "--data", weir.folder / "data")[0] == 0
    assert run("token", "list", *server, "--data", tmp_path)[0] == 2
    other = tmp_path / "token"
    other.write_text((weir.folder / "data" / "api-token").read_text())
    assert run("token", "list", *server, "--api-token-file", other, env={"WEIR_API_TOKEN": "wrong-token-of-enough-length"})[0] == 0, "a flag wins"


def test_no_server(cli):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert "cannot be reached" in cli("token", "list", "--server", f"http://127.0.0.1:{closed.getsockname()[1]}", code=3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        def hang_up():
            server.accept()[0].close()
            server.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        cli("token", "list", "--server", f"http://127.0.0.1:{server.getsockname()[1]}", code=3)


def test_a_server_with_tls(start_weir, upstream, tmp_path):
    pem, key = tmp_path / "c.pem", tmp_path / "c.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", pem], check=True, capture_output=True)
    weir = start_weir(upstream, flags=["--admin-tls-certificate", str(pem), "--admin-tls-key", str(key)], ready=False)
    server = ["--server", f"https://127.0.0.1:{weir.admin_port}"]
    env = {"WEIR_API_TOKEN": weir.api_token}
    for _ in range(100):
        code, out, error = run("token", "list", *server, "--ca", pem, env=env)
        if code == 0:
            break
    assert code == 0, error
    assert run("token", "list", *server, env=env)[0] == 3, "nobody vouches for it"
