"""The keys that the store is under: where they come from, and how they are changed while tokens are used."""
import os
import random
import signal
import subprocess
import threading
import time

import pytest

import nodes

TOKENS = "/v1/shared-tokens"
SEARCH = {"query": {"match_all": {}}}


def run(*words, env=None):
    binary = nodes.Weir("unused").command()[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    ended = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=60, env=environment | (env or {}))
    return ended.returncode, ended.stdout, ended.stderr


class Keys:
    """`weir key` over the folder of a server."""

    def __init__(self, weir, env=None):
        self.data, self.env = weir.folder / "data", env

    def __call__(self, *words):
        return run("key", *words, "--data", self.data, env=self.env)

    def table(self):
        """{name: (state, what needs it)}, in the order of the list."""
        code, out, error = self("list")
        assert code == 0, error
        return {line.split()[0]: (line.split()[1], line[28:]) for line in out.splitlines()[1:]}

    def rotate(self):
        code, out, error = self("rotate")
        assert code == 0, error
        return out


@pytest.fixture
def keys(weir):
    return Keys(weir)


def answer(weir, token):
    return weir.as_holder(token).request("POST", "/logs-1/_search", SEARCH)


def works(weir, token):
    return answer(weir, token).status_code == 200


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.05)
    assert condition()


