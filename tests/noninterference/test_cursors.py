"""Scroll and point in time: requests that belong together. Pages are alike in all worlds and hold every visible document once; an id is
good for its token, as long as the token's filters stay, and for nothing else."""
import base64
import json

import pytest

import corpus
import harness

ALL = sorted(corpus.visible(number)[0] for number in range(corpus.VISIBLE))
AGGS = {"levels": {"terms": {"field": "level"}}}


def scroll_pages(http, world, body, follow=0):
    """The pages of a scroll, to its empty end; `follow` chooses the way the next page is asked for."""
    first = http.json("POST", f"/{world}-logs-*/_search?scroll=1m", body)
    pages, cursor = [first], first["_scroll_id"]
    while pages[-1]["hits"]["hits"]:
        ways = (lambda: ("POST", "/_search/scroll", {"scroll_id": cursor, "scroll": "1m"}),
                lambda: ("GET", f"/_search/scroll/{cursor}?scroll=1m", None),
                lambda: ("POST", f"/_search/scroll?scroll=1m&scroll_id={cursor}", None),
                lambda: ("GET", "/_search/scroll?scroll=1m", {"scroll_id": cursor}))
        pages.append(http.json(*ways[follow % len(ways)]()))
        cursor = pages[-1]["_scroll_id"]
        follow += 1
        assert len(pages) < 100
    assert http.json("DELETE", "/_search/scroll", {"scroll_id": [cursor]})["succeeded"] is True
    return pages


def pit_pages(http, world, body):
    cursor = http.json("POST", f"/{world}-logs-*/_search/point_in_time?keep_alive=1m")["pit_id"]
    pages = []
    while not pages or pages[-1]["hits"]["hits"]:
        more = {"search_after": pages[-1]["hits"]["hits"][-1]["sort"]} if pages else {}
        pages.append(http.json("POST", "/_search", {**body, "pit": {"id": cursor, "keep_alive": "1m"}, **more}))
        assert len(pages) < 100
    assert http.json("DELETE", "/_search/point_in_time", {"pit_id": [cursor]})["pits"][0]["successful"] is True
    return pages


def ids(pages):
    return [hit["_id"] for page in pages for hit in page["hits"]["hits"]]


def comparable(pages, world, honest=False):
    return harness.normalise(json.loads(json.dumps(pages).replace(f"{world}-logs-", "w-logs-")), honest)


@pytest.mark.parametrize("pages_of, body", [
    (scroll_pages, {"size": 7, "sort": ["trace"]}),
    (scroll_pages, {"size": 50, "sort": [{"@timestamp": "desc"}, "trace"], "query": {"match": {"message": "the"}}, "aggs": AGGS}),
    (scroll_pages, {"size": 1_000}),
    (scroll_pages, {"size": 20, "sort": ["trace"], "query": {"match_none": {}}}),
    (pit_pages, {"size": 7, "sort": ["trace"]}),
    (pit_pages, {"size": 40, "sort": [{"level": "desc"}, {"trace": "asc"}], "query": {"match": {"message": "the"}}, "aggs": AGGS}),
    (pit_pages, {"size": 100, "track_total_hits": True, "sort": [{"incident": "asc"}, {"_id": "asc"}], "highlight": {"fields": {"*": {}}}}),
], ids=lambda value: value.__name__ if callable(value) else None)
def test_pages_are_alike(judge, pages_of, body):
    pages = {world: pages_of(http, world, body) for world, http in judge.holders.items()}
    honest = pages_of(judge.node, "v", body)
    assert ids(pages["v"]) == ids(honest)
    assert harness.first_difference(comparable(honest, "v", True), comparable(pages["v"], "v", True)) is None
    for world in corpus.WORLDS[1:]:
        assert harness.first_difference(comparable(pages["v"], "v"), comparable(pages[world], world)) is None


@pytest.mark.parametrize("follow", range(4))
def test_every_way_to_scroll_finds_every_document_once(judge, follow):
    for world, http in judge.holders.items():
        pages = scroll_pages(http, world, {"size": 13, "sort": ["_doc"]}, follow)
        assert sorted(ids(pages)) == ALL
        assert not any("sort" in hit for page in pages for hit in page["hits"]["hits"])


@pytest.mark.parametrize("pages_of, body", [(scroll_pages, {"size": 9}), (scroll_pages, {"size": 50, "sort": ["_doc"]}),
                                            (pit_pages, {"size": 50, "sort": ["trace"]})],
                         ids=["scroll", "scroll by document", "pit"])
@pytest.mark.parametrize("slicing", [{"max": 2}, {"max": 5}, {"max": 3, "field": "bytes"}], ids=json.dumps)
def test_slices_share_the_visible_documents(judge, pages_of, body, slicing):
    slices = {world: [sorted(ids(pages_of(http, world, {**body, "slice": {"id": part, **slicing}}))) for part in range(slicing["max"])]
              for world, http in judge.holders.items()}
    assert sorted(sum(slices["v"], [])) == ALL
    honest = [sorted(ids(pages_of(judge.node, "v", {**body, "slice": {"id": part, **slicing}}))) for part in range(slicing["max"])]
    assert all(found == honest for found in slices.values())


def open_scroll(http, world="v"):
    return http.json("POST", f"/{world}-logs-*/_search?scroll=1m", {"size": 1})["_scroll_id"]


def open_pit(http, world="v"):
    return http.json("POST", f"/{world}-logs-*/_search/point_in_time?keep_alive=1m")["pit_id"]


def scroll_on(http, cursor):
    return http.request("POST", "/_search/scroll", {"scroll_id": cursor, "scroll": "1m"})


