"""Cases as data, sent through the gate into three worlds and straight to the visible documents, and the comparison of the answers.

A case is an object in cases/*.json; README.md beside this file says what may stand in it. Nothing here knows what leaks: an allowed
request must be answered alike in every world and as by an index that holds nothing but the visible documents, and a denied
one must be denied alike, with its code, before OpenSearch sees it.
"""
import copy
import json
import math
import pathlib
import re
import shlex
import urllib.parse

import corpus

HERE = pathlib.Path(__file__).resolve().parent
DENY_CODES = HERE.parent.parent / "engine" / "include" / "weir" / "deny_codes.def"
VERSIONS = ("3.4.0", "2.19.4")
WORLD = "{w}"  # in a case: the letter of the world
CURSORS = ("_scroll_id", "pit_id")
COUNTERS = ("_seq_no", "_primary_term", "_version", "_routing")  # of a document read by id
ROUNDING = 1e-12  # fractions are added up segment by segment: their last digits follow the segments
VOLATILE_HEADERS = ("date", "x-weir-request-id", "content-length")


def deny_codes():
    """code -> HTTP status, from the engine's table."""
    return {code: int(status) for code, status in re.findall(r'WEIR_DENY\(\w+,\s*"([^"]+)",\s*(\d+)', DENY_CODES.read_text())}


# --- cases -------------------------------------------------------------------------------------------------------------


class Case:
    """One request and what has to come of it."""

    FIELDS = {"name", "method", "path", "params", "headers", "body", "lines", "text", "expect", "threat", "direct", "why", "note", "fails_on",
              "status"}

    def __init__(self, row):
        unknown = row.keys() - self.FIELDS
        assert not unknown, f"{row.get('name')}: unknown members {unknown}"
        self.name, self.method, self.path = row["name"], row.get("method", "POST"), row.get("path", "/{w}-logs-*/_search")
        self.params, self.headers = row.get("params", {}), row.get("headers", {})
        self.body, self.lines, self.text = row.get("body"), row.get("lines"), row.get("text")
        self.expect, self.threat = row.get("expect", "equal"), row.get("threat")
        self.fails_on = row.get("fails_on", {})
        self.direct, self.status = row.get("direct", True), row.get("status", 200)
        self.is_denied = all(expect.startswith("denied:") for expect in ([self.expect] if isinstance(self.expect, str) else self.expect))
        assert self.direct is True or "why" in row, f"{self.name}: a case that is not compared directly says why"

    def target(self, world):
        path = self.path.replace(WORLD, world)
        if isinstance(self.params, str):
            return f"{path}?{self.params.replace(WORLD, world)}"
        query = urllib.parse.urlencode({name: str(value).replace(WORLD, world) for name, value in self.params.items()})
        return f"{path}?{query}" if query else path

    def payload(self, world):
        """The body's bytes (None: no body) and the headers."""
        headers = dict(self.headers)
        if self.text is not None:
            headers.setdefault("Content-Type", "application/json")
            return self.text.replace(WORLD, world).encode("utf-8", "surrogatepass"), headers
        if self.lines is not None:
            headers.setdefault("Content-Type", "application/x-ndjson")
            return "".join(encode(line, world) + "\n" for line in self.lines).encode(), headers
        if self.body is not None:
            headers.setdefault("Content-Type", "application/json")
            return encode(self.body, world).encode(), headers
        return None, headers

    def send(self, http, world):
        data, headers = self.payload(world)
        return http.request(self.method, self.target(world), data=data, headers=headers)

    def curl(self, url, world):
        """A line that repeats the request; `$TOKEN` stands for the token."""
        data, headers = self.payload(world)
        words = ["curl", "-sS", "--path-as-is", "-X", self.method, url + self.target(world)]
        for name, value in headers.items():
            words += ["-H", f"{name}: {value}"]
        if self.method == "HEAD":
            words[words.index("-X"):words.index("-X") + 2] = ["-I"]
        if data is not None:
            words += ["--data-binary", data.decode("utf-8", "backslashreplace")]
        return shlex.join(words) + ' -H "Authorization: Bearer $TOKEN"'


def encode(value, world):
    return value.replace(WORLD, world) if isinstance(value, str) else json.dumps(value, ensure_ascii=False).replace(WORLD, world)


def fill(template, payload):
    """`template` with every "$payload" replaced by `payload`."""
    if template == "$payload":
        return copy.deepcopy(payload)
    if isinstance(template, dict):
        return {key: fill(value, payload) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, payload) for value in template]
    return template


