"""The console in a browser: every page and flow, in both themes and on narrow and wide screens, by keyboard where it matters."""
import os
import pathlib
import re
import time

import playwright.sync_api
import pytest

import nodes

expect = playwright.sync_api.expect
TOKENS = "/v1/shared-tokens"
GZIP_BUDGET = 150_000
REFUSED = r"Failed to load resource: the server responded with a status of (401|404|412|503)"
SHOTS = os.environ.get("WEIR_SHOTS")  # a folder to keep the pictures in
expect.set_options(timeout=60_000)


@pytest.fixture
def weir(start_weir, sampled_opensearch):
    return start_weir(sampled_opensearch)


def sign_in(page, weir, secret=nodes.API_TOKEN):
    page.get_by_label("API token").fill(secret)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def signed_in(open_profile, weir):
    """A function: a page of a new profile, signed in, at a place of the console."""

    def open_page(place="tokens", **options):
        profile = open_profile(**options)
        profile.tolerated.append(REFUSED)
        page = profile.new_page()
        page.goto(f"{weir.admin_url}/console/#/{place}")
        sign_in(page, weir)
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page

    return open_page


def wait_for_preview(page, text):
    """On a busy machine the cluster may take longer than an inquiry waits; a person would try again."""
    deadline = time.monotonic() + 120
    while not page.locator(".preview:not(.stale) .big", has_text=text).count():
        assert time.monotonic() < deadline, page.locator(".preview").inner_text()
        again = page.locator(".preview:not(.stale)").get_by_role("button", name="Try again")
        if again.count():
            again.click()
        page.wait_for_timeout(200)


def test_signing_in_and_out(open_profile, weir):
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    page = profile.new_page()
    answer = page.goto(f"{weir.admin_url}/console")
    assert page.url == f"{weir.admin_url}/console/" and "default-src 'none'" in answer.headers["content-security-policy"]
    sign_in(page, weir, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("no valid API token")
    sign_in(page, weir)
    expect(page.get_by_role("heading", name="No shared tokens yet").or_(page.get_by_text("No shared tokens yet"))).to_be_visible()
    (cookie,) = profile.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and nodes.API_TOKEN not in cookie["value"]
    assert page.evaluate("document.cookie") == "" and page.evaluate("sessionStorage.length") == 0
    assert nodes.API_TOKEN not in page.evaluate("JSON.stringify(localStorage)") + page.content() + weir.log()
    page.reload()
    expect(page.get_by_role("heading", name="Shared tokens")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API token")).to_be_visible()
    assert profile.cookies() == []


def test_a_token_with_a_filter_made_on_the_spot(signed_in, weir, sampled_opensearch):
    page = signed_in()
    page.get_by_role("button", name="Make the first one").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("payments auditor")
    expect(form.get_by_label("Expiration")).to_have_value(str(7 * 86_400))
    form.get_by_role("button", name="+ New filter").click()
    field = form.get_by_label("Field", exact=True)
    field.fill("mess")
    form.get_by_role("option", name="message.keyword").click()
    expect(field).to_have_value("message.keyword")
    field.fill("tea")
    expect(form.get_by_role("option", name=re.compile("^team"))).to_contain_text("keyword · exact")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("team")
    value = form.get_by_label("Value")
    value.fill("paym")
    documents = sampled_opensearch.json("GET", "/logs-*/_count?q=team:payments")["count"]
    option = form.get_by_role("option", name=re.compile(f"^payments ?{documents:,} documents"))
    expect(option).to_be_visible()
    option.click()
    form.get_by_role("button", name="Use this filter").click()
    wait_for_preview(page, f"{documents:,}")
    form.get_by_role("button", name="Create token").click()
    ready = page.get_by_role("dialog", name="payments auditor is ready")
    expect(ready).to_be_visible()
    (made,) = weir.admin.json("GET", TOKENS)
    assert made["token"] in ready.inner_text() and made["name"] == "payments auditor"
    assert weir.as_holder(made).json("GET", "/logs-*/_count")["count"] == documents
    ready.get_by_role("button", name="Done").click()
    row = page.get_by_role("row", name=re.compile("payments auditor"))
    expect(row).to_contain_text("team is payments")
    assert made["token"] not in page.content()


def test_edit_disable_rotate_and_delete(signed_in, weir):
    made = weir.create_token([("team", "search"), ("level", "error")], name="on call")
    page = signed_in()
    page.get_by_role("button", name="Edit on call").click()
    form = page.get_by_role("dialog")
    form.get_by_label("OR: one is enough").check()
    form.get_by_label("Expiration").select_option("never")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("on call"))).to_contain_text("team is search OR level is error")
    now = weir.admin.json("GET", f"{TOKENS}/{made['id']}")
    assert now["filtersOperator"] == "OR" and now["expirationDate"] is None

    def choose(action):
        more = page.get_by_role("button", name="More for on call")
        more.focus()
        more.press("Enter")
        page.get_by_role("menuitem", name=action).click()

    choose("Disable")
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("row", name=re.compile("on call"))).to_contain_text("Disabled")
    assert weir.as_holder(made).request("GET", "/logs-*/_count").status_code == 401
    choose("Enable")
    expect(page.get_by_role("row", name=re.compile("on call"))).to_contain_text("Active")
    choose("Make a new secret")
    page.get_by_role("button", name="Make a new secret").click()
    expect(page.get_by_role("dialog", name="on call is ready")).to_be_visible()
    assert weir.as_holder(made).request("GET", "/logs-*/_count").status_code == 401
    page.get_by_role("button", name="Done").click()
    choose("Delete")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("no more answers")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    assert weir.admin.json("GET", TOKENS)
    choose("Delete")
    page.get_by_role("button", name="Delete token").click()
    expect(page.get_by_text("No shared tokens yet")).to_be_visible()
    assert weir.admin.json("GET", TOKENS) == []


