"""`weir store migrate`: from the file of one machine to the database of a fleet, and everything goes on."""
import os
import shutil
import subprocess

import nodes
from replicas import INDEX, search, seen


def migrate(weir, *words, **env):
    binary = os.environ.get("WEIR_BINARY") or nodes.ROOT / "build" / "dev" / "proxy" / "weir"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    return subprocess.run([binary, "store", "migrate", f"sqlite:{weir.folder / 'data' / 'weir.db'}", *words, "--data", weir.folder / "data"],
                          env=clean | env, capture_output=True, text=True, timeout=60)


def test_everything_goes_on_in_the_database(start_weir, tmp_path, postgresql, logs):
    old = start_weir(logs)
    token = old.create_token([("team", "s0")], name="caf\u00e9")
    link = old.admin.json("POST", f"/v1/shared-tokens/{token['id']}/links", {"url": "/app/dashboards#/view/1"})
    gone = old.create_token([("team", "s1")])
    old.admin.json("DELETE", f"/v1/shared-tokens/{gone['id']}")
    page = old.as_holder(token).json("POST", f"/{INDEX}/_search?scroll=1m", {"size": 1})
    database = postgresql.database()
    refused = migrate(old, database)
    assert refused.returncode == 1 and "stop it first" in refused.stderr
    old.stop()
    done = migrate(old, WEIR_STORE_URL=database)
    assert done.returncode == 0, done.stderr
    assert "tokens         1\n" in done.stdout and "real" not in done.stdout + done.stderr
    again = migrate(old, database)
    assert again.returncode == 1 and "not empty" in again.stderr and "real" not in again.stderr

    new = nodes.Weir(tmp_path / "new", logs, store=database)
    (new.folder / "data").mkdir(parents=True)
    shutil.copy(old.folder / "data" / "keys", new.folder / "data" / "keys")
    with new:
        (shown,) = new.admin.json("GET", "/v1/shared-tokens")
        assert (shown["id"], shown["name"], shown["token"]) == (token["id"], "caf\u00e9", token["token"])
        assert seen(search(new, token)) == seen(search(new, {"token": link["secret"]})) == {"s0"}
        (moved,) = new.admin.json("GET", f"/v1/shared-tokens/{token['id']}/links")
        assert moved == {**link, "lastUsed": moved["lastUsed"]}
        following = new.as_holder(token).request("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
        assert seen(following) == {"s0"}, "open cursors too"
        made = new.create_token([("team", "s2")])
        assert made["id"] > gone["id"], "no id is given twice"
