"""Pages in a real browser: Debian's Chromium, driven by Playwright, in front of the real program and a real OpenSearch.

The suite is the last one of its run: as long as Playwright is up, its event loop counts as running in this thread."""
import json
import os
import pathlib
import re

import playwright.sync_api
import pytest

FLAGS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
         "--disable-sync").split()
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weir"
AXE = (CACHE / "npm-browser" / "node_modules" / "axe-core" / "axe.min.js")
PATIENCE_MS = 60_000  # two busy cores


@pytest.fixture(scope="session")
def chromium():
    with playwright.sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_profile(chromium):
    """A function: a browser profile that has never been used before, apart from all others; takes what `new_context` takes. Whatever pages
    of it say on their console as an error (a breach of their Content-Security-Policy, too), and each request to another machine, fails the
    test, unless a pattern in `profile.tolerated` finds it."""
    opened = []

    def open_profile(**options):
        profile = chromium.new_context(**options)
        profile.set_default_timeout(PATIENCE_MS)
        profile.complaints, profile.tolerated = [], [r"/favicon\.ico\)$"]
        profile.on("console", lambda message: message.type == "error" and profile.complaints.append(f"{message.text} ({message.location.get('url')})"))
        profile.on("weberror", lambda error: profile.complaints.append(str(error.error)))
        profile.on("request", lambda request: re.match(r"(https?://127\.0\.0\.1[:/]|data:|blob:|about:)", request.url)
                   or profile.complaints.append(f"request to {request.url}"))
        opened.append(profile)
        return profile

    yield open_profile
    complaints = [text for profile in opened for text in profile.complaints
                  if not any(re.search(pattern, text) for pattern in profile.tolerated)]
    for profile in opened:
        profile.close()
    assert not complaints, complaints


@pytest.fixture
def page(open_profile):
    return open_profile().new_page()


@pytest.fixture(scope="session")
def axe():
    """A function: asserts that axe finds nothing wrong with a page as it is now."""
    source = AXE.read_text()

    def check(page):
        page.evaluate(source + "; undefined")
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert found["passes"] or found["violations"], "axe looked at nothing"
        told = [{"rule": rule["id"], "help": rule["help"], "where": [node["html"][:200] + " " + node.get("failureSummary", "")[:300] for node in rule["nodes"][:5]]}
                for rule in found["violations"]]
        assert not told, json.dumps(told, indent=1)

    return check
