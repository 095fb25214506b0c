"""Weir itself, with everything on: thousands of tokens with limits of their own, metrics, a log line for each request in a file, the
sealed profile, mappings learnt from the upstream."""
import json
import os
import pathlib
import time
import urllib.request

from peer import BUILD, Missing, Peer, Running, free_port, run_quietly

TOKENS = 3000
FILTERS = 50
API_TOKEN = "6c1f3f0e-0000-4000-8000-benchmarktoken"
LIMITS = {"requestsPerSecond": 1_000_000, "concurrentSearches": 10_000, "responseBytes": 1 << 30, "networks": ["127.0.0.0/8", "10.0.0.0/8"]}
READY_SECONDS = 60


class Weir(Peer):
    name, title, kind = "weir", "**Weir**", "rewrites"
    has_tokens = True
    threads = 1

    def __init__(self, name=None, binary=None, tokens=TOKENS, filters=FILTERS):
        """Another name and another build, to compare two; `tokens` is a multiple of 100."""
        self.tokens, self.filters = tokens, filters
        self.name, self.title = name or self.name, f"Weir ({name})" if name else self.title
        self.binary = pathlib.Path(binary).resolve() if binary else None

    def prepare(self):
        if self.binary is None:
            run_quietly(["cmake", "--build", BUILD, "--target", "weir"])
        elif not os.access(self.binary, os.X_OK):
            raise Missing(f"{self.binary} is not a program")

    def start(self, upstream, folder, cores):
        gate, admin = free_port(), free_port()
        folder.mkdir(parents=True)
        words = [self.binary or BUILD / "proxy" / "weir", "serve", "--gate", f"127.0.0.1:{gate}", "--admin", f"127.0.0.1:{admin}",
                 "--data", folder / "data", "--upstream", f"http://127.0.0.1:{upstream}", "--indices", "logs-*",
                 "--gate-threads", self.threads, "--log-file", folder / "requests.log"]
        # Counting its system calls needs what WEIR_CORE_DUMPS leaves as it is.
        running = Running(self, [str(word) for word in words], gate, folder, cores, {"WEIR_API_TOKEN": API_TOKEN, "WEIR_CORE_DUMPS": "1"}).wait()
        running.tokens = make_tokens(admin, self.tokens, self.filters)
        wait_until_ready(admin)
        return running


def call(admin, method, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{admin}{path}", method=method, data=json.dumps(body).encode() if body else None,
                                     headers={"X-API-TOKEN": API_TOKEN, "Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        body = answer.read()
        return json.loads(body) if body.startswith((b"{", b"[")) else None


def make_tokens(admin, tokens, filters):
    """Returns the secrets of those that are used, which stand all over the list."""
    values = ["payments"] + [f"team-{number}" for number in range(1, filters)]
    ids = [call(admin, "POST", "/v1/shared-tokens/filters", {"field": "team", "value": value})["id"] for value in values]
    secrets = []
    for begin in range(0, tokens, 100):
        rows = [{"tokenName": f"token {number}", "filters": [ids[0 if used(number) else number % filters]],
                 "limits": LIMITS} for number in range(begin, begin + 100)]
        made = call(admin, "POST", "/v1/shared-tokens/bulk", {"tokens": rows})
        secrets += [row["token"] for row in (made["tokens"] if isinstance(made, dict) else made)]
    return [secret for number, secret in enumerate(secrets) if used(number)]


def used(number):
    """Whether the load uses this one."""
    return number % 46 == 7


def wait_until_ready(admin):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            call(admin, "GET", "/readyz")
            return
        except OSError:
            time.sleep(0.05)
    raise Missing("it was not ready in time")


PEER = Weir()
