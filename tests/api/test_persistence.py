"""What a restart keeps, and what must never be readable in what it keeps."""
import os
import sqlite3
import stat
import subprocess
import time

import nodes

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def use(weir, token):
    assert weir.as_holder(token).request("POST", "/logs-1/_search", {"query": {"match_all": {}}}).status_code == 200


def start_fails(weir, text):
    """Starts a program that must refuse to: exit code 1 and one clear line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    ended = subprocess.run(weir.command(), cwd=weir.folder, capture_output=True, text=True, timeout=30, env=environment)
    assert ended.returncode == 1, ended
    lines = [line for line in ended.stderr.splitlines() if line.startswith("weir: ")]
    assert len(lines) == 1 and text in lines[0], ended.stderr


def test_everything_survives_a_restart(weir, filters_sent):
    filter_id = weir.create_filter("team", "x", description="d")
    token = weir.admin.json("POST", TOKENS, {"tokenName": "n", "filters": [filter_id], "filtersOperator": "OR"})
    filters = weir.admin.json("GET", FILTERS)
    weir.stop()
    weir.start()
    assert weir.admin.json("GET", TOKENS) == [token]
    assert weir.admin.json("GET", FILTERS) == filters
    assert filters_sent(weir, token) == {("team", "x")}


def test_a_change_that_was_answered_survives_a_kill(weir):
    for number in range(5):
        token = weir.admin.json("POST", TOKENS, {"tokenName": str(number)})
        weir.kill()
        weir.start()
        assert token in weir.admin.json("GET", TOKENS)


def test_last_used_is_seen_at_once_and_survives_a_restart(weir):
    used = weir.admin.json("POST", TOKENS, {"filters": [weir.create_filter("team", "x")]})
    unused = weir.admin.json("POST", TOKENS, {})
    before = int(time.time())
    use(weir, used)
    seen = weir.admin.json("GET", f"{TOKENS}/{used['id']}")["lastUsed"]
    assert before <= seen <= time.time()
    assert f'"lastUsed":{int(seen)}.000000000' in weir.admin.request("GET", f"{TOKENS}/{used['id']}").text
    weir.stop()
    weir.start()
    assert weir.admin.json("GET", f"{TOKENS}/{used['id']}")["lastUsed"] == seen
    assert weir.admin.json("GET", f"{TOKENS}/{unused['id']}")["lastUsed"] is None


def test_last_used_reaches_the_store_while_running(weir):
    token = weir.admin.json("POST", TOKENS, {"filters": [weir.create_filter("team", "x")]})
    use(weir, token)

    def stored():
        with sqlite3.connect(f"file:{weir.folder}/data/weir.db?mode=ro", uri=True) as db:
            return db.execute("SELECT last_used FROM tokens").fetchone()[0]

    assert wait_for(stored)
    weir.kill()
    weir.start()
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["lastUsed"] is not None


def test_files_are_private_and_hold_no_secret(weir):
    token = weir.admin.json("POST", TOKENS, {"tokenName": "n", "filters": [weir.create_filter("team", "x")]})
    use(weir, token)
    weir.gate.request("GET", "/logs-1/_search", headers={"Authorization": f"Basic {token['token']}"})
    weir.gate.request("GET", f"/logs-1/_search?q={token['token']}", headers={"X-Shared-Token": token["token"]})
    weir.admin.request("POST", TOKENS, {"tokenName": token["token"] + "\n"})
    weir.stop()
    data = weir.folder / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    secrets = [token["token"], weir.api_token]
    for path in [*data.iterdir(), weir.log_file]:
        if path != weir.log_file:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, path
            assert secret.encode("utf-16le") not in content, path
            assert secret.replace("-", "").encode() not in content, path
    assert (data / "weir.db").stat().st_size > 0


def test_the_key_file_must_be_private_and_whole(weir):
    weir.stop()
    keys = weir.folder / "data" / "keys"
    content = keys.read_bytes()
    keys.chmod(0o640)
    start_fails(weir, "chmod 600")
    keys.chmod(0o600)
    keys.write_bytes(content[:-5])
    start_fails(weir, "malformed")
    keys.unlink()
    start_fails(weir, "belongs to another key file")
    assert keys.exists(), "a new key file was made, and the store was left alone"
    keys.write_bytes(content)
    weir.start()
    assert weir.admin.json("GET", TOKENS) == []


def test_the_first_api_token_is_made_once(start_weir, upstream):
    weir = start_weir(upstream, api_token=None)
    path = weir.folder / "data" / "api-token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text().strip()
    assert secret not in weir.log()
    assert weir.admin.request("GET", TOKENS, headers={"X-API-TOKEN": secret}).status_code == 200
    binary = weir.command()[0]
    revoked = subprocess.run([binary, "api-token", "revoke", "1", "--data", weir.folder / "data"], capture_output=True, text=True, timeout=30)
    assert revoked.returncode == 0, revoked
    assert weir.admin.request("GET", TOKENS, headers={"X-API-TOKEN": secret}).status_code == 401
    weir.stop()
    weir.start()
    assert weir.admin.request("GET", TOKENS, headers={"X-API-TOKEN": secret}).status_code == 401, "revoked stays revoked"


def test_two_servers_do_not_share_a_folder(weir):
    twin = nodes.Weir(weir.folder, weir.upstream)
    start_fails(twin, "another weir serves from the data folder")
    assert weir.admin.json("GET", TOKENS) == []
