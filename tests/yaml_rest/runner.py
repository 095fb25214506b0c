"""Runs the cases of the suite on a node with a gate in front of it.

What writes or administers goes to the node. What reads is sent twice, to the node and through the gate, and the answers are compared.
The gate's token has a filter that every document satisfies: a template gives each index a keyword field and a final pipeline that
fills it in, so that the filter is a real one and both answers are of the same documents.
"""
import base64
import collections
import json
import re
import time

import yaml

import compare
import suite

READS = {"search", "count", "msearch", "mget", "get", "exists", "get_source", "exists_source", "scroll", "clear_scroll", "create_pit",
         "delete_pit", "field_caps", "explain", "search_template", "msearch_template"}
BY_ID = {"get", "exists", "get_source", "exists_source", "mget", "explain"}
KNOWN = {  # cases that are answered otherwise, and why that is right
    "mget/14_alias_to_multiple_indices/Multi Get with alias that resolves to multiple indices":
        "a read by id through an alias of several indices finds the document; OpenSearch refuses to look",
}
FIELD, VALUE, NAME = "weir_all", "yes", "weir-all"
VISIBLE_SECONDS = 5

Outcome = collections.namedtuple("Outcome", "case kind detail")


class Missing(Exception):
    """A value that the gate's answer should have given is not there: an earlier call was denied."""


class Broken(Exception):
    """A step on the node itself did not go as the case says."""


class Stash(dict):
    """The values that a case has set aside."""

    def fill(self, value):
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str) or "$" not in value:
            return value
        whole = re.fullmatch(r"\$\{?([\w.]+)\}?", value)
        if whole:
            return self.look_up(whole[1]) if whole[1].split(".")[0] in self else value
        return re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda found: self.embedded(found), value)

    def embedded(self, found):
        name = found[1] or found[2]
        return str(self.look_up(name)) if name in self else found[0]

    def look_up(self, path):
        name, _, rest = path.partition(".")
        if self[name] is None:
            raise Missing(name)
        return at(self[name], rest) if rest else self[name]


def at(value, path):
    """The value at a path such as `hits.hits.0._id`; None if there is none."""
    for part in re.split(r"(?<!\\)\.", path) if path else ():
        part = part.replace("\\.", ".")
        if part == "_arbitrary_key_" and isinstance(value, dict) and value:
            return next(iter(value))
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return None
    return value


def content(response):
    """The value of an answer, whatever it is written in."""
    if "yaml" in response.headers.get("Content-Type", ""):
        return yaml.load(response.content, suite.Loader)
    try:
        return response.json() if response.content else None
    except ValueError:
        return response.text


def is_partial(answer):
    """Whether shards failed without failing the search: the gate answers in full or not at all."""
    return isinstance(answer, dict) and bool(at(answer, "_shards.failed"))


def deny_code(answer):
    """The code of Weir's own refusal in an error body or in the place of an item."""
    error = answer.get("error") if isinstance(answer, dict) else None
    causes = error.get("root_cause") if isinstance(error, dict) else None
    return causes[0].get("code") if causes and isinstance(causes[0], dict) else None


def pointer(answer):
    return answer["error"]["root_cause"][0].get("path")


