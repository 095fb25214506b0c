"""Sharing links: a secret of their own with the token's rights, that ends at once, alone, and with its token."""
import json
import subprocess
import os

import nodes

TOKENS = "/v1/shared-tokens"
VIEW = "/app/dashboards#/view/722b74f0-b882-11e8-a6d9-e546fe2bba5f?_g=(time:(from:now-7d,to:now))"


def search(weir, secret):
    return weir.as_holder(secret).request("POST", "/logs-1/_search", {"query": {"match_all": {}}})


def create(weir, token, **more):
    return weir.admin.json("POST", f"{TOKENS}/{token['id']}/links", {"url": VIEW, **more})


def test_its_secret_opens_what_the_token_opens(start_weir, upstream, filters_sent, any_store):
    weir = start_weir(upstream, store=any_store)
    token = weir.create_token([("team", "x")])
    link = create(weir, token, name="café")
    assert link["secret"] != token["token"] and link["path"] == VIEW and link["name"] == "café" and link["url"] is None
    assert filters_sent(weir, link["secret"]) == {("team", "x")}
    y = weir.create_filter("team", "y")
    weir.admin.json("PATCH", f"{TOKENS}/{token['id']}", {"filters": [y]})
    assert filters_sent(weir, link["secret"]) == {("team", "y")}
    weir.stop()
    weir.start()
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}/links/{link['id']}")["secret"] == link["secret"]
    assert filters_sent(weir, link["secret"]) == {("team", "y")}


def test_a_revoked_link_ends_with_the_answer_and_alone(weir):
    token = weir.create_token([("team", "x")])
    other = create(weir, token)
    for _ in range(20):
        link = create(weir, token)
        assert search(weir, link["secret"]).status_code == 200
        assert weir.admin.request("DELETE", f"{TOKENS}/{token['id']}/links/{link['id']}").status_code == 204
        assert search(weir, link["secret"]).status_code == 401
    assert search(weir, other["secret"]).status_code == search(weir, token["token"]).status_code == 200


def test_it_lives_as_long_as_its_token_but_not_by_its_secret(weir):
    token = weir.create_token([("team", "x")])
    link = create(weir, token)
    path = f"{TOKENS}/{token['id']}"
    weir.admin.json("POST", f"{path}/rotate")
    assert search(weir, link["secret"]).status_code == 200 and search(weir, token["token"]).status_code == 401
    weir.admin.json("PATCH", path, {"enabled": False})
    assert search(weir, link["secret"]).status_code == 401
    weir.admin.json("PATCH", path, {"enabled": True})
    assert search(weir, link["secret"]).status_code == 200
    deleted = weir.admin.request("DELETE", path)
    assert deleted.headers["X-Weir-Links-Ended"] == "1"
    assert search(weir, link["secret"]).status_code == 401


def test_the_token_s_limits_hold_for_its_links(weir):
    token = weir.create_token([("team", "x")], limits={"networks": ["10.0.0.0/8"]})
    assert search(weir, create(weir, token)["secret"]).status_code == search(weir, token["token"]).status_code == 403


def test_its_use_is_told(weir):
    token = weir.create_token([("team", "x")])
    link = create(weir, token)
    path = f"{TOKENS}/{token['id']}/links/{link['id']}"
    assert link["lastUsed"] is None
    search(weir, token["token"])
    assert weir.admin.json("GET", path)["lastUsed"] is None
    search(weir, link["secret"])
    used = weir.admin.json("GET", path)["lastUsed"]
    assert used >= link["createdAt"]
    weir.stop()
    weir.start()
    assert weir.admin.json("GET", path)["lastUsed"] == used


def test_the_commands(weir):
    token = weir.create_token([("team", "x")])
    env = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")} | {"WEIR_SERVER": weir.admin_url, "WEIR_API_TOKEN": weir.api_token}

    def run(*words):
        return subprocess.run([weir.command()[0], "link", *map(str, words)], env=env, capture_output=True, text=True, timeout=60, check=True).stdout

    link = json.loads(run("create", "--token", token["id"], VIEW, "--name", "n", "--output", "json"))
    assert search(weir, link["secret"]).status_code == 200
    frozen = json.loads(run("create", "--token", token["id"], VIEW, "--snapshot", "--output", "json"))
    assert frozen["kind"] == "snapshot" and "now" not in frozen["path"]
    listed = run("list", "--token", token["id"])
    assert len(listed.splitlines()) == 3 and link["secret"] not in listed
    run("revoke", "--token", token["id"], link["id"])
    assert search(weir, link["secret"]).status_code == 401


def test_they_move_with_the_store_and_under_another_key(weir):
    token = weir.create_token([("team", "x")])
    link = create(weir, token)
    env = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    words = [weir.command()[0], "key", "rotate", "--data", weir.folder / "data", "--store", weir.store]
    subprocess.run(list(map(str, words)), env=env, capture_output=True, text=True, timeout=60, check=True)
    assert search(weir, link["secret"]).status_code == 200
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}/links/{link['id']}")["secret"] == link["secret"]
    listed = subprocess.run([str(words[0]), "key", "list", *map(str, words[3:])], env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "1 link" in listed
    nodes.until(lambda: search(weir, link["secret"]).status_code == 200)