def search_pit(http, cursor):
    return http.request("POST", "/_search", {"size": 1, "pit": {"id": cursor}})


def assert_no_cursor(response):
    assert (response.status_code, harness.error_code(response.json())) == (404, "cursor.invalid"), response.text


def test_a_cursor_is_good_for_its_token_only(judge):
    holder, gate = judge.holders["v"], judge.gates["v"]
    other = gate.as_holder(gate.create_token([("team", corpus.VISIBLE_TEAM)], "other"))
    scroll, pit = open_scroll(holder), open_pit(holder)
    assert_no_cursor(scroll_on(other, scroll))
    assert_no_cursor(search_pit(other, pit))
    assert_no_cursor(other.request("DELETE", "/_search/scroll", {"scroll_id": [scroll]}))
    assert_no_cursor(other.request("DELETE", "/_search/point_in_time", {"pit_id": [pit]}))
    assert_no_cursor(scroll_on(judge.holders["a"], scroll))
    assert scroll_on(holder, scroll).status_code == 200
    assert search_pit(holder, pit).status_code == 200
    assert holder.request("DELETE", "/_search/scroll", {"scroll_id": [scroll]}).status_code == 200
    assert holder.request("DELETE", "/_search/point_in_time", {"pit_id": [pit]}).status_code == 200


def test_one_kind_of_cursor_is_not_the_other(judge):
    holder = judge.holders["v"]
    scroll, pit = open_scroll(holder), open_pit(holder)
    assert_no_cursor(scroll_on(holder, pit))
    assert_no_cursor(search_pit(holder, scroll))
    assert_no_cursor(holder.request("DELETE", "/_search/scroll", {"scroll_id": [pit]}))
    assert_no_cursor(holder.request("DELETE", "/_search/point_in_time", {"pit_id": [scroll]}))


def test_what_the_cluster_calls_its_cursors_is_nothing_here(judge):
    holder = judge.holders["v"]
    scroll, pit = open_scroll(judge.node), open_pit(judge.node)
    assert_no_cursor(scroll_on(holder, scroll))
    assert_no_cursor(search_pit(holder, pit))
    assert judge.node.json("DELETE", "/_search/scroll", {"scroll_id": [scroll]})["num_freed"] > 0


def test_a_sealed_cursor_tells_nothing_of_what_is_inside(judge):
    for cursor in (open_scroll(judge.holders["v"]), open_pit(judge.holders["v"])):
        for text in (cursor, base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")):
            assert "v-logs" not in text and "query" not in text


@pytest.mark.parametrize("opened, used", [(open_scroll, scroll_on), (open_pit, search_pit)], ids=["scroll", "pit"])
def test_a_cursor_with_any_character_changed_is_nobodys(judge, opened, used):
    holder = judge.holders["v"]
    cursor = opened(holder)
    for place, letter in enumerate(cursor):
        for other in ({"A": "B", "_": "-"}.get(letter, "A"), chr(ord(letter) ^ 1)):
            assert_no_cursor(used(holder, cursor[:place] + other + cursor[place + 1:]))
    for other in (cursor[:-1], cursor + "A", cursor + "=", " " + cursor, cursor + cursor, ""):
        assert_no_cursor(used(holder, other))
    assert used(holder, cursor).status_code == 200


@pytest.mark.parametrize("opened, used", [(open_scroll, scroll_on), (open_pit, search_pit)], ids=["scroll", "pit"])
def test_a_cursor_ends_with_the_filters_it_was_opened_under(judge, opened, used):
    gate = judge.gates["v"]
    token = gate.create_token([("team", corpus.VISIBLE_TEAM)], "changing")
    holder = gate.as_holder(token)
    cursor = opened(holder)
    assert used(holder, cursor).status_code == 200
    other = gate.admin.json("POST", "/v1/shared-tokens/filters", {"field": "level", "value": "error"})["id"]
    gate.admin.json("PUT", f"/v1/shared-tokens/{token['id']}", {"tokenName": "changing", "filters": [*token["filters"], other]})
    assert_no_cursor(used(holder, cursor))
    assert holder.json("POST", "/v-logs-*/_search", {"size": 0})["hits"]["total"]["value"] < corpus.VISIBLE


def test_a_closed_cursor_is_gone(judge):
    answers = []
    for world, holder in judge.holders.items():
        scroll, pit = open_scroll(holder, world), open_pit(holder, world)
        for _ in range(2):
            answer = holder.request("DELETE", "/_search/scroll", {"scroll_id": scroll})
            answers.append((answer.status_code, "num_freed" in answer.json() and answer.json()["num_freed"]))
        assert holder.request("DELETE", "/_search/point_in_time", {"pit_id": pit}).status_code == 200
        for gone in (scroll_on(holder, scroll), search_pit(holder, pit)):
            assert gone.status_code == 404 and "found for id" not in gone.text
            answers.append(harness.error_code(gone.json()))
    assert answers[:4] == answers[4:8] == answers[8:]


def test_a_point_in_time_takes_no_index_and_no_document_order(judge):
    holder = judge.holders["v"]
    pit = open_pit(holder)
    beside = holder.request("POST", "/v-logs-1/_search", {"pit": {"id": pit}})
    assert (beside.status_code, harness.error_code(beside.json())) == (400, "body.value")
    by_number = holder.request("POST", "/_search", {"pit": {"id": pit}, "sort": ["_doc"]})
    assert harness.error_code(by_number.json()) == "sort.doc"
    in_msearch = holder.json("POST", "/_msearch", ndjson=[{}, {"pit": {"id": pit}}])["responses"][0]
    assert harness.error_code(in_msearch) == "body.key_denied"
