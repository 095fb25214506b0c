"""OpenSearch's own REST tests as values: the API descriptions and the test cases of the artifact `rest-api-spec`, read from its jar.

The cases are YAML as Jackson reads it, not as YAML 1.1 has it: `on`, `yes` and `2016-01-01` are strings there.
"""
import json
import pathlib
import re
import subprocess
import urllib.parse
import zipfile

import yaml

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
BESIDE_CALLS = {"catch", "headers", "warnings", "allowed_warnings", "allowed_warnings_regex", "node_selector"}
MANY_LINES = {"bulk", "msearch", "msearch_template"}  # bodies of several values
FEATURES = {"allowed_warnings", "arbitrary_key", "close_to", "contains", "default_shards", "embedded_stash_key", "headers", "node_selector", "regex",
            "stash_in_key", "stash_in_path", "stash_path_replacement", "transform_and_set", "warnings", "yaml"}


class Loader(yaml.SafeLoader):
    """YAML with Jackson's idea of scalars."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False|TRUE|FALSE)$"), list("tfTF"))
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
                             list("-+.0123456789"))


def construct_decimal(loader, node):
    return int(loader.construct_scalar(node))


def construct_fraction(loader, node):
    return float(loader.construct_scalar(node))


Loader.add_constructor("tag:yaml.org,2002:int", construct_decimal)
Loader.add_constructor("tag:yaml.org,2002:float", construct_fraction)


class CannotBuild(Exception):
    """The arguments name no path of the API: what OpenSearch's own runner refuses before it sends anything."""


class Api:
    """One API description."""

    def __init__(self, name, description):
        self.name = name
        self.paths = [(path["path"], frozenset(path.get("parts", ())), path["methods"]) for path in description["url"]["paths"]]
        self.params = description.get("params", {}).keys()

    def request(self, arguments):
        """(method, target, body): `arguments` as they stand in a `do`, with all stashed values filled in."""
        arguments = dict(arguments)
        body, _ = arguments.pop("body", None), arguments.pop("ignore", None)
        fitting = [path for path in self.paths if path[1] <= arguments.keys()]
        if not fitting:
            raise CannotBuild(f"{self.name} has no path for {sorted(arguments)}")
        path, parts, methods = max(fitting, key=lambda path: len(path[1]))
        for part in parts:
            path = path.replace("{%s}" % part, urllib.parse.quote(text(arguments.pop(part)), safe=",*-_.~"))
        query = urllib.parse.urlencode({name: text(value) for name, value in arguments.items()})
        method = "POST" if body is not None and "POST" in methods and "GET" in methods else methods[0]
        if "PUT" in methods and "POST" in methods:
            method = "PUT"
        return method, path + (f"?{query}" if query else ""), body


def text(value):
    if isinstance(value, list):
        return ",".join(map(text, value))
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def lines_of(body):
    """The values of a body of many lines, whatever way they are written."""
    if isinstance(body, str):
        return [json_of(line) for line in body.splitlines() if line.strip()]
    return [value for item in (body if isinstance(body, list) else [body]) for value in (lines_of(item) if isinstance(item, str) else [item])]


def json_of(string):
    try:
        return json.loads(string)
    except ValueError:
        return yaml.load(string, Loader)


class Case:
    """One named test: its steps, with the setup before and the teardown after them. A step is (kind, value)."""

    def __init__(self, file, name, setup, steps, teardown):
        self.file, self.name, self.setup, self.steps, self.teardown = file, name, setup, steps, teardown
        self.directory = file.split("/")[0]
        self.id = f"{file.removesuffix('.yml')}/{name}"

    def calls(self):
        """(API, arguments) of every `do`, those of setup and teardown too."""
        for kind, value in self.setup + self.steps + self.teardown:
            if kind == "do":
                yield call_of(value)

    def own_apis(self):
        """The APIs that the case itself calls, its file's setup and teardown left aside."""
        return {call_of(value)[0] for kind, value in self.steps if kind == "do"}

    def skipped(self, version):
        """Why the case is not for this node or this runner, or None."""
        for kind, value in self.setup + self.steps:
            if kind != "skip":
                continue
            features = value.get("features", [])
            unknown = set([features] if isinstance(features, str) else features) - FEATURES
            if unknown:
                return f"needs {', '.join(sorted(unknown))}"
            if "version" in value and in_range(version, value["version"]):
                return f"not for {version}"
        return None


def call_of(do):
    (api, arguments), = ((key, value) for key, value in do.items() if key not in BESIDE_CALLS)
    return api, arguments or {}


def in_range(version, ranges):
    def numbers(string):
        return tuple(int(number) for number in re.findall(r"\d+", string)[:3])

    ranges = str(ranges)
    if ranges.strip() == "all":
        return True
    for one in ranges.split(","):
        low, _, high = one.partition("-")
        if (not low.strip() or numbers(low) <= numbers(version)) and (not high.strip() or numbers(version) <= numbers(high)):
            return True
    return False


def steps_of(rows):
    """Steps as pairs; a `do` that names two APIs is two steps."""
    steps = []
    for kind, value in (pair for row in rows or () for pair in row.items()):
        calls = [key for key in value if key not in BESIDE_CALLS] if kind == "do" else []
        steps += [(kind, {key: value[key] for key in value if key == call or key in BESIDE_CALLS}) for call in calls] or [(kind, value)]
    return steps


class Suite:
    """The artifact that belongs to a node's version."""

    def __init__(self, node_version):
        jar = subprocess.run([SUPPORT / "rest-api-spec", node_version], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.artifact = pathlib.Path(jar).stem
        self.apis, self.cases = {}, []
        with zipfile.ZipFile(jar) as archive:
            for name in sorted(archive.namelist()):
                if re.fullmatch(r"rest-api-spec/api/[^_/][^/]*\.json", name):
                    for api, description in json.loads(archive.read(name)).items():
                        self.apis[api] = Api(api, description)
                elif name.startswith("rest-api-spec/test/") and name.endswith(".yml"):
                    self.cases += self.read(name.removeprefix("rest-api-spec/test/"), archive.read(name).decode())

    def read(self, file, content):
        documents = [document for document in yaml.load_all(content, Loader) if document]
        sections = {name: steps_of(rows) for document in documents for name, rows in document.items() if name in ("setup", "teardown")}
        for document in documents:
            for name, rows in document.items():
                if name not in ("setup", "teardown"):
                    yield Case(file, name, sections.get("setup", []), steps_of(rows), sections.get("teardown", []))
