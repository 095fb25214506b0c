"""A change holds for every request that starts after its answer."""
import threading
import time

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"


def search(weir, token):
    return weir.as_holder(token).request("POST", "/logs-1/_search", {"query": {"match_all": {}}})


def test_new_filters_are_in_the_very_next_request(weir, filters_sent):
    ids = {value: weir.create_filter("team", value) for value in ("x", "y")}
    token = weir.admin.json("POST", TOKENS, {"filters": [ids["x"]]})
    assert filters_sent(weir, token) == {("team", "x")}
    for _ in range(20):
        for wanted in (["y"], ["x", "y"], ["x"]):
            weir.admin.json("PUT", f"{TOKENS}/{token['id']}", {"filters": [ids[value] for value in wanted]})
            assert filters_sent(weir, token) == {("team", value) for value in wanted}


def test_a_deleted_filter_is_gone_from_the_next_request(weir, filters_sent):
    first, second = weir.create_filter("team", "x"), weir.create_filter("level", "error")
    token = weir.admin.json("POST", TOKENS, {"filters": [first, second]})
    assert filters_sent(weir, token) == {("team", "x"), ("level", "error")}
    weir.admin.request("DELETE", f"{FILTERS}/{first}")
    assert filters_sent(weir, token) == {("level", "error")}


def test_a_new_token_works_and_a_deleted_one_does_not(weir):
    for _ in range(10):
        token = weir.admin.json("POST", TOKENS, {"filters": [weir.create_filter("team", "x")]})
        assert search(weir, token).status_code == 200
        weir.admin.request("DELETE", f"{TOKENS}/{token['id']}")
        assert search(weir, token).status_code == 401


def test_an_expired_token_does_not_work(weir):
    token = weir.admin.json("POST", TOKENS, {"filters": [weir.create_filter("team", "x")], "expirationDate": time.time() + 4})
    assert search(weir, token).status_code == 200
    time.sleep(4.1)
    assert search(weir, token).status_code == 401
    filters = token["filters"]
    prolonged = weir.admin.request("PUT", f"{TOKENS}/{token['id']}", {"filters": filters, "expirationDate": None})
    assert prolonged.json()["widens"] is True
    assert search(weir, token).status_code == 200


def test_an_update_in_the_past_ends_a_token(weir):
    token = weir.admin.json("POST", TOKENS, {"filters": [weir.create_filter("team", "x")]})
    weir.admin.json("PUT", f"{TOKENS}/{token['id']}", {"filters": token["filters"], "expirationDate": 1_000_000_000})
    assert search(weir, token).status_code == 401


def test_no_request_is_lost_or_widened_while_filters_change(weir, upstream):
    """Searches run all the time while the token moves between two filters: each is sent with one of them, never with none."""
    ids = [weir.create_filter("team", value) for value in ("x", "y")]
    token = weir.admin.json("POST", TOKENS, {"filters": [ids[0]]})
    with upstream.lock:
        upstream.searches.clear()
    stop, statuses = threading.Event(), []

    def read():
        while not stop.is_set():
            statuses.append(search(weir, token).status_code)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    turn, deadline = 0, time.monotonic() + 120
    while (turn < 60 or statuses.count(200) < 51) and time.monotonic() < deadline:
        turn += 1
        weir.admin.json("PUT", f"{TOKENS}/{token['id']}", {"filters": [ids[turn % 2]]})
    stop.set()
    for reader in readers:
        reader.join()
    assert set(statuses) <= {200, 503}, set(statuses)
    assert statuses.count(200) > 50
    with upstream.lock:
        bodies = [str(body) for body in upstream.searches]
    assert bodies
    for body in bodies:
        assert ("'value': 'x'" in body) != ("'value': 'y'" in body), body


def test_many_writers_at_once(weir):
    """No change is lost, no id is given twice, and the list is what was made."""
    made, lock = [], threading.Lock()

    def write(number):
        for turn in range(8):
            filter_id = weir.create_filter("team", f"{number}-{turn}")
            token = weir.admin.json("POST", TOKENS, {"tokenName": f"{number}-{turn}", "filters": [filter_id]})
            with lock:
                made.append(token)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(made) == 48
    assert len({token["id"] for token in made}) == len({token["token"] for token in made}) == 48
    assert sorted(made, key=lambda token: token["id"]) == weir.admin.json("GET", TOKENS)
    assert len(weir.admin.json("GET", FILTERS)) == 48
