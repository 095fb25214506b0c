#!/usr/bin/python3
"""The demonstration of `proxy/try`: makes a filter and a token, shows what the token sees, and tries to get around the filter.

Everything printed is checked, against OpenSearch itself: what the token is told must be what OpenSearch tells when asked for the
team's documents only. The exit status is non-zero if one thing was not so.

    demo.py show --upstream URL --gate URL --admin URL --front URL    REQUIRES: the sample is loaded; WEIR_API_TOKEN is set
    demo.py status URL                                                prints the HTTP status of URL, 0 if there is no answer
"""
import argparse
import http.client
import json
import os
import sys
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
import sample  # noqa: E402

TEAM = "payments"
OTHER = "payments-eu"
INDEX = f"{sample.INDEX_PREFIX}{sample.FIRST_DAY:%Y.%m.%d}"
BOLD, RED, PLAIN = ("\033[1m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("", "", "")

SEARCH = {
    "query": {"match": {"message": "timed out"}},
    "size": 2,
    "track_total_hits": True,
    "sort": [{"@timestamp": "desc"}],
    "_source": ["@timestamp", "team", "service", "message"],
    "aggs": {
        "teams": {"terms": {"field": "team", "size": 20}},
        "latency": {"avg": {"field": "latency_ms"}},
        "days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "1d"}},
    },
}

failures = []


def check(true, text):
    if not true:
        failures.append(text)
        print(f"{RED}  NOT AS IT SHOULD BE: {text}{PLAIN}")


def ask(method, url, body=None, headers=None):
    """(status, decoded body, headers). Statuses are answers, not exceptions; loopback is never behind a proxy."""
    headers = dict(headers or {})
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
            text, status, got = response.read(), response.status, response.headers
    except urllib.error.HTTPError as error:
        text, status, got = error.read(), error.code, error.headers
    try:
        return status, json.loads(text) if text else None, got
    except ValueError:
        return status, text.decode(errors="replace"), got


def demand(method, url, body=None, headers=None):
    """The decoded body of an answer that has to be 2xx: the demonstration cannot go on without it."""
    status, answer, _ = ask(method, url, body, headers)
    if not 200 <= status < 300:
        sys.exit(f"{RED}{method} {url} should work and answered {status}: {json.dumps(answer)[:1_000]}{PLAIN}")
    return answer


class Demo:
    def __init__(self, upstream, gate, admin, front, api_token):
        self.upstream, self.gate, self.admin, self.front = upstream, gate, admin, front
        self.api = {"X-API-TOKEN": api_token}
        self.token = None

    def direct(self, method, path, body=None):
        return demand(method, self.upstream + path, body)

    def shared(self, method, path, body=None):
        return ask(method, self.gate + path, body, {"Authorization": f"Bearer {self.token}"})

    def make_token(self):
        chosen = demand("POST", f"{self.admin}/v1/shared-tokens/filters",
                        {"field": "team", "value": TEAM, "description": f"the team {TEAM}"}, self.api)
        token = demand("POST", f"{self.admin}/v1/shared-tokens", {"tokenName": "try", "filters": [chosen["id"]]}, self.api)
        check(token["filters"] == [chosen["id"]], "the token should carry the filter just made")
        self.token = token["token"]
        title("A filter and a token, made through the API")
        print(f"  POST /v1/shared-tokens/filters  team = {TEAM}   -> filter {chosen['id']}")
        print(f"  POST /v1/shared-tokens          filters = [{chosen['id']}] -> token {token['id']}")

    def search(self):
        title(f"The same search, sent directly and through the token (POST {sample.INDEX_PREFIX}*/_search, \"timed out\")")
        direct = self.direct("POST", f"/{sample.INDEX_PREFIX}*/_search", SEARCH)
        only = {**SEARCH, "query": {"bool": {"filter": [SEARCH["query"], {"term": {"team": TEAM}}]}}}
        expected = self.direct("POST", f"/{sample.INDEX_PREFIX}*/_search", only)
        status, shared, _ = self.shared("POST", f"/{sample.INDEX_PREFIX}*/_search", SEARCH)
        check(status == 200, f"the search should be answered 200, was {status}: {json.dumps(shared)[:500]}")
        if status != 200:
            return
        for name, answer in (("directly", direct), ("with token", shared)):
            teams = ", ".join(f"{bucket['key']} {bucket['doc_count']}" for bucket in answer["aggregations"]["teams"]["buckets"])
            print(f"  {name:<11} {answer['hits']['total']['value']:>5} hits   teams: {teams}")
        same(expected["hits"]["total"], shared["hits"]["total"], "the total")
        same(expected["aggregations"], shared["aggregations"], "the aggregations")
        same([hit["_source"] for hit in expected["hits"]["hits"]], [hit["_source"] for hit in shared["hits"]["hits"]], "the hits")
        check(direct["hits"]["total"]["value"] > shared["hits"]["total"]["value"] > 0, "the token should see a part of it")

    def some_id(self, team):
        found = self.direct("POST", f"/{INDEX}/_search", {"size": 1, "sort": ["trace"], "query": {"term": {"team": team}}})
        return found["hits"]["hits"][0]["_id"]

    def read_by_id(self):
        title("Reading documents by id")
        own, foreign, missing = self.some_id(TEAM), self.some_id(OTHER), "no-such-id"
        answers = {}
        for name, key in (("own", own), ("foreign", foreign), ("missing", missing)):
            status, body, headers = self.shared("GET", f"/{INDEX}/_doc/{key}")
            # The id asked for stands in the answer and in its length: everything else has to be equal.
            kind = headers.get("Content-Type")
            answers[name] = status, json.loads(json.dumps(body).replace(json.dumps(key), '"ID"')), kind
            told = body["_source"]["message"] if status == 200 else json.dumps(body)
            print(f"  GET /{INDEX}/_doc/{key:<12} {name:<8} {status}  {told}")
        direct_status, direct_own, _ = ask("GET", f"{self.upstream}/{INDEX}/_doc/{own}")
        check(answers["own"][0] == direct_status == 200, "a document of the team's should be there")
        if answers["own"][0] == 200:
            same(direct_own["_source"], answers["own"][1]["_source"], "the document")
        check(answers["missing"][0] == 404, "a document that does not exist should be a 404")
        same(answers["missing"], answers["foreign"], "a document of another team's and one that does not exist")

    def scroll(self):
        title("Reading everything with a scroll")
        body = {"size": 1_000, "query": {"match_all": {}}, "_source": ["team"]}
        status, page, _ = self.shared("POST", f"/{sample.INDEX_PREFIX}*/_search?scroll=1m", body)
        check(status == 200, f"a scroll should open, was {status}: {json.dumps(page)[:500]}")
        keys, teams, pages = set(), set(), 0
        while status == 200 and page["hits"]["hits"]:
            pages += 1
            keys.update((hit["_index"], hit["_id"]) for hit in page["hits"]["hits"])
            teams.update(hit["_source"]["team"] for hit in page["hits"]["hits"])
            cursor = page["_scroll_id"]
            status, page, _ = self.shared("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": cursor})
        expected = self.direct("POST", f"/{sample.INDEX_PREFIX}*/_count", {"query": {"term": {"team": TEAM}}})["count"]
        print(f"  {len(keys)} documents on {pages} pages, teams: {', '.join(sorted(teams))}")
        check(status == 200 and len(keys) == expected,
              f"the scroll should end with all {expected} documents, ended with {len(keys)} and status {status}")
        check(teams == {TEAM}, f"the scroll should hold {TEAM} only")
        if pages:
            status, _, _ = self.shared("DELETE", "/_search/scroll", {"scroll_id": page.get("_scroll_id", cursor)})
            check(status == 200, f"the scroll should close, was {status}")

    def attempts(self):
        """(what it would give away, method, path, body, codes of the refusal)"""
        logs, foreign = f"/{sample.INDEX_PREFIX}*/_search", self.some_id(OTHER)
        hidden = {"_index": INDEX, "_id": foreign}
        return (
            ("anything, by a script that goes over the documents", "POST", logs,
             {"size": 0, "aggs": {"all": {"scripted_metric": {"map_script": "state.x = 1", "combine_script": "return state.x",
                                                              "reduce_script": "return states"}}}}, {"agg.scripted"}),
            ("values of hidden documents, as empty buckets", "POST", logs,
             {"size": 0, "aggs": {"t": {"terms": {"field": "team", "min_doc_count": 0}}}}, {"agg.min_doc_count"}),
            ("a field of a hidden document, by looking for one like it", "POST", logs,
             {"query": {"more_like_this": {"fields": ["message"], "like": [hidden]}}},
             {"query.lookup", "query.more_like_this"}),
            ("words of hidden documents, as suggestions", "POST", logs,
             {"suggest": {"s": {"text": "timd", "term": {"field": "message"}}}}, {"body.key_denied", "body.key_unknown"}),
            ("how often hidden documents hold a word", "POST", logs,
             {"query": {"common": {"message": {"query": "timeout"}}}}, {"query.statistics"}),
            ("the filter's own field, defined anew", "POST", logs,
             {"derived": {"team": {"type": "keyword", "script": {"source": f"emit('{TEAM}')"}}}},
             {"body.key_denied", "body.key_unknown"}),
            ("another index", "POST", f"/{sample.SECRETS_INDEX}/_search", {}, {"index.scope"}),
            ("another index, beside an own one", "POST", f"/{INDEX},{sample.SECRETS_INDEX}/_search", {}, {"index.scope"}),
            ("names and sizes of every index", "GET", "/_cat/indices", None,
             {"route.cluster", "route.metadata", "route.admin", "route.unsupported", "route.unknown"}),
            ("a write", "POST", f"/{INDEX}/_doc", {"team": TEAM, "message": "hello"}, {"route.write"}),
            ("the end of the index", "DELETE", f"/{INDEX}", None, {"route.write", "route.admin", "route.method"}),
        )

    def get_around(self):
        title("Attempts to get around the filter")
        before = self.direct("GET", f"/{sample.INDEX_PREFIX}*/_count")["count"]
        for goal, method, path, body, codes in self.attempts():
            status, answer, _ = self.shared(method, path, body)
            error = refusal(answer)
            print(f"  {goal}\n    {method} {path} {json.dumps(body) if body else ''}")
            print(f"    {BOLD}{status} {error.get('code', '?')}{PLAIN}  {error.get('reason', '?')}")
            check(400 <= status < 500 and error.get("code") in codes and answer.get("status") == status,
                  f"expected a refusal with {' or '.join(sorted(codes))}, got {status} {json.dumps(answer)[:300]}")
        self.override()
        after = self.direct("GET", f"/{sample.INDEX_PREFIX}*/_count")["count"]
        check(before == after, f"nothing should have been written: {before} documents before, {after} after")

    def override(self):
        """`?q=` replaces the whole body query in OpenSearch. The gate may refuse it or make it part of the query: no more."""
        path = f"/{sample.INDEX_PREFIX}*/_search?q=team:{OTHER}&size=1"
        direct = self.direct("POST", path, {"query": {"term": {"team": TEAM}}})["hits"]["total"]["value"]
        status, answer, _ = self.shared("POST", path, {"query": {"term": {"team": TEAM}}})
        told = refusal(answer).get("code") or f"{answer['hits']['total']['value']} hits"
        print(f"  the URL's query in place of the filtered one\n    POST {path} (directly: {direct} hits)")
        print(f"    {BOLD}{status} {told}{PLAIN}")
        check(direct > 0, "the attempt should work without the gate")
        check(400 <= status < 500 or answer["hits"]["total"]["value"] == 0, "the URL's query should not get past the filter")

    def strangers(self):
        title("Without a token, and with a wrong one")
        answers = []
        wrong = self.token[:-1] + ("1" if self.token.endswith("0") else "0")
        for name, headers in (("none", {}), ("wrong", {"Authorization": f"Bearer {wrong}"})):
            status, answer, got = ask("GET", f"{self.gate}/{sample.INDEX_PREFIX}*/_search", None, headers)
            answers.append((status, answer, got.get("WWW-Authenticate")))
            print(f"  {name:<6} {BOLD}{status} {refusal(answer).get('code', '?')}{PLAIN}  {refusal(answer).get('reason', '?')}")
        check(answers[0][0] == 401 and (answers[0][2] or "").startswith("Bearer"),
              "no token should be a 401 with `WWW-Authenticate: Bearer`")
        same(answers[0], answers[1], "no token and a wrong one")

    def open_link(self):
        title("A link, opened as a browser does")
        path = f"/?shareToken={self.token}"
        status, cookie, location, _ = self.browse("GET", path)
        print(f"  GET {path.replace(self.token, 'TOKEN')}\n    {BOLD}{status}{PLAIN}  Location: {location}  Set-Cookie: {cookie.replace(self.token, 'TOKEN')}")
        check(status == 302 and location == "/", f"the link should lead to the clean address, was {status} {location}")
        check(cookie.startswith(f"weir={self.token}; ") and "HttpOnly" in cookie, "the link should become a cookie that scripts cannot read")
        cookie = {"Cookie": cookie.partition(";")[0]}
        status, _, _, page = self.browse("GET", location or "/", headers=cookie)
        check(status == 200 and "Shared logs" in page and self.token not in page, f"the viewer should be there, without the token in it, was {status}")
        query = {**SEARCH, "query": {"match_all": {}}}
        status, _, _, text = self.browse("POST", "/.weir/gate/_search", query, cookie)
        check(status == 200, f"the viewer's search should be answered 200, was {status}: {text[:500]}")
        if status == 200:
            seen = json.loads(text)
            expected = self.direct("POST", f"/{sample.INDEX_PREFIX}*/_search", {**query, "query": {"term": {"team": TEAM}}})
            same(expected["hits"]["total"], seen["hits"]["total"], "the viewer's total")
            same(expected["aggregations"], seen["aggregations"], "the viewer's aggregations")
            print(f"  what the page asks for: {seen['hits']['total']['value']} documents, teams: "
                  + ", ".join(bucket["key"] for bucket in seen["aggregations"]["teams"]["buckets"]))
        status, _, _, page = self.browse("GET", "/?shareToken=0")
        print(f"  GET /?shareToken=0\n    {BOLD}{status}{PLAIN}  a page that says the link does not work, and not why")
        check(status == 401 and "no longer works" in page, f"a link that opens nothing should be a page saying so, was {status}")

    def browse(self, method, path, body=None, headers=None):
        """(status, Set-Cookie, Location, text), without following."""
        connection = http.client.HTTPConnection(self.front.removeprefix("http://"), timeout=60)
        headers = {"Accept": "text/html" if body is None else "application/json", **(headers or {})}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        result = answer.status, answer.headers.get("Set-Cookie") or "", answer.headers.get("Location"), answer.read().decode(errors="replace")
        connection.close()
        return result

    def farewell(self):
        title("Try it yourself")
        print(f"  gate    {self.gate}   the OpenSearch API, for holders of a token")
        print(f"  admin   {self.admin}   the Shared Tokens API, /metrics, /readyz; header X-API-TOKEN: {self.api['X-API-TOKEN']}")
        if status_of(f"{self.admin}/console/") == 200:  # a build may leave it out
            print(f"  console {self.admin}/console/   sign in with {self.api['X-API-TOKEN']}")
        print(f"  front   {self.front}   for browsers, with a link")
        print(f"  link    {self.front}/?shareToken={self.token}")
        print(f"  token   {self.token}   sees team = {TEAM} in {sample.INDEX_PREFIX}*")
        print(f"  curl -H 'Authorization: Bearer {self.token}' '{self.gate}/{sample.INDEX_PREFIX}*/_search?size=1&pretty'")


