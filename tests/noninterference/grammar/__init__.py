"""The allowed language as a grammar: each type of query, aggregation and section is one small function in a registry.

A function takes the Draw it is part of and gives a value. Its name in the registry is OpenSearch's own, so that a test can tell which types
the engine answers and nothing here makes. Which of them are used follows the engine: a type is used when its row in the engine's
registry has a walk. To add one, write a function; no other place names it.

Requests are made so that nothing but the documents decides the answer: sizes are above the number of visible documents or the order is full.
"""
import pathlib
import random
import re

ENGINE = pathlib.Path(__file__).resolve().parents[3] / "engine" / "src"

QUERIES, AGGREGATIONS, PIPELINES, SORTS, SECTIONS, FEATURES = {}, {}, {}, {}, {}, {}
LEAVES = set()  # queries that hold no other query
WITH_CHILDREN = set()  # aggregations that may have others below them
ONLY_TOP, ONLY_NESTED = {"composite", "global", "geo_bounds", "matrix_stats", "significant_terms", "significant_text"}, {"reverse_nested"}  # aggregations with places of their own

# The fields of the corpus, with values of visible and of hidden documents.
KEYWORDS = {
    "service": ("checkout", "ledger", "refunds", "payroll", "mergers", "aaa"), "level": ("info", "error", "warn", "fatal", "debug"),
    "user.name": ("ada", "bao", "chidi", "mallory", "eve"), "labels": ("beta", "canary", "restricted", "日本語", "x?y", "*"),
    "team": ("acme", "evil", "acm", "ACME"), "incident": ("incident-a1", "incident-b1"), "trace": ("trace-001", "trace-017", "trace-002-a1"),
    "tags": ("tag-01", "tag-07", "tag-40", "tag-hidden"), "who": ("ada", "dagny", "eve"), "host": ("web-1", "Web-2", "db-1", "vault"),
    "dataset": ("logs", "other"), "message.keyword": ("cache miss, loading from the store number13", "nothing"),
    "url": ("/shop/mug/1.html", "/vault/a/7.html"), "relation": ("thread", "reply", "note"),
}
TERM_FIELDS = tuple(name for name in KEYWORDS if name not in ("url", "dataset"))  # OpenSearch aggregates names of indices in the place of constants
NUMBERS = {  # field -> where the visible values lie, where the hidden ones end
    "status": (200, 500, 599), "latency_ms": (0, 1_000, 1_000_100), "bytes": (0, 100_000, 10_000_000_100), "cost": (0, 10, 1_000_100),
    "ratio": (0, 4, 60_000), "required_matches": (0, 4, 40), "brief.words": (0, 9, 9),
    "user.id": (9_007_199_254_740_990, 9_007_199_254_740_996, 9_007_199_254_740_999),
    "serial": (18_446_744_073_709_551_000, 18_446_744_073_709_551_090, 18_446_744_073_709_551_095),
}
PLAIN_NUMBERS = ("status", "latency_ms", "bytes", "cost", "ratio", "required_matches")
DATES = ("@timestamp", "seen_at")
TEXTS = ("message", "title", "brief")
WORDS = ("quick", "fox", "the", "tea", "dog", "payment", "order", "retrying", "store", "user", "slow", "secretalpha", "zebra", "number7", "qui")
PHRASES = ("brown fox", "lazy dog", "fox jumps", "the store", "the dog and the", "fox dog", "connection timed out", "quick brown", "classified quartz")
SKUS = ("mug", "lamp", "chair", "desk", "safe")
IDS = tuple(f"d{number:03d}" for number in range(0, 96, 7)) + ("ha3", "hb3", "d001b2")


def answered_types(folder):
    """The names of the engine's registry of `query` or `agg` that have a walk."""
    return set(re.findall(r'^\s*\{"(\w+)", walk_', (ENGINE / "dsl" / folder / "registry.cc").read_text(), re.M))


def denied_types(folder):
    return set(re.findall(r'denied_type\("(\w+)"', (ENGINE / "dsl" / folder / "registry.cc").read_text()))


def query(name, leaf=True):
    """Registers what makes the object behind the name of a query type."""
    def register(function):
        QUERIES[name] = function
        if leaf:
            LEAVES.add(name)
        return function
    return register


def aggregation(*names, children=True):
    def register(function):
        for name in names:
            AGGREGATIONS[name] = function
            if children:
                WITH_CHILDREN.add(name)
        return function
    return register


def pipeline(name, needs_histogram=True):
    """One that works on the buckets of the aggregation it stands in (else: beside it)."""
    def register(function):
        PIPELINES[name] = (function, needs_histogram)
        return function
    return register


def section(name):
    """Registers what makes the value of a key of a search body."""
    def register(function):
        SECTIONS[name] = function
        return function
    return register