def test_a_rotation_under_use(weir, keys):
    """Somebody searches, somebody creates tokens, and nobody notices: no answer but 200, and every secret stays what it was."""
    tokens = [weir.admin.json("POST", TOKENS, {"tokenName": str(n)}) for n in range(20)]
    before = keys.table()
    assert list(before.values()) == [("active", "20 shared tokens, 1 API token")]
    stop, failures, made = threading.Event(), [], []

    def look(token):
        seen = answer(weir, token)
        if seen.status_code != 200:
            failures.append((token["id"], seen.status_code, seen.text))

    def search(own):
        count = 0
        while not stop.is_set() or count < 20:
            look(own[count % len(own)])
            count += 1

    def create():
        while not stop.is_set() or not made:
            made.append(weir.admin.json("POST", TOKENS, {"tokenName": "meanwhile"}))
            look(made[-1])

    threads = [threading.Thread(target=search, args=(tokens[n::2],)) for n in range(2)] + [threading.Thread(target=create)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            keys.rotate()
            table = keys.table()
            active, old = list(table)[0], [name for name in list(table)[1:]]
            assert table[active][0] == "active" and all(table[name][0] == "old" for name in old)
            wait_for(lambda: all(keys.table()[name][1] == "nothing" for name in old))
            for name in old:
                code, out, error = keys("retire", name)
                assert code == 0, error
            wait_for(lambda: weir.log().count('"keys_read"') >= 2)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    after = keys.table()
    assert len(after) == 1 and not set(after) & set(before)
    shown = {token["id"]: token["token"] for token in weir.admin.json("GET", TOKENS)}
    assert all(shown[token["id"]] == token["token"] for token in tokens + made)
    weir.stop()
    weir.start()
    assert all(works(weir, token) for token in tokens + made[-3:])
    for token in tokens + made[-3:]:
        assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["token"] == token["token"]


def test_a_rotation_without_a_server(weir, keys):
    token = weir.admin.json("POST", TOKENS, {})
    weir.stop()
    (old,) = keys.table()
    assert "1 shared tokens were put under it" in keys.rotate()
    new = next(iter(keys.table()))
    assert keys.table() == {new: ("active", "1 shared token"), old: ("old", "1 API token")}
    code, _, error = keys("retire", old)
    assert code == 1 and "still needed by 1 API token" in error
    code, _, error = keys("retire", new)
    assert code == 1 and "is the active one" in error
    assert keys("retire", "0123456789abcdef")[0] == 1
    weir.start()
    assert works(weir, token)
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["token"] == token["token"]
    assert keys.table()[old] == ("old", "nothing"), "the API token moved when it was used"
    assert keys("retire", old)[0] == 0
    assert works(weir, token)


def test_a_rotation_that_is_killed(weir, keys):
    """At many points; the next one finishes it, and at no point is a token lost."""
    tokens = [weir.admin.json("POST", TOKENS, {}) for _ in range(400)]
    weir.stop()
    binary = nodes.Weir("unused").command()[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    killed, pauses = 0, random.Random(26)
    for _ in range(60):
        if killed == 10:
            break
        process = subprocess.Popen([binary, "key", "rotate", "--data", keys.data], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pauses.uniform(0.002, 0.04))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        table = keys.table()
        assert sum(state == "active" for state, _ in table.values()) == 1 and "missing" not in str(table), table
        for name, (state, need) in table.items():
            if len(table) == 4 and state == "old" and need == "nothing":
                assert keys("retire", name)[0] == 0
    assert killed == 10
    keys("rotate")  # refused where there are four keys already, which the last one has finished with
    table = keys.table()
    assert [need for state, need in table.values() if "shared token" in need] == ["400 shared tokens"], table
    assert next(need for state, need in table.values() if state == "active").startswith("400 shared tokens")
    weir.start()
    shown = weir.admin.json("GET", TOKENS)
    assert [token["token"] for token in shown] == [token["token"] for token in tokens]
    assert all(works(weir, token) for token in tokens[::40])


def test_a_server_refuses_a_file_without_a_needed_key(weir, keys):
    token = weir.admin.json("POST", TOKENS, {})
    path = keys.data / "keys"
    good = path.read_text()
    path.write_text(run("key", "new")[1])
    wait_for(lambda: '"keys_refused"' in weir.log())
    assert works(weir, token), "it goes on with the keys it has"
    path.write_text("nonsense")
    time.sleep(4)
    assert works(weir, token)
    path.write_text(good)
    wait_for(lambda: '"keys_read"' in weir.log())
    assert works(weir, token)


def test_a_rotation_waits_for_the_server(weir, keys):
    """A server that cannot read the file has not the new key, so nothing may be put under it."""
    token = weir.admin.json("POST", TOKENS, {})
    weir.process.send_signal(signal.SIGSTOP)
    try:
        code, _, error = keys("rotate")
        assert code == 1 and "has not taken up key" in error
        table = keys.table()
        assert [state for state, _ in table.values()] == ["new", "active"]
    finally:
        weir.process.send_signal(signal.SIGCONT)
    assert works(weir, token)
    keys.rotate()
    assert [state for state, _ in keys.table().values()] == ["active", "old"], "it went on, and added no third"
    assert works(weir, token)


def test_keys_of_the_environment(start_weir, upstream):
    first, second = run("key", "new")[1].strip(), run("key", "new")[1].strip()
    weir = start_weir(upstream, env={"WEIR_KEY": first})
    token = weir.admin.json("POST", TOKENS, {})
    assert not (weir.folder / "data" / "keys").exists()
    with open(f"/proc/{weir.process.pid}/environ", "rb") as environ:
        assert first.split()[1].encode() not in environ.read()
    code, _, error = run("key", "list", "--data", weir.folder / "data")
    assert code == 1 and "no key file" in error
    assert first not in error
    keys = Keys(weir, {"WEIR_KEY": first})
    code, _, error = keys("rotate")
    assert code == 1 and "WEIR_KEY" in error and "weir key new" in error
    weir.stop()
    weir.env["WEIR_KEY"] = f"{second} {first}"
    weir.start()
    assert works(weir, token)
    keys = Keys(weir, {"WEIR_KEY": f"{second} {first}"})
    keys.rotate()
    old = list(keys.table())[1]
    assert works(weir, token)
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["token"] == token["token"]
    wait_for(lambda: keys.table()[old] == ("old", "nothing"))
    code, _, error = keys("retire", old)
    assert code == 1 and "take it out yourself" in error
    weir.stop()
    weir.env["WEIR_KEY"] = second
    weir.start()
    assert works(weir, token)


def test_a_key_file_of_the_operator(start_weir, upstream, tmp_path):
    path = tmp_path / "given"

    def refusal():
        free = [f"127.0.0.1:{nodes.free_port()}" for _ in range(2)]
        code, _, error = run("serve", "--key-file", path, "--data", tmp_path / "data", "--gate", free[0], "--admin", free[1])
        assert code == 1
        return error

    assert "weir key new" in refusal() and not path.exists()
    path.write_text(run("key", "new")[1])
    path.chmod(0o644)
    assert "chmod 600" in refusal()
    path.chmod(0o600)
    weir = start_weir(upstream, env={"WEIR_KEY_FILE": str(path)})
    token = weir.admin.json("POST", TOKENS, {})
    assert not (weir.folder / "data" / "keys").exists()
    code, _, error = run("key", "rotate", "--key-file", path, "--data", weir.folder / "data")
    assert code == 0, error
    assert path.read_text().count("weir-key-2") == 2 and path.stat().st_mode & 0o777 == 0o600
    assert works(weir, token)
