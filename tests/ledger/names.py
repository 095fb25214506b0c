"""The two sides that are compared: the engine's ledger, and the names OpenSearch knows."""
import dataclasses
import functools
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# What a registry of the server is called in the ledger. Kinds that are not here have the same name on both sides.
KINDS = {
    "QueryBuilder": "query",
    "BaseAggregationBuilder": "agg",
    "ScoreFunctionBuilder": "score function",
    "IntervalsSourceProvider": "intervals rule",
    "SignificanceHeuristic": "significance heuristic",
    "SuggestionBuilder": "suggester",
    "Highlighter": "highlighter",
    "SortBuilder": "sort",
    "RescorerBuilder": "rescorer",
}

# Registries of names that no search holds, each with the endpoints whose bodies do; those are in the ledger as routes.
ELSEWHERE = {
    "AllocationCommand": ["POST /_cluster/reroute"],
    "Condition": ["POST /{index}/_rollover"],
    "Custom": ["GET /_cluster/state"],
    "EvaluationMetric": ["POST /_rank_eval", "POST /{index}/_rank_eval"],
    "MetricDetail": ["POST /_rank_eval", "POST /{index}/_rank_eval"],
}


@dataclasses.dataclass(frozen=True)
class Row:
    kind: str
    name: str
    decision: str
    code: str
    note: str


def ledger_program():
    """weir_tables from the build whose program is tested."""
    binary = os.environ.get("WEIR_BINARY")
    build = pathlib.Path(binary).resolve().parent.parent if binary else ROOT / "build" / "dev"
    return build / "engine" / "tools" / "weir_tables"


@functools.cache
def ledger():
    """The engine's rows as {(kind, name): Row}. Endpoints have the names of their placeholders left out."""
    lines = subprocess.run([ledger_program(), "--ledger-lines"], check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [Row(*line.split("\t")) for line in lines]
    found = {(row.kind, plain_route(row.name) if row.kind == "route" else row.name): row for row in rows}
    assert len(found) == len(rows), "two rows for one name"
    return found


@functools.cache
def extractor():
    loader = importlib.machinery.SourceFileLoader("ledger_extract", str(pathlib.Path(__file__).parent / "extract"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = keep
    return module


@functools.cache
def known(version, source):
    """What OpenSearch knows: a set of (kind, name)."""
    pairs = extractor().registries(version) if source == "registries" else extractor().specification(version)
    return {(KINDS.get(kind, kind), name) for kind, name in pairs}


def plain_route(route):
    """`GET _wlm/{nodeId}/stats/` as `GET /_wlm/{}/stats`: the names of placeholders differ from source to source."""
    method, path = route.split(" ", 1)
    path = re.sub(r"\{[^}]*\}", "{}", path.strip("/"))
    return f"{method} /{path}"


def reasons():
    """The text of each deny code."""
    text = (ROOT / "engine" / "include" / "weir" / "deny_codes.def").read_text(encoding="utf-8")
    return dict(re.findall(r'^WEIR_DENY\(\w+, *"([^"]+)", *\d+, "(.*)"\)$', text, re.MULTILINE))


def is_plugin(row):
    """A name that the core and its modules do not know: its note says whose it is."""
    return row.note.startswith("plugin ")