def feature(name):
    """Registers a construct that no registry of the engine names: `function` gives a whole body that needs it. It is used if the engine
    answers that."""
    def register(function):
        FEATURES[name] = function
        return function
    return register


class Query(dict):
    """A query of one type. Marked so that mutations know what they change."""


class Aggregation(dict):
    """An aggregation with its type, and perhaps others below it."""


class Draw:
    """One request being made: what may be used, and the numbers that decide. REQUIRES: the modules of the grammar are loaded."""

    def __init__(self, seed, features=frozenset(), only=None):
        self.rng = random.Random(f"request {seed}")
        self.features = features
        self.queries = sorted(QUERIES.keys() & ANSWERED["query"]) if only is None else only
        self.leaves = [name for name in self.queries if name in LEAVES - {"span_gap"}]
        self.compounds = [name for name in self.queries if name not in LEAVES]
        self.aggregations = sorted((AGGREGATIONS.keys() & ANSWERED["agg"]) - ONLY_NESTED - ONLY_TOP)
        self.only_top = sorted(ONLY_TOP & ANSWERED["agg"])
        self.pipelines = sorted(PIPELINES.keys() & ANSWERED["agg"])
        self.used = []
        self.queries_left = 14
        self.in_join = False

    # --- numbers
    def chance(self, share):
        return self.rng.random() < share

    def pick(self, values):
        return self.rng.choice(values)

    def sample(self, values, low, high):
        return self.rng.sample(list(values), self.rng.randint(low, min(high, len(values))))

    def between(self, low, high):
        return self.rng.randint(low, high)

    def may(self, name, share=0.5):
        """Whether to use a feature now."""
        return name in self.features and self.chance(share) and (self.used.append(name) or True)

    def maybe(self, members, share=0.3):
        """Some of the optional members. A value may be a function."""
        return {name: value() if callable(value) else value for name, value in members.items() if self.chance(share)}

    # --- fields
    def keyword(self):
        name = self.pick(TERM_FIELDS)
        return name, self.pick(KEYWORDS[name])

    def number(self, names=tuple(NUMBERS)):
        """A field, and a value where the visible documents are, or up to where the hidden ones end."""
        name = self.pick(names)
        low, high, far = NUMBERS[name]
        return name, self.between(low, high if self.chance(0.8) else far)

    def date(self):
        year, month = self.pick(((2026, 3), (2026, 3), (2026, 3), (2024, 6), (2031, 6)))
        return f"{year}-{month:02d}-{self.between(1, 28):02d}"

    def point(self):
        latitude, longitude = self.between(49, 56), self.between(8, 18)
        return self.pick((lambda: {"lat": latitude, "lon": longitude}, lambda: [longitude, latitude], lambda: f"{latitude},{longitude}"))()

    def word(self):
        return self.pick(WORDS)

    def misspelt(self):
        word = self.word()
        return word[:-1] + self.pick("abcxyz")

    # --- the language
    def query(self, depth):
        self.queries_left -= 1
        compound = depth > 0 and self.queries_left > 0 and self.compounds and self.chance(0.55)
        if compound:
            name = "bool" if self.chance(0.6) else self.pick(self.compounds)
        else:
            name = self.pick(self.leaves)
        return self.query_of(name, depth)

    def query_of(self, name, depth):
        self.used.append(f"query {name}")
        return Query({name: QUERIES[name](self, depth - 1)})

    def aggregations_of(self, depth, most=2):
        return {f"a{place}": self.aggregation(depth) for place in range(self.between(1, most))}

    def aggregation(self, depth):
        names = self.aggregations if depth > 0 else [name for name in self.aggregations if name not in WITH_CHILDREN]
        return self.aggregation_of(self.pick(names), depth)

    def aggregation_of(self, name, depth):
        self.used.append(f"agg {name}")
        made = Aggregation({name: AGGREGATIONS[name](self, depth - 1)})
        inside = made[name].pop("below", None) if isinstance(made[name], dict) else None
        if inside is not None:
            made["aggs"] = inside
        elif name in WITH_CHILDREN and depth > 0 and self.chance(0.6):
            made["aggs"] = self.aggregations_of(depth - 1)
        if self.chance(0.05):
            made["meta"] = {"of": "mine"}
        return made


ANSWERED = {"query": answered_types("query"), "agg": answered_types("agg")}
DENIED = {"query": denied_types("query"), "agg": denied_types("agg")}


def open_keys(file, table):
    """The keys that a table of the engine's dsl/section has and does not deny."""
    text = (ENGINE / "dsl" / "section" / file).read_text()
    rows = re.search(rf"constexpr Key {table}\[\] = \{{(.*?)\n\}};", text, re.S).group(1)
    return set(re.findall(r'(?:custom\(|\{)"(\w+)"', rows))
