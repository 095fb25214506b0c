"""Generated requests sent fast: connections that stay open, bytes compared before anything is parsed.

The judgement is harness.Judge's: an answer is the same in every world, and the one OpenSearch itself gives on the visible documents alone. Where
the gate refuses a request by itself there is no such other answer; it only has to be refused alike.
"""
import base64
import collections
import http.client
import json
import re
import urllib.parse

import corpus
import generator
import harness
from grammar import FEATURES, Draw

TOOK = re.compile(rb'"took" ?: ?\d+')
CURSOR = re.compile(rb'"(_scroll_id|pit_id)" ?: ?"[^"]*"')
MOST_PAGES = 8

Answer = collections.namedtuple("Answer", "status media_type body")


class Client:
    """One connection to one server; made anew when the server closed it."""

    def __init__(self, url, headers=None):
        self.address, self.headers, self.connection = urllib.parse.urlsplit(url).netloc, dict(headers or {}), None

    def send(self, method, target, data, headers):
        for attempt in range(2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.address, timeout=60)
                self.connection.request(method, target, data, self.headers | headers)
                response = self.connection.getresponse()
                return Answer(response.status, response.getheader("Content-Type", ""), response.read())
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                if attempt:
                    raise

    def json(self, method, target, body=None):
        answer = self.send(method, target, None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json"})
        return json.loads(answer.body)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def case_of(row, **other):
    return harness.Case({key: value for key, value in (row | other).items() if key in harness.Case.FIELDS})


def pages(row, client, world):
    """The answers of a request that goes on until there is no more."""
    body, kind, params = row["body"], row["pages"], row.get("params", {})
    if kind == "pit":
        opened = client.send("POST", row["open"].replace(harness.WORLD, world), None, {})
        if opened.status != 200:
            yield opened
            return
        body = body | {"pit": {"id": json.loads(opened.body)["pit_id"], "keep_alive": "1m"}}
    step, cursor = case_of(row, body=body), None
    for _ in range(MOST_PAGES):
        data, headers = step.payload(world)
        answer = client.send(step.method, step.target(world), data, headers)
        yield answer
        found = json.loads(answer.body) if answer.status == 200 else {}
        if kind == "composite":
            after = next(iter(found.get("aggregations", {}).values()), {}).get("after_key")
            if after is None:
                return
            name, made = next(iter(body["aggs"].items()))
            body = body | {"aggs": {name: made | {"composite": made["composite"] | {"after": after}}}}
            step = case_of(row, body=body)
            continue
        cursor = found.get("_scroll_id", cursor)
        hits = found.get("hits", {}).get("hits", [])
        if not hits:
            break
        if kind == "scroll":
            step = case_of({"path": "/_search/scroll", "name": row["name"]}, body={"scroll_id": cursor, "scroll": "1m"})
        else:
            step = case_of(row, body=body | {"search_after": hits[-1].get("sort", [])})
    if cursor:
        client.json("DELETE", "/_search/scroll", {"scroll_id": [cursor]})
    if kind == "pit":
        client.json("DELETE", "/_search/point_in_time", {"pit_id": [body["pit"]["id"]]})
    assert params is not None


def answers_of(row, client, world):
    if "pages" in row:
        return list(pages(row, client, world))
    case = case_of(row)
    data, headers = case.payload(world)
    return [client.send(case.method, case.target(world), data, headers)]


def plain(answer, world):
    """The bytes without what differs anyway."""
    body = TOOK.sub(b'"took":0', answer.body.replace(f"{world}-logs-".encode(), b"w-logs-"))
    return CURSOR.sub(rb'"\1":""', body)


def parsed(answer, world, honest=False):
    body = plain(answer, world)
    if not answer.media_type.startswith("application/json") or not body:
        return body.decode()
    found = harness.normalise(json.loads(body), honest)
    if honest and "responses" in found:  # the gate words the errors of searches itself
        found["responses"] = [{"error": True} if "error" in item else item for item in found["responses"]]
    return found


def own_code(answer):
    """The deny code of the gate's own refusal; None for anything else."""
    if answer.status < 400 or not answer.body:
        return None
    code = harness.error_code(json.loads(answer.body))
    return None if code is None or code.startswith("upstream.") else code


def refused_items(answer):
    """The places of the searches that the gate refused by itself."""
    items = json.loads(answer.body).get("responses", ())
    codes = {place: harness.error_code(item) for place, item in enumerate(items)}
    return {place for place, code in codes.items() if code and not code.startswith("upstream.")}


def in_plain_words(value):
    """The same request, said so that OpenSearch itself keeps to it. Measured on 3.4.0: a `range` is taken out where the bounds of a shard's
    values show that nothing there matches it, and with it go the names of the queries beside it, so that a name comes back from some
    shards only; it is not looked for in a dis_max, which is where the gate puts it. And a query that cannot be read fails one search of
    an `_msearch` if it stands in a `wrapper`, and all of them if it stands there itself."""
    if isinstance(value, list):
        return [in_plain_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"wrapper"}:
        return in_plain_words(json.loads(base64.b64decode(value["wrapper"]["query"])))
    if value.keys() == {"range"} and isinstance(value["range"], dict) and "ranges" not in value["range"]:  # not the aggregation
        return {"dis_max": {"queries": [value]}}
    return {key: in_plain_words(item) for key, item in value.items()}


def fails_over_scripts(row, answer):
    """The places of the searches in an `_msearch` in which OpenSearch fails as in Worlds.fails_itself."""
    scripted = ['"script": {"script"' in json.dumps(in_plain_words(search)) for search in row["lines"][1::2]]
    failed = ['"script_exception"' in json.dumps(item) for item in json.loads(answer.body)["responses"]]
    return {place for place, both in enumerate(zip(scripted, failed)) if all(both)}


class Worlds:
    """The gates of all worlds and the node, each with a connection of its own. Not for several threads."""

    def __init__(self, node_url, holders):
        self.node = Client(node_url)
        self.holders = {world: Client(url, headers) for world, (url, headers) in holders.items()}

    @classmethod
    def of(cls, judge):
        return cls(judge.node.url, {world: (http.url, {"Authorization": http.session.headers["Authorization"]}) for world, http in judge.holders.items()})

    def difference(self, row):
        """(what is wrong or None, the status of the first answer, the gate's own deny code or None)."""
        answers = {world: answers_of(row, self.holders[world], world) for world in corpus.WORLDS}
        first = answers["v"]
        status, code = first[0].status, own_code(first[0]) if row.get("method") != "HEAD" else None
        for world in corpus.WORLDS[1:]:
            wrong = self.worlds_differ(first, answers[world], world)
            if wrong:
                return wrong, status, code
        if code is not None or row.get("direct") is False:
            return None, status, code
        return self.honest_differs(row, first), status, code

    @staticmethod
    def worlds_differ(first, others, world):
        if len(first) != len(others):
            return f"{len(first)} pages in world v, {len(others)} in world {world}"
        for one, other in zip(first, others):
            if one[:2] != other[:2]:
                return f"status {one.status} in world v, {other.status} in world {world}: {other.body[:600].decode(errors='replace')}"
            if plain(one, "v") != plain(other, world):
                found = harness.first_difference(parsed(one, "v"), parsed(other, world))
                if found:
                    return f"worlds v and {world} differ at {found}"
        return None

    @staticmethod
    def fails_itself(row, answer):
        """OpenSearch runs a script of a query on documents beside the found ones, too, and fails over them; the gate does not."""
        scripted = "query script" in row.get("used", ()) or '"script": {"script"' in harness.encode(row, "v")
        return scripted and (answer.status >= 400 or re.search(rb'"_shards":{[^{}]*"failed":[1-9]', answer.body) is not None) and b'"script_exception"' in answer.body

    def honest_differs(self, row, first):
        wrong = self.differs_from(row, first)
        plain_row = in_plain_words(row) if wrong else row
        return wrong if plain_row == row else self.differs_from(plain_row, first)

    def differs_from(self, row, first):
        """What is wrong with the gate's answers, beside those that OpenSearch itself gives to `row`."""
        if row.get("pages") == "scroll":  # with totals counted by a short cut, OpenSearch itself loses documents on the way
            row = row | {"body": row["body"] | {"terminate_after": 2_147_483_647}}
        honest = answers_of(row, self.node, "v")
        for one, other in zip(honest, first):
            if one.status >= 500:  # OpenSearch's own error, perhaps one that the gate goes round
                return None
            if self.fails_itself(row, one):
                return None
            if (one.status < 300) != (other.status < 300):
                return f"OpenSearch itself answers {one.status}: {one.body[:600].decode(errors='replace')}, the gate {other.status}: {other.body[:300].decode(errors='replace')}"
            if one.status < 300 and row.get("method") != "HEAD":
                left, right = parsed(one, "v", True), parsed(other, "v", True)
                if row.get("pages") == "scroll":  # OpenSearch asks shards it had skipped no more
                    left.pop("_shards")
                    right.pop("_shards")
                if row["path"].endswith("_msearch"):  # what the gate refuses by itself has no other answer
                    refused = refused_items(other) | fails_over_scripts(row, one)
                    left, right = ([item for place, item in enumerate(side["responses"]) if place not in refused] for side in (left, right))
                found = harness.first_difference(left, right)
                if found:
                    return f"the visible documents alone and the gate differ at {found}"
        return None if len(honest) == len(first) else f"OpenSearch itself has {len(honest)} pages, the gate {len(first)}"

    def open_features(self):
        """What of grammar.FEATURES the gate answers; the same for all of a run."""
        found = set()
        for name, made in sorted(FEATURES.items()):
            row = {"name": name, "path": "/{w}-logs-*/_search", "body": made(Draw(f"feature {name}"))}
            if answers_of(row, self.holders["v"], "v")[0].status == 200:
                found.add(name)
        return frozenset(found)

    def close(self):
        for client in (self.node, *self.holders.values()):
            client.close()


def curl(row, worlds):
    """Lines that repeat the request, one for each world; of one with pages, the first."""
    lines = []
    for world in corpus.WORLDS:
        url = f"http://{worlds.holders[world].address}"
        if "open" in row:
            lines.append(f"  curl -sS -X POST '{url}{row['open'].replace(harness.WORLD, world)}' -H \"Authorization: Bearer $TOKEN\"   # its pit_id goes into `pit`")
        lines.append("  " + case_of(row).curl(url, world))
    return "\n".join(lines)


def requests(seeds, features):
    return (generator.request(seed, features) for seed in seeds)