def title(text):
    print(f"\n{BOLD}{text}{PLAIN}")


def same(expected, got, what):
    check(expected == got, f"{what} should be equal:\n    {json.dumps(expected)[:600]}\n    {json.dumps(got)[:600]}")


def refusal(answer):
    """The first cause of a refusal in OpenSearch's error shape; empty if this is none."""
    try:
        return answer["error"]["root_cause"][0]
    except (TypeError, KeyError, IndexError):
        return {}


def status_of(url):
    try:
        return ask("GET", url)[0]
    except (OSError, http.client.HTTPException):
        return 0


def main():
    parser = argparse.ArgumentParser(description="the demonstration of proxy/try")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("status", help="print the status of a URL").add_argument("url")
    show = verbs.add_parser("show", help="run the demonstration")
    for name in ("--upstream", "--gate", "--admin", "--front"):
        show.add_argument(name, required=True)
    arguments = parser.parse_args()
    if arguments.verb == "status":
        print(status_of(arguments.url))
        return 0
    demo = Demo(arguments.upstream, arguments.gate, arguments.admin, arguments.front, os.environ["WEIR_API_TOKEN"])
    for part in (demo.make_token, demo.search, demo.read_by_id, demo.scroll, demo.get_around, demo.strangers, demo.open_link, demo.farewell):
        part()
    print(f"\n{RED}{len(failures)} things were not as they should be{PLAIN}" if failures else "\nEverything was as it should be.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
