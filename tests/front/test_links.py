"""Links: what the address bar, the cookie and the next request are; what ends them; what is said to those whose link opens nothing."""
import datetime
import pathlib
import time

import pytest
import requests

import nodes
import wire

NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
WRONG = "00000000-0000-0000-0000-000000000000"


def cookies_set(response):
    return response.raw.headers.getlist("set-cookie")


def test_a_link_becomes_a_cookie_and_a_clean_address(new_browser, token):
    browser = new_browser()
    answer = browser.open(token["token"], "/app/dashboards?embed=true&x=%2F")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/app/dashboards?embed=true&x=%2F"
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    assert cookies_set(answer) == [f"weir={token['token']}; Path=/; HttpOnly; SameSite=Lax"]
    assert token["token"] not in answer.text
    page = browser.request("GET", answer.headers["location"], headers=NAVIGATION)
    assert page.status_code == 200 and "page" in page.text


@pytest.mark.parametrize("target, clean", [
    ("/?shareToken={}", "/"), ("/app/x?a=1&shareToken={}&b=2", "/app/x?a=1&b=2"), ("/app/x?shareToken={}&a", "/app/x?a"),
    ("/app/x?share%54oken={}&a", "/app/x?a"), ("/app/x?SHARETOKEN={}", "/app/x"), ("/goto/abc?shareToken={}&&b", "/goto/abc?b")])
def test_the_secret_leaves_whatever_its_place(new_browser, token, target, clean):
    answer = new_browser().request("GET", target.format(token["token"]), headers=NAVIGATION)
    assert (answer.status_code, answer.headers["location"]) == (302, clean)


@pytest.mark.parametrize("target", ["//evil.example/?shareToken={}", "/a//evil.example?shareToken={}", "/%2f%2fevil.example?shareToken={}", "/a/..//b?shareToken={}",
                                    "/\\evil.example?shareToken={}", "/a/./b?shareToken={}", "/a/%2e%2e/b?shareToken={}", "/%5cevil.example?shareToken={}"])
