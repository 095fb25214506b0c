"""The front in a browser: a link becomes a page, and what the page shows, keeps and tells."""
import datetime
import http.server
import re
import threading

import playwright.sync_api
import pytest

import nodes
from dashboards import Dashboards

TEAM, OTHER = "payments", "search"
REFUSED = r"Failed to load resource: the server responded with a status of (401|403|409)"
expect = playwright.sync_api.expect


class Embedder:
    """A page of somebody else's that shows the address of its query in a frame."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                address = self.path.partition("?")[2].replace('"', "")
                body = f'<!doctype html><html lang="en"><title>portal</title><iframe title="logs" width="800" height="500" src="{address}"></iframe></html>'.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def embedder():
    embedder = Embedder()
    yield embedder
    embedder.server.shutdown()
    embedder.server.server_close()


@pytest.fixture(scope="module")
def weir(tmp_path_factory, sampled_opensearch, embedder):
    with nodes.Weir(tmp_path_factory.mktemp("front") / "weir", sampled_opensearch, front=True, indices=None,
                    flags=["--account", f"default logs-* frame_ancestors={embedder.url}"]) as weir:
        yield weir


@pytest.fixture(scope="module")
def token(weir):
    return weir.create_token([("team", TEAM)])


def link(weir, token, path="/", rest=""):
    return f"{weir.front_url}{path}?shareToken={token['token']}{rest}"


def count_of(page):
    """The number of documents the viewer says there are, once it says so."""
    heading = page.locator("#count")
    expect(heading).to_have_text(re.compile(r"^[\d,]+ documents?$"), timeout=60_000)
    return int(heading.inner_text().split()[0].replace(",", ""))


def test_a_link_becomes_a_clean_address(open_profile, weir, token):
    profile = open_profile()
    page = profile.new_page()
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.all_headers())))
    page.goto(link(weir, token, "/app/dashboards", "&embed=true#/view/abc?_g=(time:(from:now-7d))"))
    count_of(page)
    assert page.url == f"{weir.front_url}/app/dashboards?embed=true#/view/abc?_g=(time:(from:now-7d))"
    assert page.evaluate("document.cookie") == "" and page.evaluate("document.referrer") == ""
    assert token["token"] not in page.content()
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})") == "{}"
    assert sum(token["token"] in url for url, _ in sent) == 1, "only the link itself"
    assert not any(token["token"] in headers.get("referer", "") for _, headers in sent)
    (cookie,) = profile.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["expires"] == -1
    page.go_back()
    assert token["token"] not in page.url
    assert token["token"] not in weir.log()


def test_only_the_tokens_documents_are_shown(open_profile, weir, token, sampled_opensearch):
    profile = open_profile()
    profile.tolerated.append("status of 400")
    page = profile.new_page()
    page.goto(link(weir, token))
    expected = lambda query: sampled_opensearch.json("POST", "/logs-*/_count", {"query": {"bool": {"filter": [{"term": {"team": TEAM}}, *query]}}})["count"]
    assert count_of(page) == expected([]) > 0
    expect(page.locator("#histogram g").first).to_be_attached()
    rows = page.locator("#rows td.text")
    assert rows.count() == 50 and all(f"team {TEAM} " in text + " " for text in rows.all_inner_texts())
    search(page, f"team:{OTHER}")
    assert count_of(page) == 0
    search(page, "level:error")
    assert count_of(page) == expected([{"term": {"level": "error"}}]) > 0
    search(page, "level:(")
    expect(page.get_by_role("alert")).to_be_visible()


def search(page, words):
    """Searches and waits for the answer."""
    page.get_by_label("Search", exact=True).fill(words)
    with page.expect_response(lambda response: response.url.endswith("/_search")):
        page.keyboard.press("Enter")
    expect(page.locator("body")).not_to_have_class("busy", timeout=60_000)


def test_looking_closer(open_profile, weir, token):
    page = open_profile().new_page()
    page.goto(link(weir, token))
    everything = count_of(page)
    page.keyboard.press("/")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#rows tr")).to_have_count(100)
    details = page.get_by_role("button", name=re.compile("^Details of document")).first
    details.press("Enter")
    expect(details).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="only this level").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value(re.compile('^level:"'))
    expect(page.locator("body")).not_to_have_class("busy", timeout=60_000)
    assert 0 < count_of(page) < everything
    search(page, "")
    assert count_of(page) == everything
    page.locator("#histogram g").nth(3).locator("rect.hit").click()
    expect(page.get_by_label("From")).to_be_visible()
    expect(page.locator("#count")).not_to_have_text(f"{everything:,} documents", timeout=60_000)
    assert 0 < count_of(page) < everything


def test_who_has_no_link(open_profile, weir):
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    page = profile.new_page()
    for address in (weir.front_url, f"{weir.front_url}/app/dashboards?shareToken=00000000-0000-0000-0000-000000000000"):
        assert page.goto(address).status == 401
        expect(page.get_by_role("heading")).to_have_text("This shared view is not available")


def test_an_expired_link(open_profile, weir):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=10)
    token = weir.create_token([("team", TEAM)], expirationDate=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    nodes.until(lambda: weir.as_holder(token).request("GET", "/").status_code == 401, 60)
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    page = profile.new_page()
    assert page.goto(link(weir, token)).status == 401
    expect(page.get_by_role("heading")).to_have_text("This shared view is not available")


def test_revoked_while_open(open_profile, weir):
    token = weir.create_token([("team", TEAM)])
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    page = profile.new_page()
    page.goto(link(weir, token))
    count_of(page)
    weir.admin.json("DELETE", f"/v1/shared-tokens/{token['id']}")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("no longer works", timeout=60_000)
    assert page.reload().status == 401


def test_two_links_in_one_browser(open_profile, weir, token):
    other = weir.create_token([("team", OTHER)])
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    first, second = profile.new_page(), profile.new_page()
    first.goto(link(weir, token))
    mine = count_of(first)
    second.goto(link(weir, other))
    theirs = count_of(second)
    expect(second.locator("#marker")).to_contain_text("took the place of another link")
    first.get_by_role("button", name="Search").click()
    expect(first.get_by_role("alert")).to_contain_text("Another shared link", timeout=60_000)
    assert all(OTHER not in text.split() for text in first.locator("#rows td.text b:has-text('team')").all_inner_texts())
    first.reload()
    assert count_of(first) == theirs != mine
    stranger = open_profile().new_page()
    stranger.goto(link(weir, token))
    assert count_of(stranger) == mine, "another profile has its own link"


def test_in_a_frame(open_profile, weir, token, embedder):
    page = open_profile().new_page()
    page.goto(f"{embedder.url}/?{link(weir, token)}")
    expect(page.frame_locator("iframe").locator("#count")).to_have_text(re.compile("documents$"), timeout=60_000)


def test_in_a_frame_of_somebody_else(open_profile, weir, token):
    profile = open_profile()
    profile.tolerated.append("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Refused to frame|Framing")
    page = profile.new_page()
    other = Embedder()
    blocked = []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(f"{other.url}/?{link(weir, token)}")
    nodes.until(lambda: page.wait_for_timeout(100) or any("frame-ancestors" in text for text in blocked), 60)
    assert not page.frame_locator("iframe").locator("#count").is_visible()
    other.server.shutdown()
    other.server.server_close()


@pytest.fixture(scope="module")
def with_dashboards(tmp_path_factory, sampled_opensearch):
    dashboards = Dashboards()
    with nodes.Weir(tmp_path_factory.mktemp("front") / "dashboards", sampled_opensearch, front=True, flags=["--front-dashboards", dashboards.url]) as weir:
        yield weir
    dashboards.close()


def test_the_marker_on_pages_of_dashboards(open_profile, with_dashboards, axe):
    token, other = (with_dashboards.create_token([("team", team)]) for team in (TEAM, OTHER))
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    first, second = profile.new_page(), profile.new_page()
    first.goto(link(with_dashboards, token, "/app/home"))
    expect(first.get_by_role("status")).to_have_text(re.compile(r"^Shared view · expires in \d days$"))
    first.get_by_role("status").click()
    expect(first.locator("weir-marker")).to_have_count(0)
    first.reload()
    second.goto(link(with_dashboards, other, "/app/home"))
    expect(second.get_by_role("status")).to_contain_text("took the place of another link")
    expect(first.get_by_role("alert")).to_contain_text("Another shared link was opened", timeout=60_000)
    with_dashboards.admin.json("DELETE", f"/v1/shared-tokens/{other['id']}")
    first.evaluate("new BroadcastChannel('weir').postMessage('x')")
    expect(second.get_by_role("alert")).to_contain_text("no longer works", timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_looks_right(open_profile, weir, token, axe, scheme, width, tmp_path):
    profile = open_profile(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    profile.tolerated.append(REFUSED)
    page = profile.new_page()
    page.goto(link(weir, token))
    count_of(page)
    expect(page.locator("#figure")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Details of document")).first.click()
    page.screenshot(path=tmp_path / f"viewer-{scheme}-{width}.png")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    shown = page.locator("#histogram").bounding_box()
    assert shown["width"] > 0.8 * (width - 60) and shown["height"] > 80
    page.goto(f"{weir.front_url}/?shareToken=0")
    axe(page)
    page.screenshot(path=tmp_path / f"notice-{scheme}-{width}.png")
