"""Every name that OpenSearch knows has a decision in the engine's ledger.

OpenSearch's side is read from the servers themselves (their registries and parsers, tests/ledger/extract) and from its API
specification; the engine's side is printed by weir_tables from the tables that the engine decides by. Nothing is listed here."""
import json
import subprocess

import pytest

import names

VERSIONS = ["3.4.0", "2.19.4"]
SOURCES = ["registries", "specification"]
ANSWERED = 0.9  # at least this part of what a server registers
SECTIONS = {"route", "param", "param of all", *names.ELSEWHERE}

# Reasons that say no more than that something is denied. A name's own reason has to say why.
BARE = {"query.denied", "agg.denied", "body.key_denied", "param.denied", "sort.denied", "script.denied", "route.plugin",
        "route.unsupported", "route.script"}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_name_in_a_body_has_a_decision(version):
    known = {pair for pair in names.known(version, "registries") if pair[0] not in SECTIONS}
    assert len(known) > 250
    assert sorted(known - names.ledger().keys()) == []


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_route_has_a_decision(version, source):
    known = {("route", names.plain_route(name)) for kind, name in names.known(version, source) if kind == "route"}
    assert len(known) > 300
    assert sorted(known - names.ledger().keys()) == []


def served_routes():
    """{plain route: the name of the endpoint}, as the tables of weir_tables --ledger-lines tell them apart."""
    return {name: row.note.split(":", 1)[0] for (kind, name), row in names.ledger().items()
            if kind == "route" and row.decision != "denied"}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_parameter_of_a_served_route_has_a_decision(version, source):
    served = served_routes()
    wanted = set()
    for kind, name in names.known(version, source):
        if kind == "param":
            route, param = name.rsplit(" ", 1)
            if names.plain_route(route) in served:
                wanted.add(("param", f"{served[names.plain_route(route)]} {param}"))
    if source == "specification":
        every = {name for kind, name in names.known(version, source) if kind == "param of all"}
        assert every
        wanted |= {("param", f"{route} {param}") for route in served.values() for param in every}
    assert len(wanted) > 140
    assert sorted(wanted - names.ledger().keys()) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_registry_that_is_not_in_the_ledger_belongs_to_endpoints_that_are(version):
    kinds = {kind for kind, _ in names.ledger()}
    other = {kind for kind, _ in names.known(version, "registries")} - kinds
    assert sorted(other) == sorted(names.ELSEWHERE)
    for routes in names.ELSEWHERE.values():
        for route in routes:
            assert names.ledger()["route", names.plain_route(route)].decision == "denied", route


def test_no_decision_is_that_a_name_is_unknown():
    assert [row for row in names.ledger().values() if row.kind != "query form" and row.code.endswith("unknown")] == []


def test_every_denied_name_has_a_reason_of_its_own():
    assert names.reasons().keys() >= BARE
    bare = {names.reasons()[code] for code in BARE}
    assert [f"{row.kind} {row.name}" for row in names.ledger().values()
            if row.decision == "denied" and (not row.note or row.note in bare)] == []


def test_denied_names_that_no_server_has_belong_to_plugins():
    everywhere = set().union(*(names.known(version, "registries") for version in VERSIONS))
    extra = [row for row in names.ledger().values()
             if row.kind in ("query", "agg") and (row.kind, row.name) not in everywhere]
    print("of plugins, or of other versions:", ", ".join(f"{row.kind} {row.name}" for row in extra))
    assert [row.name for row in extra if row.decision == "denied" and not names.is_plugin(row)] == []


@pytest.mark.parametrize("kind", ["query", "agg"])
@pytest.mark.parametrize("version", VERSIONS)
def test_nine_of_ten_types_are_answered(version, kind):
    known = [pair for pair in names.known(version, "registries") if pair[0] == kind]
    answered = [pair for pair in known if names.ledger()[pair].decision != "denied"]
    denied = sorted(name for _, name in set(known) - set(answered))
    print(f"{version}: {len(answered)} of {len(known)} {kind} types are answered; denied: {', '.join(denied)}")
    assert len(answered) >= ANSWERED * len(known)


def test_the_running_node_agrees(each_opensearch):
    """The registries were read from a node that does not listen. The one that does must know the same queries and aggregations."""
    version = each_opensearch.version
    each_opensearch.index("ledger", {})
    registered = names.known(version, "registries")
    for (kind, name), _ in names.ledger().items():
        if kind == "query":
            body, unknown = {"query": {name: {}}}, f"unknown query [{name}]"
        elif kind == "agg":
            body, unknown = {"aggs": {"a": {name: {}}}}, f"Unknown aggregation type [{name}]"
        else:
            continue
        answer = each_opensearch.request("POST", "/ledger/_search", body)
        assert (unknown in json.dumps(answer.json())) == ((kind, name) not in registered), (name, answer.text[:500])


def test_the_documents_are_current():
    """If this fails: engine/tools/update-readme."""
    program = names.ledger_program()
    whole = subprocess.run([program, "--ledger"], check=True, capture_output=True, text=True).stdout
    assert (names.ROOT / "engine" / "LEDGER.md").read_text(encoding="utf-8") == whole
    summary = subprocess.run([program, "--ledger-summary"], check=True, capture_output=True, text=True).stdout
    assert f"<!-- ledger:begin -->\n{summary}<!-- ledger:end -->" in (names.ROOT / "README.md").read_text(encoding="utf-8")