def test_a_link_leads_nowhere_else(weir, token, target):
    answer = raw(weir, f"GET {target.format(token['token'])} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"location" not in answer.lower() and b"set-cookie" not in answer.lower() and token["token"].encode() not in answer


def raw(weir, text):
    client = wire.Client(weir.front_port, timeout=60).send(text)
    answer = b""
    while piece := client.sock.recv(1 << 16):
        answer += piece
    client.sock.close()
    return answer


def dead_answers(browser, weir, token):
    """What a browser gets by a link, and by the cookie it had, as things that can be compared."""
    by_link = browser.open(token)
    again = requests.Session()
    again.trust_env = False
    by_cookie = again.get(weir.front_url + "/app/dashboards", headers={**NAVIGATION, "Cookie": f"weir={token}"}, allow_redirects=False)
    by_script = again.get(weir.front_url + "/api/saved_objects/_find", headers={"Sec-Fetch-Mode": "cors", "Cookie": f"weir={token}"}, allow_redirects=False)
    return [(one.status_code, one.text, one.headers.get("content-security-policy"), cookies_set(one)) for one in (by_link, by_cookie, by_script)]


def test_dead_links_look_alike(weir, new_browser):
    expired = weir.create_token([("team", "a")], expirationDate=(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=10)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    deleted, disabled = weir.create_token([("team", "b")]), weir.create_token([("team", "c")])
    weir.admin.json("DELETE", f"/v1/shared-tokens/{deleted['id']}")
    weir.admin.json("PATCH", f"/v1/shared-tokens/{disabled['id']}", {"enabled": False})
    nodes.until(lambda: weir.as_holder(expired).request("GET", "/").status_code == 401, 60)
    answers = [dead_answers(new_browser(), weir, secret)
               for secret in (WRONG, expired["token"], deleted["token"], disabled["token"])]
    assert all(answer == answers[0] for answer in answers[1:])
    link, cookie, script = answers[0]
    assert (link[0], cookie[0], script[0]) == (401, 401, 401)
    assert "no longer works" in link[1] and "<html" in link[1] and '"statusCode":401' in script[1]
    for one in (link, cookie, script):
        assert one[3] == ["weir=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]


@pytest.mark.parametrize("secret", ["", "x" * 600, "a%20b", "a;b", "a\"b", "%00"])
def test_what_can_be_no_secret(new_browser, secret):
    assert new_browser().open(secret).status_code == 401


def test_two_secrets_in_one_address_open_nothing(new_browser, token):
    answer = new_browser().request("GET", f"/app/x?shareToken={token['token']}&shareToken={token['token']}", headers=NAVIGATION)
    assert answer.status_code == 401


def test_revoked_while_open(weir, visitor, token, dashboards):
    assert visitor.request("GET", "/app/home", headers=NAVIGATION).status_code == 200
    weir.admin.json("DELETE", f"/v1/shared-tokens/{token['id']}")
    before = len(dashboards.requests)
    page = visitor.request("GET", "/app/home", headers=NAVIGATION, cookies={"weir": token["token"]})
    assert page.status_code == 401 and "no longer works" in page.text
    answer = visitor.request("POST", "/internal/search/opensearch", {}, headers={"Sec-Fetch-Mode": "cors"}, cookies={"weir": token["token"]})
    assert answer.status_code == 401 and answer.json()["code"] == "front.no_link"
    assert len(dashboards.requests) == before


def test_the_newest_link_wins_and_says_so(weir, new_browser, dashboards):
    one, two = weir.create_token([("team", "a")]), weir.create_token([("team", "b")])
    browser = new_browser()
    browser.open(one["token"])
    first = browser.json("GET", "/.weir/view")
    assert browser.open(one["token"]).status_code == 302
    assert browser.json("GET", "/.weir/view")["replaced"] is False, "the same link is no other"
    browser.open(two["token"])
    second = browser.json("GET", "/.weir/view")
    assert second["replaced"] is True and second["view"] != first["view"]
    assert browser.json("GET", "/.weir/view")["replaced"] is False, "it is said once"
    browser.request("GET", "/app/home", headers=NAVIGATION)
    assert dashboards.headers()["x-shared-token"] == two["token"]


def test_the_view_tells_the_end_and_not_the_secret(weir, new_browser):
    token = weir.create_token([("team", "a")], expirationDate=None)
    browser = new_browser()
    browser.open(token["token"])
    view = browser.request("GET", "/.weir/view")
    assert view.json()["expiresAt"] is None and view.json()["marker"] is True
    assert token["token"] not in view.text
    lasting = weir.create_token([("team", "a")])
    browser.open(lasting["token"])
    assert 6 * 86_400 < browser.json("GET", "/.weir/view")["expiresAt"] - time.time() < 8 * 86_400


def test_two_cookies_that_differ_open_nothing(weir, token):
    other = weir.create_token([("team", "x")])
    answer = raw(weir, f"GET /app/x HTTP/1.1\r\nHost: x\r\nCookie: weir={token['token']}\r\nCookie: weir={other['token']}\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_network_of_the_token_is_the_browsers(weir, new_browser):
    elsewhere = weir.create_token([("team", "a")], limits={"networks": ["10.0.0.0/8"]})
    assert new_browser().open(elsewhere["token"]).status_code == 403
    here = weir.create_token([("team", "a")], limits={"networks": ["127.0.0.0/8"]})
    assert new_browser().open(here["token"]).status_code == 302


def test_the_front_has_one_name(start_weir, scripted_upstream, dashboards):
    with_url = start_weir(scripted_upstream.url, front=True, flags=["--front-dashboards", dashboards.url, "--front-url", "https://Logs.example", "--front-same-site", "none"])
    token = with_url.create_token([("team", "a")])["token"]
    front = nodes.Http(with_url.front_url)
    ask = lambda host: front.request("GET", f"/app/x?shareToken={token}", headers={"Host": host, **NAVIGATION}, allow_redirects=False)
    for host in ("logs.example", "LOGS.example:443"):
        answer = ask(host)
        assert answer.status_code == 302
        assert cookies_set(answer) == [f"__Host-weir={token}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"]
    for host in ("evil.example", "logs.example:8443", "logs.example.evil.example"):
        assert ask(host).status_code == 403


def test_no_secret_in_logs_or_metrics(weir, new_browser, token):
    browser = new_browser()
    browser.open(token["token"], "/app/visible?name=queryvalue")
    browser.request("GET", "/app/visible?name=queryvalue", headers=NAVIGATION)
    browser.open(WRONG)
    browser.request("GET", "/cut")
    metrics = weir.admin.request("GET", "/metrics").text
    assert 'listener="front"' in metrics
    nodes.until(lambda: weir.log().count('"listener":"front"') >= 4, 60)
    for text in (weir.log(), metrics):
        for secret in (token["token"], WRONG, "queryvalue", "/app/visible"):
            assert secret not in text


def test_tls_and_accounts(start_weir, scripted_upstream, dashboards, certificate):
    def config(weir):
        return (f'[front]\nlisten = "127.0.0.1:{weir.front_port}"\ndashboards = "{dashboards.url}"\n'
                f'tls.certificate = "{certificate.cert}"\ntls.key = "{certificate.key}"\nmarker = false\n'
                '[[account]]\nname = "default"\nindices = ["logs-*"]\nframe_ancestors = ["https://portal.example", "self"]\n')

    weir = start_weir(scripted_upstream.url, front=True, indices=None, config=config)
    token = weir.create_token([("team", "a")])["token"]
    front = nodes.Http(f"https://127.0.0.1:{weir.front_port}")
    answer = front.request("GET", f"/app/x?shareToken={token}", headers=NAVIGATION, allow_redirects=False, verify=str(certificate.cert))
    assert cookies_set(answer) == [f"__Host-weir={token}; Path=/; HttpOnly; Secure; SameSite=Lax"]
    page = front.request("GET", "/app/x", headers={"Cookie": f"__Host-weir={token}", **NAVIGATION}, verify=str(certificate.cert))
    assert page.status_code == 200 and "marker.js" not in page.text
    assert page.headers["content-security-policy"].endswith("frame-ancestors https://portal.example 'self'")
    file = pathlib.Path(weir.folder / "weir.toml")
    file.write_text(file.read_text().replace('"https://portal.example", "self"', '"none"'))
    weir.process.send_signal(1)
    nodes.until(lambda: front.request("GET", "/app/x", headers={"Cookie": f"__Host-weir={token}", **NAVIGATION}, verify=str(certificate.cert))
                .headers["content-security-policy"].endswith("frame-ancestors 'none'"), 60)


def test_a_link_of_its_own_opens_and_ends_alone(start_weir, scripted_upstream, dashboards):
    weir = start_weir(scripted_upstream.url, front=True, flags=["--front-dashboards", dashboards.url, "--front-url", "http://logs.example"])
    token = weir.create_token([("team", "a")])
    link = weir.admin.json("POST", f"/v1/shared-tokens/{token['id']}/links", {"url": "/app/dashboards#/view/abc"})
    address = link["url"].partition("#")[0].removeprefix("http://logs.example")
    front = nodes.Http(weir.front_url, {"Host": "logs.example", **NAVIGATION})
    opened = front.request("GET", address, allow_redirects=False)
    assert opened.status_code == 302 and "shareToken" not in opened.headers["location"]
    cookie = {"Cookie": cookies_set(opened)[0].partition(";")[0]}
    assert front.request("GET", "/app/home", headers=cookie).status_code == 200
    weir.admin.json("DELETE", f"/v1/shared-tokens/{token['id']}/links/{link['id']}")
    assert front.request("GET", "/app/home", headers=cookie).status_code == 401
    assert front.request("GET", f"/app/home?shareToken={token['token']}", allow_redirects=False).status_code == 302