def test_a_filters_change_says_what_it_opens(signed_in, weir, sampled_opensearch):
    token = weir.create_token([("team", "payments"), ("level", "error")], name="auditor")
    count = lambda query: sampled_opensearch.json("GET", f"/logs-*/_count?q={query}")["count"]
    both, payments = count("team:payments AND level:error"), count("team:payments")
    page = signed_in("filters")
    page.get_by_role("button", name="Delete level is error").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("1 token is widened")
    expect(question).to_contain_text(re.compile(f"auditor newly sees ({payments - both:,} documents)"))
    question.get_by_role("button", name="Delete filter").click()
    expect(page.get_by_role("row", name=re.compile("level"))).to_have_count(0)
    assert weir.as_holder(token).json("GET", "/logs-*/_count")["count"] == payments
    page.get_by_role("button", name="Edit team is payments").click()
    page.get_by_role("dialog").get_by_label("Value").fill("search")
    page.get_by_role("button", name="Save").click()
    question = page.get_by_role("dialog", name="Change it for every token that uses it?")
    expect(question).to_contain_text(f"newly sees {count('team:search'):,} documents")
    question.get_by_role("button", name="Change filter").click()
    expect(page.get_by_role("row", name=re.compile("team"))).to_contain_text("search")


def test_two_administrators_do_not_overwrite_each_other(signed_in, weir):
    token = weir.create_token([("team", "search")], name="mine")
    first, second = signed_in(), signed_in()
    for page in (first, second):
        page.get_by_role("button", name="Edit mine").click()
        expect(page.get_by_role("dialog")).to_be_visible()
    first.get_by_label("Name").fill("theirs")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("dialog")).to_have_count(0)
    second.get_by_label("Name").fill("again mine")
    second.get_by_role("button", name="Save").click()
    conflict = second.get_by_role("alert").filter(has_text="Somebody else")
    expect(conflict).to_contain_text("“mine” is now “theirs”")
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["name"] == "theirs"
    conflict.get_by_role("button", name="Replace it by mine").click()
    expect(second.get_by_role("dialog")).to_have_count(0)
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["name"] == "again mine"


def test_a_session_that_ends_while_a_form_is_open(signed_in, weir):
    weir.create_token([("team", "search")], name="mine")
    page = signed_in()
    page.get_by_role("button", name="Edit mine").click()
    page.get_by_label("Name").fill("typed before")
    page.evaluate("fetch('/console/session', {method: 'DELETE', headers: {'X-Weir-Console': '1'}}).then(() => undefined)")
    page.get_by_role("button", name="Save").click()
    asked = page.get_by_role("dialog", name="Your session has ended")
    expect(asked).to_be_visible()
    asked.get_by_label("API token").fill(nodes.API_TOKEN)
    asked.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("row", name=re.compile("typed before"))).to_be_visible()
    assert weir.admin.json("GET", TOKENS)[0]["name"] == "typed before"


