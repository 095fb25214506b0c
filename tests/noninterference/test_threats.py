"""Every class of attack has a case that names it in `threat`: A ways round the filter, B statistics of the whole index, C the dictionary of terms,
D counters, pruning, schema and errors, E two readers of one text, F what a filter means, G handles, H requests that end a node, J what random requests found.
New ones are added at the end of their letter. What is tried elsewhere than in a case stands in ELSEWHERE, by the name of its test; and so do the
scenarios of the threat model, each with all that tries it."""
import functools
import re

import pytest

import harness

TESTS = harness.HERE.parent
ROWS = ([f"A{row}" for row in range(1, 28)] + [f"B{row}" for row in range(1, 14)] + ["B6b"] + [f"C{row}" for row in range(1, 7)]
        + [f"D{row}" for row in range(1, 15)] + [f"E{row}" for row in range(1, 15)] + [f"F{row}" for row in range(1, 15)] + [f"G{row}" for row in range(1, 6)]
        + [f"H{row}" for row in range(1, 4)] + [f"J{row}" for row in range(1, 14)])
TRIED = {case.threat for case in harness.load_cases().values()}

KINDS = "engine/policy/mapping_test.cc::JudgeMappings.KindsThatAreNotExactSayWhy"
ELSEWHERE = {
    "F1": [KINDS, "engine/policy/mapping_test.cc::JudgeMappings.AKeywordBelowIsSuggested"],
    "F2": ["engine/policy/catalog_test.cc::Catalog.ValuesHaveToFitTheKind", "engine/policy/mapping_test.cc::FieldKinds.TakeValuesThatAreWrittenAsTheirs"],
    "F3": [KINDS], "F4": [KINDS], "F5": [KINDS], "F6": [KINDS], "F8": [KINDS],
    "F10": ["e2e/test_search.py::test_a_value_is_never_more_than_a_value"],
    "F11": ["e2e/test_search.py::test_a_token_without_filters_sees_its_account_until_that_is_switched_off"],
    "F13": ["engine/policy/mapping_test.cc::JudgeMappings.ExactKinds"],
    "F14": ["engine/policy/catalog_test.cc::Catalog.OrSeesEachFilterInItsOwnIndices"],
    "G4": ["noninterference/test_cursors.py::test_a_cursor_ends_with_the_filters_it_was_opened_under"],
}

HERE = "noninterference/"
SCENARIOS = {
    "1 worlds with hidden documents that disturb": [HERE + "corpus.py::hidden", HERE + "corpus.py::hidden_kinds", HERE + "corpus.py::write_plan", HERE + "test_cases.py::test_answered"],
    "2 every row in every carrier": [HERE + "test_cases.py::test_denied", HERE + "test_threats.py::test_row_is_tried", HERE + "test_generated.py::test_forbidden_anywhere_is_refused"],
    "3 generated requests, equal in all worlds and to the visible documents alone": [
        HERE + "test_generated.py::test_generated", HERE + "test_generated.py::test_every_answered_type_is_generated", HERE + "long.py::differences"],
    "4 one forbidden thing in an accepted request": [HERE + "test_generated.py::test_forbidden_anywhere_is_refused", HERE + "long.py::mutations"],
    "5 forms of the URL": ["case A2", "case D4", "case E8", "case E10", "case E14", "case A25", HERE + "test_generated.py::test_generated"],
    "6 encodings": ["case E2", "case E3", "case E4", "case E5", "case E6", "case E7", "case H1"],
    "7 raw sockets": ["e2e/test_framing.py::test_refuses", "e2e/test_framing.py::test_forwards_afresh", "case E9"],
    "8 what a filter means": ["e2e/test_search.py::test_filters_mean_equality", "e2e/test_search.py::test_new_indices_and_aliases_are_seen_through_the_filter",
                              "e2e/test_search.py::test_data_streams_are_seen_through_the_filter", *sorted({name for row, names in ELSEWHERE.items() for name in names if row[0] == "F"})],
    "9 handles": [HERE + "test_cursors.py::test_a_cursor_is_good_for_its_token_only", HERE + "test_cursors.py::test_a_cursor_with_any_character_changed_is_nobodys",
                  HERE + "test_cursors.py::test_a_cursor_ends_with_the_filters_it_was_opened_under", "e2e/test_cursors.py::test_a_keep_alive_has_bounds", "case G3"],
    "10 hidden and absent documents": ["case A18", "e2e/test_documents.py::test_hidden_and_missing_are_the_same", "e2e/test_documents.py::test_a_document_that_leaves_the_filter_is_gone"],
    "11 errors": ["case D8", "e2e/test_streaming.py::test_no_byte_of_an_upstream_error_passes", "e2e/test_errors.py::test_an_error_of_the_cluster_is_mapped"],
    "12 pages and hits inside hits": ["case J10", HERE + "test_cursors.py::test_pages_are_alike", "e2e/test_search.py::test_every_page_shows_the_filter"],
    "13 tokens beside each other": ["e2e/test_streaming.py::test_a_changed_token_is_decided_again", "case G5"],
    "14 tokens that are none": ["e2e/test_framing.py::test_unknown_and_missing_tokens_are_answered_alike", "e2e/test_streaming.py::test_the_gates_own_credential_is_sent_and_the_clients_is_not"],
}


@functools.cache
def names_in(file):
    """The tests, and other functions, of a file below tests/."""
    text = (TESTS / file).read_text()
    return set(re.findall(r"^def (\w+)\(", text, re.M)) | {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", text, re.M)}


def is_there(reference):
    if reference.startswith("case "):
        return reference.removeprefix("case ") in TRIED
    file, name = reference.split("::")
    return name in names_in(file)


@pytest.mark.parametrize("row", ROWS)
def test_row_is_tried(row):
    missing = [name for name in ELSEWHERE.get(row, ()) if not is_there(name)]
    assert missing == [], "renamed or gone"
    assert row in TRIED or row in ELSEWHERE


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_is_tried(scenario):
    assert SCENARIOS[scenario] and [name for name in SCENARIOS[scenario] if not is_there(name)] == []


def test_the_scenarios_are_all_there():
    assert sorted(int(name.split()[0]) for name in SCENARIOS) == list(range(1, 15))
