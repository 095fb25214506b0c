"""What has to be equal of two answers to one call: OpenSearch's own, and the gate's to a token whose filter every document satisfies.

Left out is what differs between any two calls (`took`, ids of cursors), what tells how OpenSearch went about it (`_shards.skipped`,
`terminated_early`), and what the gate says it leaves out: the counters of writes in documents. In the sealed profile scores are levelled,
too, and with them the order of hits that nothing but the score puts in order; in the relevance profile those of fuzzy queries are. In
both, `_doc` is no order: it numbers all documents.
"""
import json
import math

CURSORS = ("_scroll_id", "pit_id")
COUNTERS = ("_seq_no", "_primary_term", "_version")  # in a document that was read by its id
HOW = ("took", "phase_took", "terminated_early", "skipped", "num_reduce_phases", "creation_time")
SCORES = ("_score", "max_score")
ROUNDING = 1e-12


def is_error(answer):
    return isinstance(answer, dict) and "error" in answer


def normalise(value, sealed, by_number=False):
    """`by_number`: the request sorts by `_doc`, of which the gate makes the level score: neither value comes out."""
    if isinstance(value, list):
        return [normalise(item, sealed, by_number) for item in value]
    if not isinstance(value, dict):
        return value
    if is_error(value):  # the texts of errors are Weir's own
        return {"error": "an error"}
    result = {}
    for key, item in value.items():
        if key in HOW or ("found" in value and key in COUNTERS) or (key == "meta" and item == {}):
            continue
        if by_number and key in ("sort",) + SCORES and ("_id" in value or "total" in value):
            continue
        if key in CURSORS:
            item = f"a {key}"
        elif sealed and key in SCORES and isinstance(item, (int, float)):
            item = "a score"
        elif (sealed or by_number) and key == "hits" and isinstance(item, list):
            item = in_one_order([normalise(hit, sealed, by_number) for hit in item])
        else:
            item = normalise(item, sealed, by_number)
        result[key] = item
    return result


def key_of(hit):
    return json.dumps(hit, sort_keys=True)


def in_one_order(hits):
    """Hits of equal sort values, or without any, in an order that rests on what they are."""
    ordered, group = [], []
    for hit in hits:
        if group and (not isinstance(hit, dict) or hit.get("sort") != group[0].get("sort")):
            ordered += sorted(group, key=key_of)
            group = []
        group.append(hit)
    return ordered + sorted(group, key=key_of)


def difference(left, right, path=""):
    """Where two normalised answers part, for people; None if they are equal."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if key not in left or key not in right:
                return f"{path}/{key}: only in the {'gate' if key not in left else 'direct'}: {json.dumps((right if key not in left else left)[key])[:300]}"
            found = difference(left[key], right[key], f"{path}/{key}")
            if found:
                return found
        return None
    if isinstance(left, list) and isinstance(right, list):
        for place, (one, other) in enumerate(zip(left, right)):
            found = difference(one, other, f"{path}/{place}")
            if found:
                return found
        return None if len(left) == len(right) else f"{path}: {len(left)} items direct and {len(right)} through the gate"
    if isinstance(left, float) and isinstance(right, float) and math.isclose(left, right, rel_tol=ROUNDING):
        return None
    return None if left == right and type(left) is type(right) else f"{path}: direct {json.dumps(left)[:300]}, gate {json.dumps(right)[:300]}"


def without_cut(direct, gate):
    """The pair with every list of hits that holds fewer than there are replaced, where only what is levelled orders it, by its length:
    which hits come first, or on which page of a scroll, is then the levelled order's doing."""
    if isinstance(direct, list) and isinstance(gate, list) and len(direct) == len(gate):
        pairs = [without_cut(one, other) for one, other in zip(direct, gate)]
        return [one for one, _ in pairs], [other for _, other in pairs]
    if not (isinstance(direct, dict) and isinstance(gate, dict)):
        return direct, gate
    left, right = dict(direct), dict(gate)
    for key in direct.keys() & gate.keys():
        if key == "hits" and rests_on_score(direct) and rests_on_score(gate):
            left[key], right[key] = len(direct[key]), len(gate[key])
        else:
            left[key], right[key] = without_cut(direct[key], gate[key])
    return left, right


def without_ties(direct, gate):
    """The pair with hits at one place that stand for the same collapsed value and tie in every sort key cut to what the value's other hits
    are: which of them is the first follows the order of shards, in which OpenSearch puts them by their bounds if it may."""
    if not all(isinstance(answer, dict) and isinstance(answer.get("hits"), dict) for answer in (direct, gate)):
        return direct, gate
    left, right = direct["hits"].get("hits") or [], gate["hits"].get("hits") or []
    pairs = [one_of_tie(one, other) for one, other in zip(left, right)]
    if len(left) != len(right):
        return direct, gate
    return tuple({**answer, "hits": {**answer["hits"], "hits": [pair[place] for pair in pairs]}} for place, answer in enumerate((direct, gate)))


def one_of_tie(one, other):
    kept = ("sort", "fields", "inner_hits")
    tie = one.get("sort") and all(one.get(key) == other.get(key) for key in kept)
    return tuple({key: hit.get(key) for key in kept} for hit in (one, other)) if tie else (one, other)


def rests_on_score(hits):
    """Whether this is a cut list of hits without sort values."""
    found, total = hits.get("hits"), hits.get("total")
    total = total.get("value") if isinstance(total, dict) else total
    return isinstance(found, list) and all("sort" not in hit for hit in found) and (not isinstance(total, int) or total > len(found))
