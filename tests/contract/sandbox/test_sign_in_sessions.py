"""Sessions of the sandbox's sign-in, with separate browsers over real HTTP."""

from pathlib import Path

import httpx
import pytest

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.sign_in import sessions
from coursebook.sandbox.sign_in.accounts import person_of
from coursebook.sandbox.sign_in.sessions import KIND, SESSION_SECONDS, SignIns, browser_name
from coursebook.sandbox.store import Store
from tests.contract.sandbox.dashboard_reader import DashboardReader, text_of
from tests.support.sandbox import SandboxProcess

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
HOUR = 3600


class Browser:
    """One browser on a page of the product, with its cookie."""

    def __init__(self, sandbox, agent=CHROME):
        headers = {"origin": sandbox.product_url, "user-agent": agent}
        options = {"verify": False, "trust_env": False, "timeout": 30}
        self.http = httpx.Client(base_url=sandbox.url, headers=headers, **options)

    def sign_in(self, who):
        answer = self.http.post("/v1/client/sign_ins", data={"identifier": who}).json()
        return answer["response"]["created_session_id"]

    def who(self):
        client = self.http.get("/v1/client").json()["response"]
        return client and client["sessions"][0]["user"]["first_name"]

    def post(self, path, **fields):
        return self.http.post(f"/v1/client/{path}", data=fields)

    def token(self, session):
        return self.post(f"sessions/{session}/tokens")


@pytest.fixture(scope="module")
def running():
    with SandboxProcess() as sandbox:
        yield sandbox


@pytest.fixture
def dashboard(running):
    reader = DashboardReader(running)
    yield reader
    reader.http.close()


@pytest.fixture
def opened(running):
    browsers = []

    def opening(agent=CHROME):
        browsers.append(Browser(running, agent))
        return browsers[-1]

    yield opening
    for browser in browsers:
        browser.http.close()


def test_one_person_in_two_browsers_has_two_sessions_that_end_one_by_one(dashboard, opened):
    desk, phone = opened(), opened(PHONE)
    first, second = desk.sign_in("sam@example.test"), phone.sign_in("sam@example.test")
    page = dashboard.http.get("/sign-ins").text
    assert first in page
    assert second in page
    assert "sam@example.test Chrome on Linux" in text_of(page)
    assert "sam@example.test Safari on iPhone" in text_of(page)
    assert "Session ended." in text_of(dashboard.send(f"/sign-ins/{first}/end").text)
    assert desk.token(first).status_code == httpx.codes.UNAUTHORIZED
    assert desk.who() is None
    assert phone.token(second).status_code == httpx.codes.OK
    assert phone.who() == "Sam"
    page = dashboard.http.get("/sign-ins").text
    assert first not in page
    assert second in page


def test_a_revoked_session_gets_401_in_every_way_it_asks(dashboard, opened):
    desk = opened()
    session = desk.sign_in("sally@example.test")
    dashboard.send(f"/sign-ins/{session}/end")
    for what in ("tokens", "touch", "end", "remove"):
        refused = desk.post(f"sessions/{session}/{what}")
        assert refused.status_code == httpx.codes.UNAUTHORIZED
        assert refused.json()["errors"][0]["code"] == "authentication_invalid"


def test_what_ended_stays_listed_with_how_it_ended(dashboard, opened):
    desk = opened()
    revoked = desk.sign_in("ended.one@example.test")
    dashboard.send(f"/sign-ins/{revoked}/end")
    desk.sign_in("ended.two@example.test")
    desk.sign_in("ended.three@example.test")
    desk.post("sessions?_method=DELETE")
    shown = dashboard.text("/sign-ins?status=all")
    for who, how in (
        ("ended.one", "Ended from here"),
        ("ended.two", "Replaced by another person"),
        ("ended.three", "Signed out"),
    ):
        line = shown.split(f"{who}@example.test")[1]
        assert line.split("Chrome on Linux")[1].split("UTC")[2].startswith(f" {how}")


def test_ending_a_session_twice_says_so(dashboard, opened):
    session = opened().sign_in("sam@example.test")
    dashboard.send(f"/sign-ins/{session}/end")
    for key in (session, "sess_none"):
        answer = dashboard.send(f"/sign-ins/{key}/end")
        assert "This session has ended already." in text_of(answer.text)


def test_touch_gives_the_session_and_end_ends_it(opened):
    desk = opened()
    session = desk.sign_in("sam@example.test")
    touched = desk.post(f"sessions/{session}/touch").json()
    assert touched["response"]["id"] == session
    assert touched["client"]["last_active_session_id"] == session
    ended = desk.post(f"sessions/{session}/end")
    assert ended.json()["response"] == {"object": "session", "id": session, "status": "ended"}
    assert "max-age=0" in ended.headers["set-cookie"].lower()
    assert desk.who() is None


