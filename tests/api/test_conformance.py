"""The recorded exchanges of tests/api/conformance, one after the other against a fresh account, on every kind of store.

A file holds steps, and the configuration they need if that is not the default: a request, and the answer to it in full (status, named headers, and the body with exactly these keys). In an
answer `<id:NAME>` is an id, the same wherever it stands; `<secret:NAME>` a secret likewise, `<new:NAME>` one that was never seen;
`<etag:NAME>` and `<new-etag:NAME>` likewise for entity tags; `<time>` seconds with nine digits; `<int>` a whole number; `<text>` any
text. `{NAME}` in paths, headers and texts stands for what was seen under the name."""
import json
import pathlib
import re
import subprocess

import pytest

FOLDER = pathlib.Path(__file__).parent / "conformance"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CONFIG = """
[[account]]
name = "default"
indices = ["logs-*"]
[[account]]
name = "other"
indices = ["logs-*"]
max_tokens = 3
confirm_widening = true
"""


class Number(str):
    """A number with a fraction, as it was written."""


class Replay:
    def __init__(self, known):
        self.known, self.seen = dict(known), {}

    def fill(self, value):
        """What a step sends, with names replaced."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith("<id:"):
            return int(self.known[value[4:-1]])
        return re.sub(r"\{(\w+)\}", lambda match: str(self.known[match[1]]), value)

    def check(self, wanted, got, where):
        if isinstance(wanted, dict):
            assert isinstance(got, dict) and list(got) == list(wanted), f"{where}: keys {got}"
            for key in wanted:
                self.check(wanted[key], got[key], f"{where}/{key}")
        elif isinstance(wanted, list):
            assert isinstance(got, list) and len(got) == len(wanted), f"{where}: {got}"
            for place, item in enumerate(wanted):
                self.check(item, got[place], f"{where}/{place}")
        elif isinstance(wanted, str) and wanted.startswith("<"):
            self.check_kind(wanted[1:-1], got, where)
        else:
            wanted = self.fill(wanted)
            assert type(got) in (type(wanted), Number) and got == wanted, f"{where}: {got!r} instead of {wanted!r}"

    def check_kind(self, kind, got, where):
        kind, _, name = kind.partition(":")
        good = {"int": lambda: isinstance(got, int), "id": lambda: isinstance(got, int) and 0 < got < 2**31,
                "text": lambda: isinstance(got, str) and got, "time": lambda: isinstance(got, Number) and re.fullmatch(r"\d+\.\d{9}", got),
                "secret": lambda: UUID.fullmatch(got), "new": lambda: UUID.fullmatch(got),
                "etag": lambda: re.fullmatch(r'"[!-~]+"', got), "new-etag": lambda: re.fullmatch(r'"[!-~]+"', got)}[kind]()
        assert good, f"{where}: {got!r} is no {kind}"
        if not name:
            return
        key = {"id": name, "new": f"secret_{name}", "new-etag": f"etag_{name}"}.get(kind, f"{kind}_{name}")
        if kind.startswith("new"):
            assert got not in self.seen.setdefault(key, []), f"{where}: seen before"
        elif key in self.known:
            assert got == self.known[key], f"{where}: {got!r} instead of {self.known[key]!r}"
        self.seen.setdefault(key, []).append(got)
        self.known[key + "_new" if kind == "new-etag" else key] = got  # the old tag stays known, to be refused

    def run(self, admin, step):
        request, answer = step["request"], step["response"]
        got = admin.request(request["method"], self.fill(request["path"]), self.fill(request.get("body")), headers=self.fill(request.get("headers")))
        where = step["what"]
        assert got.status_code == answer["status"], f"{where}: {got.status_code} {got.text}"
        for name, value in answer.get("headers", {}).items():
            self.check(value, got.headers.get(name), f"{where}: {name}")
        if answer.get("empty"):
            assert got.content == b"", where
        else:
            self.check(answer["body"], json.loads(got.text, parse_float=Number), where)


def api_token(weir, *words):
    made = subprocess.run([weir.command()[0], "api-token", "create", "--data", weir.folder / "data", "--store", weir.store, *words], capture_output=True, text=True, check=True, timeout=30)
    return made.stdout.strip()


@pytest.mark.parametrize("recording", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_the_recorded_exchanges(start_weir, upstream, any_store, recording):
    recorded = json.loads((FOLDER / f"{recording}.json").read_text())
    weir = start_weir(upstream, indices=None, config=recorded.get("config", "") + CONFIG, store=any_store)
    replay = Replay({"reader": api_token(weir, "--permissions", "read"), "other": api_token(weir, "--account", "other")})
    assert len(recorded["steps"]) > 10
    for step in recorded["steps"]:
        replay.run(weir.admin, step)


def test_both_bodies_are_held_to_the_same():
    """The recordings of the flat and the wrapped body differ in what is sent, and in nothing else."""
    flat, wrapped = ([(step["what"], step["response"]) for step in json.loads((FOLDER / f"{name}.json").read_text())["steps"]]
                     for name in ("published", "published_wrapped"))
    assert flat == wrapped
    sent = json.loads((FOLDER / "published_wrapped.json").read_text())["steps"]
    assert all(list(step["request"]["body"]) == ["post"] for step in sent if step["request"]["method"] == "POST")
