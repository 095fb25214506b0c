"""Several replicas over one PostgreSQL: a change that is answered holds everywhere, whatever happens to replicas and database."""
import threading
import time

import pytest

import nodes
from replicas import INDEX, LEASE, search, seen

TOKENS = "/v1/shared-tokens"


def make_token(replica, *teams):
    return replica.create_token([("team", team) for team in teams])


def change(replica, token, *ids, **more):
    return replica.admin.request("PUT", f"{TOKENS}/{token['id']}", {"filters": list(ids), **more})


def quickly(attempt):
    """Whether one of a few attempts takes less than half a lease: a busy machine may be slow at times, waiting for a lease never is quick."""
    def quick():
        begin = time.monotonic()
        assert attempt().status_code == 200
        return time.monotonic() - begin < LEASE / 2
    return any(quick() for _ in range(20))


def read(replica, token):
    """What the token sees; the replica may have to get its lease again first, on a busy machine."""
    nodes.until(lambda: search(replica, token).status_code != 503, seconds=60)
    return seen(search(replica, token))


def code(answer):
    return answer.json()["error"]["root_cause"][0]["code"]


def test_a_change_holds_on_every_replica_when_it_is_answered(start_fleet):
    fleet = start_fleet(3)
    filters = [fleet[0].create_filter("team", f"s{state}") for state in range(3)]
    token = fleet[1].admin.json("POST", TOKENS, {"tokenName": "n", "filters": [filters[0]]})
    nodes.until(lambda: seen(search(fleet[2], token)) == {"s0"})  # its mappings have been looked at there
    for step in range(1, 40):
        answer = change(fleet[step % 3], token, filters[step % 3])
        assert answer.status_code == 200, answer.text
        for replica in fleet.replicas:
            assert read(replica, token) == {f"s{step % 3}"}, step
    assert fleet[0].admin.request("DELETE", f"{TOKENS}/{token['id']}").status_code == 204
    assert [search(replica, token).status_code for replica in fleet.replicas] == [401] * 3


