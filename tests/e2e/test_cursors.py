"""Scroll and point in time: many pages, a state that stays, bounds."""
import pytest


@pytest.fixture(scope="module")
def holder(sampled_weir):
    return sampled_weir.as_holder(sampled_weir.create_token([("team", "search")], "cursors"))


@pytest.fixture(scope="module")
def mine(logs):
    return sorted(key for _, key, source in logs if source["team"] == "search")


def error(response):
    return response.status_code, response.json()["error"]["root_cause"][0]["code"]


def test_a_scroll_of_thousands_of_documents(holder, mine):
    page, keys = holder.json("POST", "/logs-*/_search?scroll=1m", {"size": 1_000, "sort": ["_doc"], "_source": False}), []
    assert page["hits"]["total"]["value"] == len(mine)
    while page["hits"]["hits"]:
        keys += [hit["_id"] for hit in page["hits"]["hits"]]
        page = holder.json("POST", "/_search/scroll", {"scroll_id": page["_scroll_id"], "scroll": "1m"})
    assert sorted(keys) == mine
    assert holder.json("DELETE", "/_search/scroll", {"scroll_id": page["_scroll_id"]})["succeeded"] is True


def test_a_point_in_time_stays_where_it_was(opensearch, start_weir):
    opensearch.index("moving-1", {str(number): {"team": "a", "n": number} for number in range(20)}, {"properties": {"team": {"type": "keyword"}}})
    weir = start_weir(opensearch, indices=["moving-*"])
    holder = weir.as_holder(weir.create_token([("team", "a")]))
    pit = holder.json("POST", "/moving-*/_search/point_in_time?keep_alive=1m")["pit_id"]
    opensearch.json("DELETE", "/moving-1/_doc/3?refresh=true")
    opensearch.json("PUT", "/moving-1/_doc/99?refresh=true", {"team": "a", "n": 99})
    body = {"size": 100, "sort": ["n"], "pit": {"id": pit, "keep_alive": "1m"}}
    assert [hit["sort"][0] for hit in holder.json("POST", "/_search", body)["hits"]["hits"]] == list(range(20))
    assert holder.json("DELETE", "/_search/point_in_time", {"pit_id": pit})["pits"][0]["successful"] is True
    assert [hit["sort"][0] for hit in holder.json("POST", "/moving-*/_search", {"size": 100, "sort": ["n"]})["hits"]["hits"]][-1] == 99


@pytest.mark.parametrize("keep_alive", ["0s", "2h", "1d", "-1", "1", "x", "", "1ms1s"])
def test_a_keep_alive_has_bounds(holder, keep_alive):
    assert error(holder.request("POST", f"/logs-*/_search?scroll={keep_alive}", {"size": 1})) == (400, "cursor.keep_alive")
    assert error(holder.request("POST", f"/logs-*/_search/point_in_time?keep_alive={keep_alive}")) == (400, "cursor.keep_alive")


def test_several_cursors_are_closed_at_once(holder):
    scrolls = [holder.json("POST", "/logs-*/_search?scroll=1m", {"size": 1})["_scroll_id"] for _ in range(3)]
    assert holder.json("DELETE", "/_search/scroll", {"scroll_id": scrolls})["succeeded"] is True
    for scroll in scrolls:
        assert error(holder.request("POST", "/_search/scroll", {"scroll_id": scroll})) == (404, "cursor.invalid")
    too_many = holder.request("DELETE", "/_search/scroll", {"scroll_id": scrolls * 40})
    assert error(too_many) == (400, "cursor.too_many")
