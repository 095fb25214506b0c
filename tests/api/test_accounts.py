"""API tokens are bound to one account and to permissions."""
import subprocess

import pytest

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"
CONFIG = """
[[account]]
name = "default"
indices = ["logs-a-*"]
[[account]]
name = "other"
indices = ["logs-b-*"]
"""


def command(weir, *words):
    ended = subprocess.run([weir.command()[0], "api-token", *words, "--data", weir.folder / "data"], capture_output=True, text=True, timeout=30)
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def two(start_weir, upstream):
    """The program with two accounts, and the headers of an API token of the other one."""
    weir = start_weir(upstream, indices=None, config=CONFIG)
    code, secret, _ = command(weir, "create", "--account", "other", "--name", "ci")
    assert code == 0
    return weir, {"X-API-TOKEN": secret.strip()}


def test_accounts_do_not_see_each_other(two):
    weir, other = two
    filter_id = weir.admin.json("POST", FILTERS, {"field": "team", "value": "x"})["id"]
    token = weir.admin.json("POST", TOKENS, {"filters": [filter_id]})
    assert weir.admin.request("GET", TOKENS, headers=other).json() == []
    assert weir.admin.request("GET", FILTERS, headers=other).json() == []
    for method, path, body in [("GET", f"{TOKENS}/{token['id']}", None), ("PUT", f"{TOKENS}/{token['id']}", {"filters": []}),
                               ("DELETE", f"{TOKENS}/{token['id']}", None), ("GET", f"{FILTERS}/{filter_id}", None),
                               ("DELETE", f"{FILTERS}/{filter_id}", None), ("POST", TOKENS, {"filters": [filter_id]})]:
        response = weir.admin.request(method, path, body, headers=other)
        assert response.status_code == 400
        assert response.json()["message"].endswith("not found for account other")
    assert weir.admin.json("GET", TOKENS) == [token]


def test_tokens_stay_in_the_scope_of_their_account(two):
    weir, other = two
    mine = weir.admin.json("POST", TOKENS, {})
    theirs = weir.admin.json("POST", TOKENS, {}, headers=other)
    for token, index, status in [(mine, "logs-a-1", 200), (mine, "logs-b-1", 403), (theirs, "logs-b-1", 200), (theirs, "logs-a-1", 403)]:
        response = weir.as_holder(token).request("POST", f"/{index}/_search", {"query": {"match_all": {}}})
        assert response.status_code == status, (index, response.text)


def test_permissions(two):
    weir, _ = two
    reader = {"X-API-TOKEN": command(weir, "create", "--permissions", "read")[1].strip()}
    writer = {"X-API-TOKEN": command(weir, "create", "--permissions", "write")[1].strip()}
    for method, path, body in [("POST", TOKENS, {}), ("PUT", f"{TOKENS}/1", {"filters": []}), ("DELETE", f"{TOKENS}/1", None),
                               ("POST", FILTERS, {"field": "a", "value": "b"}), ("DELETE", f"{FILTERS}/1", None)]:
        response = weir.admin.request(method, path, body, headers=reader)
        assert response.status_code == 403
        assert response.json()["message"] == "Insufficient privileges"
    for path in (TOKENS, f"{TOKENS}/1", FILTERS, f"{FILTERS}/1"):
        assert weir.admin.request("GET", path, headers=writer).status_code == 403
    assert weir.admin.request("GET", TOKENS, headers=reader).status_code == 200
    assert weir.admin.request("POST", TOKENS, {}, headers=writer).status_code == 200


def test_revoking_holds_at_once(two):
    weir, other = two
    code, listing, _ = command(weir, "list")
    assert code == 0
    rows = [line.split() for line in listing.splitlines()]
    identifier = next(row[0] for row in rows if row[-1] == "ci")
    assert other["X-API-TOKEN"] not in listing
    assert command(weir, "revoke", identifier)[0] == 0
    assert weir.admin.request("GET", TOKENS, headers=other).status_code == 401
    code, _, error = command(weir, "revoke", identifier)
    assert code == 1 and "no API token with id" in error


def test_api_tokens_can_expire(two):
    weir, _ = two
    short = {"X-API-TOKEN": command(weir, "create", "--expires", "1s")[1].strip()}
    import time
    time.sleep(1.5)
    assert weir.admin.request("GET", TOKENS, headers=short).status_code == 401


def test_bad_words_on_the_command_line(two):
    weir, _ = two
    for words, text in [(["create", "--account", "nobody"], "not an account of this store"), (["create", "--permissions", "all"], "not a permission"),
                        (["create", "--expires", "soon"], "not a time")]:
        code, out, error = command(weir, *words)
        assert code == 1 and text in error and out == ""