def test_a_second_tab_is_signed_in_and_out_with_the_first(opened):
    tab = opened()
    session = tab.sign_in("sam@example.test")
    second = tab.http.get("/v1/client").json()["response"]
    assert second["last_active_session_id"] == session
    tab.post("sessions?_method=DELETE")
    assert tab.token(session).status_code == httpx.codes.UNAUTHORIZED


def test_signing_in_as_anybody_from_the_dashboard_opens_the_product(running, dashboard, opened):
    page = opened()
    old = page.sign_in("sam@example.test")
    own = {"origin": running.url, "sec-fetch-site": "same-origin"}
    form = {"identifier": "New.Student@example.test"}
    answer = page.http.post("/v1/client/sign_ins/form", data=form, headers=own)
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert answer.headers["location"] == running.product_url
    assert page.who() == "New"
    assert page.token(old).status_code == httpx.codes.UNAUTHORIZED


def test_what_is_no_address_cannot_sign_in_from_the_dashboard(running, dashboard):
    answer = dashboard.send("/v1/client/sign_ins/form", identifier="nobody")
    assert "This is not an email address." in text_of(answer.text)


@pytest.mark.parametrize("path", ["sign_ins/form", "sessions/s/touch", "sessions/s/end"])
def test_other_sites_are_refused(opened, path):
    answer = opened().http.post(f"/v1/client/{path}", headers={"origin": "https://evil.example"})
    assert answer.status_code == httpx.codes.FORBIDDEN


def test_a_restart_keeps_sessions_and_their_ends(tmp_path: Path):
    with SandboxProcess(data=tmp_path) as sandbox:
        stays, goes = Browser(sandbox), Browser(sandbox, PHONE)
        dashboard = DashboardReader(sandbox)
        kept, ended = stays.sign_in("sam@example.test"), goes.sign_in("sam@example.test")
        dashboard.send(f"/sign-ins/{ended}/end")
        sandbox.end()
        sandbox.start()
        assert stays.token(kept).status_code == httpx.codes.OK
        assert goes.token(ended).status_code == httpx.codes.UNAUTHORIZED
        assert kept in dashboard.http.get("/sign-ins").text
        for client in (stays, goes, dashboard):
            client.http.close()


@pytest.fixture
def store(tmp_path):
    one = Store(tmp_path / "sandbox.db")
    yield one
    one.close()


class Hand(Clock):
    """A clock that a test can move."""

    at = 1_800_000_000.0

    def real_now(self):
        return self.at


def test_a_session_lives_a_week_to_the_second(store):
    clock = Hand(store)
    sign_ins = SignIns(store, clock)
    session, key = sign_ins.begin(person_of("sam@example.test"), CHROME)
    clock.at += SESSION_SECONDS - 1
    assert sign_ins.of_browser(key)
    clock.at += 1
    assert sign_ins.of_browser(key) is None
    assert not sign_ins.end(session["id"], "revoked")


def test_moving_the_sandboxs_clock_ends_no_session(store):
    clock = Hand(store)
    sign_ins = SignIns(store, clock)
    _, key = sign_ins.begin(person_of("sam@example.test"), CHROME)
    clock.advance(2 * SESSION_SECONDS)
    assert sign_ins.of_browser(key)


def test_when_a_browser_was_seen_is_noted_but_not_with_every_call(store):
    clock = Hand(store)
    sign_ins = SignIns(store, clock)
    begun, key = sign_ins.begin(person_of("sam@example.test"), CHROME)
    for seconds, noted in ((sessions.SEEN_INTERVAL - 1, False), (1, True)):
        clock.at += seconds
        sign_ins.note_seen(sign_ins.of_browser(key))
        assert (sign_ins.of_browser(key)["seen"] > begun["seen"]) is noted


def test_sessions_that_ended_long_ago_are_forgotten(store):
    clock = Hand(store)
    sign_ins = SignIns(store, clock)
    old, _ = sign_ins.begin(person_of("sam@example.test"), CHROME)
    clock.at += SESSION_SECONDS + sessions.RETENTION + HOUR
    sign_ins.begin(person_of("sam@example.test"), CHROME)
    assert store.get(KIND, old["id"]) is None


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        (PHONE, "Safari on iPhone"),
        (f"{CHROME} Edg/141.0", "Edge on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("", "a program without a name"),
        ("<script>", "a program without a name"),
    ],
)
def test_browsers_are_called_by_their_names(agent, name):
    assert browser_name(agent) == name