def test_a_request_is_explained_and_the_audit_tells(signed_in, weir):
    token = weir.create_token([("team", "search")], name="asker")
    assert weir.as_holder(token).request("GET", "/_cat/indices").status_code == 403
    page = signed_in("explain")
    page.get_by_role("button", name="Explain").click()
    sent = page.get_by_label("Request to the cluster")
    expect(sent).to_contain_text("timed out")
    marked = "".join(sent.locator("mark").all_inner_texts())
    assert "search" in marked and "timed out" not in marked
    page.get_by_label("Request", exact=True).fill("curl -X DELETE http://host:9600/logs-1")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("Refused: 403")).to_be_visible()
    page.goto(f"{weir.admin_url}/console/#/audit?token={token['id']}")
    deadline = time.monotonic() + 60
    while not page.get_by_text("route.metadata").count():  # denials are stored every few seconds
        assert time.monotonic() < deadline
        page.get_by_role("button", name="Refresh").click()
        page.wait_for_timeout(500)
    expect(page.get_by_role("row", name=re.compile("Token created"))).to_have_count(1)


def test_a_link_is_made_and_revoked(open_profile, start_weir, sampled_opensearch):
    weir = start_weir(sampled_opensearch, front=True)
    token = weir.create_token([("team", "payments")], name="auditor")
    profile = open_profile()
    profile.tolerated.append(REFUSED)
    page = profile.new_page()
    page.goto(f"{weir.admin_url}/console/#/share?token={token['id']}")
    sign_in(page, weir)
    page.get_by_label("Address in Dashboards").fill("/app/dashboards#/view/abc?_g=(time:(from:now-7d,to:now))")
    page.get_by_label("Name of the link").fill("for the auditor")
    page.get_by_role("button", name="Get the link").click()
    expect(page.get_by_text("The link is ready")).to_be_visible()
    (link,) = weir.admin.json("GET", f"{TOKENS}/{token['id']}/links")
    assert link["name"] == "for the auditor" and link["kind"] == "live"
    if link["url"]:
        expect(page.get_by_role("alert")).to_contain_text(link["url"])
    holder = weir.as_holder(link["secret"])
    assert holder.request("GET", "/logs-*/_count").status_code == 200
    page.get_by_role("button", name="Revoke for the auditor").click()
    page.get_by_role("button", name="Revoke link").click()
    expect(page.get_by_text("No links with auditor yet")).to_be_visible()
    assert holder.request("GET", "/logs-*/_count").status_code == 401


def test_failures_are_told(signed_in, weir):
    page = signed_in("filters")
    page.route("**/v1/shared-tokens/filters", lambda route: route.fulfill(status=503, content_type="application/json",
               body='{"message":"the store is away","errorCode":"x","requestId":"r","parameters":{}}'))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("the store is away")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No filters yet")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_can_be_used_by_everybody(signed_in, weir, axe, theme, width):
    weir.create_token([("team", "payments"), ("level", "error")], name="payments auditor")
    weir.create_token([("team", "identity"), ("team", "logistics")], name="partner view", filtersOperator="OR", expirationDate=int(time.time()) + 86_400)
    page = signed_in(viewport={"width": width, "height": 800}, color_scheme=theme)

    def check(name):
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{name} is too wide"
        if SHOTS:
            page.wait_for_timeout(300)
            page.screenshot(path=pathlib.Path(SHOTS) / f"{name}-{theme}-{width}.png", full_page=True)

    expect(page.get_by_text("partner view")).to_be_visible()
    check("tokens")
    page.get_by_role("button", name="Edit payments auditor").click()
    wait_for_preview(page, "visible now")
    check("token-form")
    page.keyboard.press("Escape")
    for place, seen in (("filters", "logistics"), ("explain", "Why does a document show?"), ("share", "What to share"), ("audit", "Token created")):
        page.goto(f"{weir.admin_url}/console/#/{place}")
        expect(page.get_by_text(seen).first).to_be_visible()
        if place == "explain":
            page.get_by_role("button", name="Explain").click()
            expect(page.get_by_label("Request to the cluster")).to_be_visible()
        check(place)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API token")).to_be_visible()
    check("sign-in")


def test_a_first_visit_is_small(open_profile, weir):
    page = open_profile().new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{weir.admin_url}/console/")
    expect(page.get_by_label("API token")).to_be_visible()
    assert sum(int(answer.headers.get("content-length", 0)) for answer in answers) < GZIP_BUDGET
    scripts = [answer for answer in answers if answer.url.endswith(".js")]
    assert scripts and all(answer.headers["content-encoding"] == "gzip" and "immutable" in answer.headers["cache-control"] for answer in scripts)
