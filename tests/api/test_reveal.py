"""Secrets that are shown once (`tokens.reveal = "once"`): which answers show them, and that the store does not have them."""
import os
import signal
import sqlite3
import subprocess

import nodes

TOKENS = "/v1/shared-tokens"
SEARCH = {"query": {"match_all": {}}}
ALWAYS, ONCE = "", '[tokens]\nreveal = "once"\n'


def key(weir, *words, config=True, env=None):
    words = ["key", *words, "--data", weir.folder / "data", "--store", weir.store] + (["--config", weir.folder / "weir.toml"] if config else [])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    ended = subprocess.run([weir.command()[0], *map(str, words)], capture_output=True, text=True, timeout=60, env=environment | (env or {}))
    return ended.returncode, ended.stdout, ended.stderr


def stored(weir):
    """The sealed secrets of all tokens, as bytes, in the order of their ids."""
    query = "SELECT {} FROM tokens ORDER BY id"
    if weir.store.startswith("sqlite:"):
        with sqlite3.connect(weir.store.removeprefix("sqlite:")) as database:
            rows = [row[0] for row in database.execute(query.format("secret"))]
        database.close()
        return rows
    lines = subprocess.run(["psql", "-AtX", weir.store, "-c", query.format("'x' || encode(secret, 'hex')")], capture_output=True, text=True, check=True).stdout
    return [bytes.fromhex(line[1:]) for line in lines.split()]


def status(weir, token):
    return weir.as_holder(token).request("POST", "/logs-1/_search", SEARCH).status_code


def reload(weir, config):
    weir.config = config
    (weir.folder / "weir.toml").write_text(config)
    seen = weir.log().count('"reloaded"')
    weir.process.send_signal(signal.SIGHUP)
    nodes.until(lambda: weir.log().count('"reloaded"') > seen)


def everywhere(weir, token):
    """What every answer that shows a token anew says of its secret."""
    path, again = f"{TOKENS}/{token['id']}", {"clientKey": token["clientKey"]}
    lists = weir.admin.json("GET", TOKENS), weir.admin.json("POST", f"{TOKENS}/search", {})["results"]
    found = [item for items in lists for item in items if item["id"] == token["id"]]
    assert len(found) == 2
    found += [weir.admin.json("GET", path), weir.admin.json("PATCH", path, {"name": "another"}), weir.admin.json("PATCH", path, {"name": ""}),
              weir.admin.json("PUT", path, {"filters": []}), weir.admin.json("POST", TOKENS, again), *weir.admin.json("POST", f"{TOKENS}/bulk", {"tokens": [again]})]
    assert {item["id"] for item in found} == {token["id"]}
    return {item["token"] for item in found}


def test_only_the_answer_that_makes_it_shows_it(start_weir, upstream, any_store):
    weir = start_weir(upstream, config=ONCE, store=any_store)
    single = weir.admin.json("POST", TOKENS, {"clientKey": "single"})
    tokens = [single, *weir.admin.json("POST", f"{TOKENS}/bulk", {"tokens": [{"clientKey": "first"}, {"clientKey": "second"}]})]
    assert [status(weir, token) for token in tokens] == [200] * 3
    assert all(everywhere(weir, token) == {None} for token in tokens)
    rotated = weir.admin.json("POST", f"{TOKENS}/{single['id']}/rotate", {"grace": 60})
    assert rotated["token"] not in (None, single["token"])
    assert (status(weir, single), status(weir, rotated)) == (200, 200)
    last = weir.admin.json("POST", f"{TOKENS}/{single['id']}/rotate")
    assert (status(weir, single), status(weir, rotated), status(weir, last)) == (401, 401, 200)
    assert everywhere(weir, single) == {None}
    assert stored(weir) == [b""] * 3
    weir.stop()
    weir.start()
    assert [status(weir, token) for token in (last, *tokens[1:])] == [200] * 3
    assert everywhere(weir, single) == {None}
    reload(weir, ALWAYS)
    assert everywhere(weir, single) == {None}, "nobody has it"
    kept = weir.admin.json("POST", f"{TOKENS}/{single['id']}/rotate")
    assert everywhere(weir, single) == {kept["token"]}