class Runner:
    """One node, one gate, one token. The node is the runner's own: between two cases everything in it is deleted."""

    def __init__(self, node, gate, profile, tests, *, unfiltered=False):
        self.node, self.tests, self.profile = node, tests, profile
        self.sealed = profile == "sealed"
        self.prepare()
        self.gate = gate.as_holder(gate.create_token([] if unfiltered else [(FIELD, VALUE)]))

    # --- the node ------------------------------------------------------------------------------------------------------

    def prepare(self):
        self.node.json("PUT", f"/_ingest/pipeline/{NAME}", {"processors": [{"set": {"field": FIELD, "value": VALUE}}]})
        self.node.json("PUT", f"/_template/{NAME}", {"index_patterns": ["*"], "order": -1_000,
                                                     "settings": {"index.final_pipeline": NAME},
                                                     "mappings": {"properties": {FIELD: {"type": "keyword"}}}})

    def wipe(self, apis):
        """Takes away what a case that called these APIs may have left."""
        if "indices.put_index_template" in apis or "indices.create_data_stream" in apis:
            self.node.request("DELETE", "/_data_stream/*")
        self.node.json("DELETE", "/*?expand_wildcards=all&ignore_unavailable=true")
        if any(api.startswith(("indices.put_template", "ingest.")) for api in apis):
            for kind in ("_template", "_ingest/pipeline"):
                for name in self.node.json("GET", f"/{kind}"):
                    if name != NAME:
                        self.node.request("DELETE", f"/{kind}/{name}")
        if "indices.put_index_template" in apis:
            self.node.request("DELETE", "/_index_template/*")
        if "cluster.put_component_template" in apis:
            self.node.request("DELETE", "/_component_template/*")
        if any(api.startswith("search_pipeline") for api in apis):
            self.node.request("DELETE", "/_search/pipeline/*")
        if "cluster.put_settings" in apis:
            self.node.request("PUT", "/_cluster/settings", {"persistent": {"*": None}, "transient": {"*": None}})
        if "scroll" in apis or "create_pit" in apis or "search" in apis:
            self.node.request("DELETE", "/_search/scroll/_all")
            self.node.request("DELETE", "/_search/point_in_time/_all")

    # --- a case --------------------------------------------------------------------------------------------------------

    def run(self, case):
        """The outcome: what became of the case's reading calls, the worst first."""
        apis = {api for api, _ in case.calls()}
        reason = case.skipped(self.node.version)
        if reason:
            return Outcome(case, "skipped", reason)
        self.direct_stash, self.gate_stash = Stash(), Stash()
        self.answer = self.gate_answer = None
        self.findings, self.dirty, self.reads, self.by_number = [], True, 0, False
        try:
            for kind, value in case.setup + case.steps:
                self.step(kind, value)
        except Broken as error:
            return Outcome(case, "broken", str(error))
        finally:
            self.wipe(apis)
        for kind in ("differing", "denied"):
            for found, detail in self.findings:
                if found == kind:
                    return Outcome(case, "known" if kind == "differing" and case.id in KNOWN else kind, detail)
        return Outcome(case, "passed", f"{self.reads} calls") if self.reads else Outcome(case, "skipped", "reads nothing")

    def step(self, kind, value):
        if kind == "do":
            self.call(value)
        elif kind == "set":
            for path, name in value.items():
                self.direct_stash[name] = at(self.answer, self.direct_stash.fill(path))
                self.gate_stash[name] = at(self.gate_answer, self.direct_stash.fill(path))
        elif kind == "transform_and_set":
            for name, rule in value.items():
                paths = re.fullmatch(r"#base64EncodeCredentials\((.+),(.+)\)", rule)
                joined = ":".join(str(at(self.answer, path.strip())) for path in paths.groups())
                self.direct_stash[name] = self.gate_stash[name] = base64.b64encode(joined.encode()).decode()

    def call(self, do):
        api, arguments = suite.call_of(do)
        catch = do.get("catch")
        try:
            request = self.tests.apis[api].request(self.direct_stash.fill(arguments))
        except suite.CannotBuild as error:
            if catch:
                return
            raise Broken(str(error)) from None
        headers = self.direct_stash.fill(do.get("headers") or {})
        if api in READS:
            self.read(api, arguments, request, headers)
        else:
            self.dirty = True
        if api not in READS or not self.findings:
            response = self.direct_response if api in READS else self.send(self.node, api, request, headers)
            self.check(api, arguments, catch, response)
            if api not in READS:
                self.answer = self.gate_answer = content(response)

    def send(self, http, api, request, headers):
        method, target, body = request
        if body is None:
            return http.request(method, target, headers=headers)
        if api in suite.MANY_LINES:
            return http.request(method, target, ndjson=suite.lines_of(body), headers=headers)
        return http.request(method, target, suite.json_of(body) if isinstance(body, str) else body, headers=headers)

    def check(self, api, arguments, catch, response):
        """Whether the node answers as the case expects; if not, nothing that follows means anything."""
        ignored = arguments.get("ignore", ())
        if response.ok or response.request.method == "HEAD" or catch or str(response.status_code) in suite.text(ignored):
            return
        raise Broken(f"{api}: {response.status_code} {response.text[:300]}")

    # --- a read --------------------------------------------------------------------------------------------------------

    def read(self, api, arguments, request, headers):
        self.reads += 1
        if self.dirty or api in BY_ID:
            self.await_visible(api)
        direct = self.direct_response = self.send(self.node, api, request, headers)
        self.answer, self.gate_answer = content(direct), None
        try:
            request = self.tests.apis[api].request(self.gate_stash.fill(arguments))
        except Missing as error:
            return self.note("denied", f"{self.first_code() or 'cursor.invalid'} (earlier: `{error}`)")
        gate = self.send(self.gate, api, request, headers)
        answer = content(gate)
        if direct.request.method == "HEAD" and gate.status_code >= 400:  # the code is in the body that a GET has
            answer = content(self.send(self.gate, api, ("GET", *request[1:]), headers))
        if gate.ok or direct.request.method == "HEAD":
            self.gate_answer = answer
        self.judge(api, request, headers, direct, gate, answer)

    def await_visible(self, api):
        """Reads through the gate see what searches see, and an index is in scope once the gate has looked at it."""
        if api in BY_ID:
            self.node.request("POST", "/_refresh")
        if not self.dirty:
            return
        deadline = time.monotonic() + VISIBLE_SECONDS
        while time.monotonic() < deadline:
            direct, gate = (http.request("GET", f"/_field_caps?fields={FIELD}") for http in (self.node, self.gate))
            if not direct.ok or (gate.ok and direct.json()["indices"] == gate.json()["indices"]):
                break
            time.sleep(0.05)
        self.dirty = False

    def judge(self, api, request, headers, direct, gate, answer):
        code = deny_code(answer)
        if gate.status_code >= 400 and direct.status_code >= 400 and gate.status_code != 403:
            return  # both refuse; the gate's statuses and texts are its own
        if code and (not code.startswith("upstream.") or is_partial(self.answer)):
            self.note("denied", f"{code} {pointer(answer) or ''}".strip())
        elif gate.status_code != direct.status_code:
            self.note("differing", f"{api}: direct {direct.status_code} {direct.text[:200]}, gate {gate.status_code} {gate.text[:300]}")
        elif direct.request.method != "HEAD":
            self.compare(api, request, headers, answer)

    def compare(self, api, request, headers, answer):
        items = [item for key in ("responses", "docs") if isinstance(answer, dict) for item in answer.get(key, ())]
        for place, item in enumerate(items):
            code = deny_code(item)
            if code and not code.startswith("upstream."):
                return self.note("denied", f"{code} {pointer(item) or ''} of item {place}")
        text = request[1] + json.dumps(request[2] or "")
        if api == "search":
            self.by_number = re.search(r"\b_doc\b", text.replace("/_doc", "")) is not None
        by_number = self.by_number and api in ("search", "scroll")
        level = self.sealed or "fuzz" in text
        direct, gate = (compare.normalise(value, level, by_number) for value in (self.answer, answer))
        found = compare.difference(direct, gate)
        if found and (level or by_number):
            found = compare.difference(*compare.without_cut(direct, gate))
        if found and "collapse" in text:
            found = compare.difference(*compare.without_ties(direct, gate))
        if found:
            self.note("differing", f"{api}: {found}\n    {request[0]} {request[1]} {json.dumps(request[2])[:1_000]}")

    def note(self, kind, detail):
        self.findings.append((kind, detail))

    def first_code(self):
        return next((detail.split(" ")[0] for kind, detail in self.findings if kind == "denied"), None)