def test_cursors_are_good_on_every_replica_until_the_token_changes(start_fleet):
    fleet = start_fleet(2)
    token = make_token(fleet[0], "s0")
    nodes.until(lambda: seen(search(fleet[1], token)) == {"s0"})
    first = search(fleet[0], token).json()
    page = fleet[0].as_holder(token).json("POST", f"/{INDEX}/_search?scroll=1m", {"size": 1})
    pit = fleet[0].as_holder(token).json("POST", f"/{INDEX}/_search/point_in_time?keep_alive=1m")["pit_id"]
    there = fleet[1].as_holder(token)
    assert seen(there.request("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})) == {"s0"}
    assert seen(there.request("POST", "/_search", {"pit": {"id": pit}})) == {"s0"}
    other = fleet[0].create_filter("team", "s1")
    assert change(fleet[0], token, other).status_code == 200
    for replica in fleet.replicas:
        holder = replica.as_holder(token)
        assert holder.request("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]}).status_code == 404
        assert holder.request("POST", "/_search", {"pit": {"id": pit}}).status_code == 404
    assert first["hits"]["total"]["value"] == 4


@pytest.mark.parametrize("how", ["hang", "drop"])
def test_a_replica_cut_off_from_the_store_serves_until_its_lease_ends(start_fleet, how):
    fleet = start_fleet(2)
    token = make_token(fleet[0], "s0")
    other = fleet[0].create_filter("team", "s1")
    nodes.until(lambda: seen(search(fleet[1], token)) == {"s0"})
    fleet[1].relay.cut(how)
    assert seen(search(fleet[1], token)) == {"s0"}, "the lease is still good"
    answer = change(fleet[0], token, other)
    assert answer.status_code == 200, answer.text
    refused = search(fleet[1], token)
    assert (refused.status_code, code(refused)) == (503, "gate.store_unreachable")
    assert fleet[1].admin.request("GET", "/readyz").status_code == 503
    assert read(fleet[0], token) == {"s1"}
    assert quickly(lambda: change(fleet[0], token, other)), "it is not waited for again"
    fleet[1].relay.mend()
    nodes.until(lambda: search(fleet[1], token).status_code == 200)
    assert read(fleet[1], token) == {"s1"}, "it catches up first"
    log = fleet[1].log()
    assert "store_not_reached" in log and "store_reached_again" in log


def test_a_paused_replica_wakes_up_without_its_lease(start_fleet):
    fleet = start_fleet(2)
    token = make_token(fleet[0], "s0")
    filters = [fleet[0].create_filter("team", f"s{state}") for state in (1, 2)]
    nodes.until(lambda: seen(search(fleet[1], token)) == {"s0"})
    for round_number in range(4):
        before = {"s0"} if round_number == 0 else {f"s{1 + (round_number - 1) % 2}"}
        after = {f"s{1 + round_number % 2}"}
        fleet[1].pause()
        waiting = []
        # Sent before the change, and waiting in the sleeper's socket when it wakes up.
        threads = [threading.Thread(target=lambda: waiting.append(search(fleet[1], token))) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert change(fleet[0], token, filters[round_number % 2]).status_code == 200
        fleet[1].wake()
        for thread in threads:
            thread.join()
        assert len(waiting) == 8
        for answer in waiting:
            assert answer.status_code == 503 or seen(answer) == after, (before, answer.text)
        assert read(fleet[1], token) == after


def test_a_killed_replica_holds_up_nobody_for_longer_than_a_lease(start_fleet):
    fleet = start_fleet(3)
    token = make_token(fleet[0], "s0")
    other = fleet[0].create_filter("team", "s1")
    fleet[2].kill()
    assert change(fleet[0], token, other).status_code == 200
    assert quickly(lambda: change(fleet[0], token, other)), "it is not waited for again"
    fleet[2].start()
    assert read(fleet[2], token) == {"s1"}


def test_a_replica_that_stops_is_not_waited_for(start_fleet):
    fleet = start_fleet(2)
    token = make_token(fleet[0], "s0")
    fleet[1].stop()
    assert fleet.sql("SELECT count(*) FROM replicas") == [["1"]]
    assert quickly(lambda: change(fleet[0], token))


def test_the_database_may_be_restarted(start_fleet):
    fleet = start_fleet(2)
    token = make_token(fleet[0], "s0")
    other = fleet[0].create_filter("team", "s1")
    nodes.until(lambda: seen(search(fleet[1], token)) == {"s0"})
    fleet.postgresql.verb("pause", "--mode", "immediate")
    answer = change(fleet[0], token, other)
    assert answer.status_code == 503 and "cannot be reached" in answer.json()["message"]
    time.sleep(LEASE)
    assert [code(search(replica, token)) for replica in fleet.replicas] == ["gate.store_unreachable"] * 2
    fleet.postgresql.verb("resume")
    for replica in fleet.replicas:
        assert read(replica, token) == {"s0"}
    assert change(fleet[1], token, other).status_code == 200
    assert [read(replica, token) for replica in fleet.replicas] == [{"s1"}, {"s1"}]


def test_first_starts_at_once_make_one_api_token(tmp_path, postgresql, logs, start_fleet):
    first = start_fleet(1)  # makes the key file that all share
    key = (first[0].folder / "data" / "keys").read_bytes()
    database = postgresql.database()
    replicas = []
    for number in range(4):
        weir = nodes.Weir(tmp_path / f"at-once-{number}", logs, store=database, api_token=None)
        (weir.folder / "data").mkdir(parents=True)
        (weir.folder / "data" / "keys").write_bytes(key)
        (weir.folder / "data" / "keys").chmod(0o600)
        weir.ready = False
        replicas.append(weir.start())
    try:
        for weir in replicas:
            weir.wait_until_ready()
        assert postgresql.sql(database, "SELECT count(*) FROM api_tokens") == [["1"]]
        files = [weir.folder / "data" / "api-token" for weir in replicas]
        (good,) = [file for file in files if file.exists()]
        assert "first_api_token" in good.parent.parent.joinpath("weir.log").read_text()
        admin = nodes.Http(replicas[-1].admin_url, {"X-API-TOKEN": good.read_text().strip()})
        assert admin.json("GET", TOKENS) == []
    finally:
        for weir in replicas:
            weir.stop()


def test_use_is_counted_from_all_replicas(start_fleet):
    fleet = start_fleet(2)
    token = make_token(fleet[0], "s0")
    unused = make_token(fleet[0], "s0")
    for replica in fleet.replicas:
        assert search(replica, token).status_code == 200
        nodes.until(lambda: fleet.sql(f"SELECT last_used IS NOT NULL FROM tokens WHERE id = {token['id']}") == [["t"]])
        fleet.sql("UPDATE tokens SET last_used = NULL")
    assert fleet.sql(f"SELECT last_used IS NULL FROM tokens WHERE id = {unused['id']}") == [["t"]]


def test_another_key_file_is_refused(start_fleet, tmp_path, logs):
    fleet = start_fleet(1)
    stranger = nodes.Weir(tmp_path / "stranger", logs, store=fleet.database, flags=["--store-lease", f"{round(LEASE * 1000)}ms"])
    with pytest.raises(AssertionError, match="weir ended with 1"):
        stranger.start()
    stranger.process = None
    assert "key" in stranger.log()
    assert "real" not in stranger.log(), "nothing of the password"


def test_another_configuration_is_refused_while_others_serve(start_fleet):
    fleet = start_fleet(2)
    with pytest.raises(AssertionError, match="weir ended with 1"):
        fleet.add(indices=["logs-*", "more-*"])
    odd = fleet.replicas.pop()
    assert "another replica serves from this store with other accounts" in odd.log()
    odd.process = None
    token = make_token(fleet[0], "s0")
    assert fleet.sql(f"SELECT epoch FROM tokens WHERE id = {token['id']}") == [["1"]]
    # Those that are gone are not asked.
    fleet[1].stop()
    fleet[0].kill()
    odd.start()
    fleet.replicas = [odd]
    assert fleet.sql(f"SELECT epoch FROM tokens WHERE id = {token['id']}") == [["2"]]
    assert seen(search(odd, token)) == {"s0"}
