"""The ground the browser tests stand on: pages of the real program are shown, and what is wrong with a page is found out."""
import pytest


def test_the_programs_answers_are_shown(page, start_weir, sampled_opensearch):
    weir = start_weir(sampled_opensearch)
    answer = page.goto(f"{weir.admin_url}/healthz")
    assert answer.status == 200 and page.inner_text("body").strip() == "ok"
    shared = weir.create_token([("team", "payments")])
    page.set_extra_http_headers({"Authorization": f"Bearer {shared['token']}"})
    page.goto(f"{weir.gate_url}/logs-*/_count")
    expected = weir.as_holder(shared).json("GET", "/logs-*/_count")["count"]
    assert page.evaluate("JSON.parse(document.body.innerText).count") == expected > 0


def test_profiles_share_nothing(open_profile, start_weir, sampled_opensearch):
    weir = start_weir(sampled_opensearch)
    pages = [open_profile().new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"{weir.admin_url}/healthz")
    pages[0].evaluate("document.cookie = 'mark=1'")
    assert [page.evaluate("document.cookie") for page in pages] == ["mark=1", ""]


def test_axe_tells_good_from_bad(page, axe):
    whole = "<!doctype html><html lang=en><head><title>t</title></head><body><main><h1>Title</h1>{}</main></body></html>"
    page.set_content(whole.format("<label>Name <input></label>"))
    axe(page)
    page.set_content(whole.format("<input>"))
    with pytest.raises(AssertionError, match="label"):
        axe(page)


def test_complaints_are_heard(open_profile, start_weir, sampled_opensearch):
    profile = open_profile()
    page = profile.new_page()
    page.goto(f"{start_weir(sampled_opensearch).admin_url}/healthz")
    page.evaluate("console.error('something is wrong')")
    page.evaluate("fetch('http://192.0.2.1/').catch(() => {}), undefined")
    page.wait_for_timeout(100)
    assert any("something is wrong" in text for text in profile.complaints)
    assert any("request to http://192.0.2.1/" in text for text in profile.complaints)
    profile.tolerated += ["something is wrong", "192.0.2.1"]