def test_what_was_stored_before_is_forgotten_when_told(start_weir, upstream, any_store):
    weir = start_weir(upstream, config=ALWAYS, store=any_store)
    tokens = [weir.admin.json("POST", TOKENS, {"clientKey": str(n)}) for n in range(3)]
    sealed = stored(weir)
    assert all(sealed) and everywhere(weir, tokens[0]) == {tokens[0]["token"]}
    for config in (True, False):
        code, out, error = key(weir, "forget-secrets", config=config)
        assert (code, out) == (1, "") and "tokens.reveal" in error and "nothing was forgotten" in error
    reload(weir, ONCE)
    assert everywhere(weir, tokens[0]) == {None}
    assert stored(weir) == sealed, "nothing is dropped unasked"
    reload(weir, ALWAYS)
    assert everywhere(weir, tokens[0]) == {tokens[0]["token"]}
    reload(weir, ONCE)
    rotated = weir.admin.json("POST", f"{TOKENS}/{tokens[2]['id']}/rotate")
    assert stored(weir) == [*sealed[:2], b""], "the secret before is not left behind"
    etag = weir.admin.request("GET", f"{TOKENS}/{tokens[0]['id']}").headers["ETag"]
    assert key(weir, "forget-secrets") == (0, "forgot the secrets of 2 shared tokens; the tokens work on\n", "")
    assert stored(weir) == [b""] * 3
    assert [status(weir, token) for token in (*tokens[:2], rotated)] == [200] * 3
    assert weir.admin.request("GET", f"{TOKENS}/{tokens[0]['id']}").headers["ETag"] == etag
    assert key(weir, "forget-secrets", config=False, env={"WEIR_TOKENS_REVEAL": "once"})[1].startswith("forgot the secrets of 0 shared tokens")
    reload(weir, ALWAYS)
    assert everywhere(weir, tokens[0]) == {None}
    weir.stop()
    if any_store is None:
        left = b"".join(path.read_bytes() for path in (weir.folder / "data").glob("weir.db*"))
        assert left and not any(secret in left for secret in sealed)
    weir.start()
    assert [status(weir, token) for token in (*tokens[:2], rotated)] == [200] * 3


def test_a_token_shown_once_stays_under_its_key(start_weir, upstream):
    """Its secret is nowhere, so nothing can put it under another key: the old one is kept until the token is rotated."""
    weir = start_weir(upstream, config=ONCE)
    token = weir.admin.json("POST", TOKENS, {})
    assert key(weir, "rotate")[0] == 0
    old = [line.split()[0] for line in key(weir, "list")[1].splitlines() if " old " in line]
    assert len(old) == 1
    weir.admin.json("GET", TOKENS)  # moves the API token
    nodes.until(lambda: [line[28:] for line in key(weir, "list")[1].splitlines() if line.startswith(old[0])] == ["1 shared token shown once"])
    code, _, error = key(weir, "retire", old[0])
    assert code == 1 and "1 shared token shown once" in error
    assert status(weir, token) == 200
    rotated = weir.admin.json("POST", f"{TOKENS}/{token['id']}/rotate")
    assert key(weir, "retire", old[0])[0] == 0
    assert (status(weir, token), status(weir, rotated)) == (401, 200)


def test_secrets_that_a_rotation_has_still_to_move_are_not_forgotten(start_weir, upstream):
    weir = start_weir(upstream, config=ONCE)
    reload(weir, ALWAYS)
    token = weir.admin.json("POST", TOKENS, {})
    (sealed,) = stored(weir)
    weir.stop()
    assert key(weir, "rotate")[0] == 0
    (moved,) = stored(weir)
    assert moved != sealed
    with sqlite3.connect(weir.store.removeprefix("sqlite:")) as database:  # as if it had been stopped before this row
        database.execute("UPDATE tokens SET secret = ?", (sealed,))
    database.close()
    once = {"WEIR_TOKENS_REVEAL": "once"}
    code, _, error = key(weir, "forget-secrets", env=once)
    assert code == 1 and "weir key rotate" in error and stored(weir) == [sealed]
    assert key(weir, "rotate")[0] == 0
    code, out, error = key(weir, "forget-secrets", env=once)
    assert code == 0 and out.startswith("forgot the secrets of 1 shared token;") and stored(weir) == [b""], error
    weir.start()
    assert status(weir, token) == 200
