"""Makes a failing request smaller while it goes on failing: parts of its JSON are dropped or replaced by what stands inside them, the largest first."""
import copy

MOST_TRIES = 400
PARTS = ("body", "lines", "params")


def places(value, path=()):
    """The paths of all parts of a JSON value, from the outside in."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in list(items):
        yield (*path, key)
        yield from places(inside, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def is_order(row, path):
    """Whether dropping this could leave hits in no order, or cut some off: the answer would then differ for no reason."""
    if "sort" in path[:-1]:
        keys = at(row, path[:path.index("sort") + 1])
        return not isinstance(keys, list) or path[path.index("sort") + 1] == len(keys) - 1 or path[-2] != "sort"
    return path[-1] in ("size", "sort")


def without(row, path):
    made = copy.deepcopy(row)
    del at(made, path[:-1])[path[-1]]
    return made


def lifted(row, path):
    """The rows in which the object at `path` is replaced by an object inside it."""
    for inside in places(at(row, path)):
        if isinstance(at(row, (*path, *inside)), dict) and path[1:] and "sort" not in path and "size" not in at(row, path):
            made = copy.deepcopy(row)
            at(made, path[:-1])[path[-1]] = copy.deepcopy(at(row, (*path, *inside)))
            yield made


def smaller(row):
    """Candidates, the boldest first."""
    if "lines" in row:
        for place in range(0, len(row["lines"]), 2):
            if len(row["lines"]) > 2:
                made = copy.deepcopy(row)
                del made["lines"][place:place + 2]
                yield made
            elif not row["lines"][0].get("index", "").startswith("-"):  # one search alone
                yield {key: value for key, value in row.items() if key != "lines"} | {
                    "path": row["path"].replace("_msearch", "_search"), "body": copy.deepcopy(row["lines"][1])}
    for part in PARTS:
        if isinstance(row.get(part), (dict, list)):
            for path in places(row[part], (part,)):
                if not (part == "lines" and len(path) == 2) and not is_order(row, path):
                    yield without(row, path)
    for part in PARTS[:2]:
        for path in places(row.get(part), (part,)):
            if isinstance(at(row, path), dict):
                yield from lifted(row, path)
    if "*" in row.get("path", ""):
        yield from (row | {"path": row["path"].replace("*", suffix)} for suffix in "1m3")


def shrink(row, fails):
    """A smaller row for which `fails` still holds. REQUIRES: it holds for `row`."""
    tries, found = 0, True
    while found:
        found = False
        for candidate in smaller(row):
            tries += 1
            if tries > MOST_TRIES:
                return row
            if fails(candidate):
                row, found = candidate, True
                break
    return row