def expand(document):
    """The rows of one file: its cases, and every payload of a matrix in every carrier."""
    yield from document.get("cases", ())
    for matrix in document.get("matrices", ()):
        for payload in matrix["payloads"]:
            for carrier in matrix["carriers"]:
                if carrier["name"] in payload.get("not_in", ()):
                    continue
                row = {key: value for key, value in carrier.items() if key not in ("name", "item")}
                for part in ("body", "lines"):
                    if part in row:
                        row[part] = fill(row[part], payload["payload"])
                expect = payload.get("expect", "equal")
                if "item" in carrier:  # one of several searches
                    expect = [expect if place == carrier["item"] else "equal" for place in range(len(row["lines"]) // 2)]
                yield row | {"name": f"{payload['name']} in {carrier['name']}", "expect": expect,
                             **{key: payload[key] for key in ("threat", "direct", "why", "fails_on") if key in payload}}


def load_cases():
    cases = {}
    for path in sorted((HERE / "cases").glob("*.json")):
        for row in expand(json.loads(path.read_text())):
            case = Case(row)
            case.name = f"{path.stem}: {case.name}"
            assert case.name not in cases, f"two cases named {case.name}"
            cases[case.name] = case
    return cases


# --- answers -----------------------------------------------------------------------------------------------------------


def comparable_text(response, world):
    """The body with the world's name taken out."""
    return response.text.replace(f"{world}-logs-", "w-logs-")


def is_json(response):
    return response.headers.get("Content-Type", "").startswith("application/json") and response.content != b""


def sort_key(hit):
    return json.dumps([hit.get("_index"), hit.get("_id"), hit.get("_nested"), hit.get("_source"), hit.get("fields"), hit], sort_keys=True)


def order_ties(hits):
    """Hits of equal sort values, in one order: which of them comes first follows the segments, not the documents."""
    ordered, group = [], []
    for hit in hits:
        if group and hit.get("sort") != group[0].get("sort"):
            ordered += sorted(group, key=sort_key)
            group = []
        group.append(hit)
    return ordered + sorted(group, key=sort_key)


def order_equal_scores(buckets):
    """Buckets of significant terms that score alike, in one order: as with hits, their own follows the segments."""
    places = {score: place for place, score in reversed(list(enumerate(bucket["score"] for bucket in buckets)))}
    return sorted(buckets, key=lambda bucket: (places[bucket["score"]], str(bucket["key"])))


def normalise(value, honest=False):
    """What has to be equal of an answer. `honest`: beside the answer of an index that holds the visible documents only, scores are
    levelled, the counters of writes are gone (and the routing: OpenSearch leaves it out of a document without source), and so is what tells how OpenSearch went about it."""
    if isinstance(value, list):
        return [normalise(item, honest) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key == "took":
            continue
        if key == "bg_count" and value.get("doc_count") == 0:  # of the shards that OpenSearch asked before it knew that nothing matches
            item = 0
        if key in CURSORS or (key == "creation_time" and "pit_id" in value):
            item = f"a {key}"
        elif honest and key in ("_score", "max_score") and isinstance(item, (int, float)):
            item = "a score"
        elif honest and (key in ("terminated_early", "skipped") or (key == "status" and "hits" in value) or (key == "meta" and item == {}) or (key in COUNTERS and "found" in value)):
            continue
        elif key == "hits" and isinstance(item, list):
            item = order_ties([normalise(hit, honest) for hit in item])
        else:
            item = normalise(item, honest)
            if key == "buckets" and isinstance(item, list) and item and "bg_count" in item[0]:
                item = order_equal_scores(item)
        result[key] = item
    return result


def content(response, world, honest=False):
    text = comparable_text(response, world)
    return normalise(json.loads(text), honest) if is_json(response) else text


def headers(response):
    return {name.lower(): value for name, value in response.headers.items() if name.lower() not in VOLATILE_HEADERS}


def error_code(answer):
    """The deny code of an error body, or of the error in an item's place."""
    error = answer.get("error") if isinstance(answer, dict) else None
    causes = error.get("root_cause") if isinstance(error, dict) else None
    return causes[0].get("code") if causes else None


def first_difference(left, right, path=""):
    """Where two normalised answers part, for people."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if key not in left or key not in right:
                return f"{path}/{key}: only in the {'second' if key not in left else 'first'}: {json.dumps((right if key not in left else left)[key])[:300]}"
            found = first_difference(left[key], right[key], f"{path}/{key}")
            if found:
                return found
        return None
    if isinstance(left, list) and isinstance(right, list):
        for place, (one, other) in enumerate(zip(left, right)):
            found = first_difference(one, other, f"{path}/{place}")
            if found:
                return found
        return None if len(left) == len(right) else f"{path}: {len(left)} items and {len(right)}"
    if isinstance(left, float) and isinstance(right, float) and math.isclose(left, right, rel_tol=ROUNDING, abs_tol=ROUNDING):
        return None
    return None if left == right and type(left) is type(right) else f"{path}: {json.dumps(left)[:300]} and {json.dumps(right)[:300]}"


# --- judgement ---------------------------------------------------------------------------------------------------------


class Judge:
    """Sends cases to the worlds and says what is wrong with the answers."""

    def __init__(self, node, gates):
        self.node, self.gates = node, gates  # an OpenSearch; world -> a running gate
        self.holders = {world: gate.as_holder(gate.create_token([("team", corpus.VISIBLE_TEAM)])) for world, gate in gates.items()}
        self.codes = deny_codes()

    def searches_seen(self):
        """How many searches and reads the node has carried out."""
        total = self.node.json("GET", "/_stats/search,get?filter_path=_all.total")["_all"]["total"]
        return (total["search"]["query_total"], total["search"]["fetch_total"], total["search"]["scroll_total"],
                total["search"].get("point_in_time_total"), total["get"]["total"])

    def check(self, case):
        """Raises AssertionError with a line to repeat the request."""
        before = self.searches_seen() if case.is_denied else None
        answers = {world: case.send(self.holders[world], world) for world in corpus.WORLDS}
        try:
            self.check_worlds_agree(answers, case.fails_on.get(self.node.version))
            if isinstance(case.expect, list):
                self.check_items(case, answers["v"])
            elif case.expect == "equal":
                self.check_honest(case, answers["v"])
            else:
                self.check_refused(case, answers["v"])
            assert before is None or self.searches_seen() == before, "OpenSearch was asked although the request is denied"
        except AssertionError as error:
            lines = [str(error)] + [f"  {case.curl(self.holders[world].url, world)}" for world in corpus.WORLDS]
            lines.append(f"  gate: {answers['v'].status_code} {answers['v'].text[:1_500]}")
            raise AssertionError("\n".join(lines)) from None

    def check_worlds_agree(self, answers, failing=None):
        """`failing`: the code of an error that this version of OpenSearch gives where it searches in several threads (corpus.THREADS)."""
        first = answers["v"]
        for world in corpus.WORLDS[1:]:
            other = answers[world]
            if failing and f'"code":"{failing}"' in other.text:
                continue
            assert first.status_code == other.status_code, f"status {first.status_code} in world v, {other.status_code} in world {world}: {other.text[:600]}"
            difference = first_difference(content(first, "v"), content(other, world))
            assert difference is None, f"worlds v and {world} differ at {difference}"
            assert headers(first) == headers(other), f"headers of worlds v and {world} differ: {headers(first)} and {headers(other)}"
            if first.request.method == "HEAD" or not is_json(first):
                assert first.headers.get("Content-Length") == other.headers.get("Content-Length"), "the lengths differ"

    def check_honest(self, case, answer):
        assert answer.status_code == case.status, f"status {answer.status_code} instead of {case.status}"
        if case.direct is not True:
            return
        honest = case.send(self.node, "v")
        assert honest.status_code == answer.status_code, f"OpenSearch itself answers {honest.status_code}: {honest.text[:600]}"
        if case.method != "HEAD":
            difference = first_difference(content(honest, "v", True), content(answer, "v", True))
            assert difference is None, f"the visible documents alone and the gate differ at {difference}"

    def check_refused(self, case, answer):
        how, code = case.expect.split(":")
        assert how in ("denied", "refused") and code in self.codes, f"`{case.expect}` is not an expectation"
        found = error_code(answer.json()) if is_json(answer) else None
        assert (answer.status_code, found) == (self.codes[code], code), f"{answer.status_code} {found} instead of {self.codes[code]} {code}"

    def check_items(self, case, answer):
        assert answer.status_code == 200, f"status {answer.status_code} instead of 200"
        allowed = Case({"name": case.name, "method": case.method, "path": case.path, "params": case.params, "headers": case.headers,
                        "lines": [line for place, line in enumerate(case.lines) if case.expect[place // 2] == "equal"]})
        honest = content(allowed.send(self.node, "v"), "v", True)["responses"] if allowed.lines else []
        items = content(answer, "v", True)["responses"]
        assert len(items) == len(case.expect), f"{len(items)} items instead of {len(case.expect)}"
        for place, (expect, item) in enumerate(zip(case.expect, items)):
            if expect == "equal":
                difference = first_difference(honest.pop(0), item)
                assert difference is None, f"item {place}: the visible documents alone and the gate differ at {difference}"
            else:
                code = expect.split(":")[1]
                assert (error_code(item), item.get("status")) == (code, self.codes[code]), f"item {place}: {json.dumps(item)[:300]} instead of {code}"
