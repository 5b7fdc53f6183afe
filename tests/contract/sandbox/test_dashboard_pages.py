"""The other pages of the dashboard: frame, events, search, clock, faults, origin of forms."""

import re

import httpx
import pytest

from tests.contract.sandbox.conftest import session_params
from tests.contract.sandbox.dashboard_reader import DashboardReader, text_of
from tests.support.sandbox import SandboxProcess

PAGES = (
    "/",
    "/payments",
    "/refunds",
    "/disputes",
    "/events",
    "/mailbox",
    "/sign-ins",
    "/clock",
    "/faults",
    "/search?q=none",
)
FORMS = (
    "/payments/none/refund",
    "/payments/none/dispute",
    "/payments/none/settle",
    "/refunds/none/fail",
    "/disputes/none/close",
    "/disputes/none/escalate",
    "/events/none/resend",
    "/sign-ins/none/end",
    "/clock/advance",
    "/faults/deliveries",
    "/faults/release",
    "/faults/order",
    "/faults/forget",
    "/faults/foreign",
)


@pytest.fixture(scope="module")
def dashboard(running):
    reader = DashboardReader(running)
    yield reader
    reader.http.close()


@pytest.fixture(scope="module")
def fresh():
    """A sandbox in which nothing has happened, without test controls."""
    with SandboxProcess(test_controls=False) as sandbox:
        reader = DashboardReader(sandbox)
        yield reader
        reader.http.close()


@pytest.fixture(scope="module")
def paid_long_ago(running, session_client):
    key = session_client.v1.checkout.sessions.create(session_params()).id
    running.pay(key)
    return key


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_frame_and_needs_nothing_from_elsewhere(dashboard, path):
    answer = dashboard.http.get(path)
    page = answer.text
    assert answer.status_code == httpx.codes.OK
    assert "Test payments: no money moves" in page
    assert len(re.findall("<h1", page)) == 1
    assert "<script" not in page
    assert " style=" not in page
    assert "stripe" not in text_of(page).lower().replace("/api/stripe/webhook", "")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    hosts = set(re.findall(r"""(?:src|href|action)=["'](https?://[^/"']+)""", page))
    assert hosts <= {"http://localhost:3000"}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/", "None so far. Book a course in the product to see one."),
        ("/payments", "No payment yet."),
        ("/refunds", "No refund yet."),
        ("/disputes", "No dispute yet."),
        ("/events", "No event yet."),
        ("/mailbox", "No mail yet."),
        ("/sign-ins", "Nobody is signed in."),
        ("/payments?status=expired", "None of these."),
        ("/events?type=charge.refunded", "None of these."),
    ],
)
def test_an_empty_list_says_so(fresh, path, sentence):
    assert sentence in fresh.text(path)


@pytest.mark.parametrize("path", ["/payments/none", "/events/none", "/mailbox/none"])
def test_what_is_not_there_is_a_404_page(dashboard, path):
    answer = dashboard.http.get(path)
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "No such" in text_of(answer.text)


@pytest.mark.parametrize("path", FORMS)
def test_every_form_is_refused_when_it_comes_from_the_product(dashboard, path):
    headers = {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"}
    answer = dashboard.http.post(path, headers=headers)
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "Request refused" in text_of(answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_one_sign_of_another_page_is_enough(dashboard, headers):
    answer = dashboard.http.post("/clock/advance", headers=headers)
    assert answer.status_code == httpx.codes.FORBIDDEN


def test_a_form_of_another_page_changes_nothing(dashboard, sandbox, client, open_session):
    key = open_session().id
    sandbox.pay(key)
    headers = {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"}
    dashboard.http.post(f"/payments/{key}/refund", data={"seen": "0"}, headers=headers)
    intent = client.v1.checkout.sessions.retrieve(key).payment_intent
    assert client.v1.refunds.list({"payment_intent": intent}).data == []


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 40_000, b"amount=%00&seen=%ff"])
def test_a_form_full_of_nonsense_is_answered_with_a_sentence(
    dashboard, sandbox, body, paid_long_ago
):
    for path in (f"/payments/{paid_long_ago}/refund", "/clock/advance", "/faults/order"):
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = dashboard.http.post(path, content=body, headers=kind)
        assert answer.status_code == httpx.codes.OK
        assert 'role="alert"' in answer.text


def test_an_event_shows_its_json_its_deliveries_and_every_answer(
    dashboard, sandbox, receiver, open_session
):
    key = open_session().id
    receiver.answer(key, 503)
    event = sandbox.pay(key)["event"]
    receiver.wait(lambda got: "checkout.session.completed" in got.of(key))
    _eventually_delivered(dashboard, event)
    shown = dashboard.text(f"/events/{event}")
    assert "checkout.session.completed" in shown
    assert f'"id": "{event}"' in shown
    assert re.search(r"Try Answer Took Sent 1 503 \d+ ms .* UTC 2 200 \d+ ms", shown)


def test_resend_delivers_an_event_once_more(dashboard, sandbox, receiver, open_session):
    key = open_session().id
    event = sandbox.pay(key)["event"]
    page = text_of(dashboard.send(f"/events/{event}/resend").text)
    assert "The event is being sent again." in page
    receiver.wait(lambda got: got.of(key).count("checkout.session.completed") == 2)


def test_what_is_held_back_is_shown_as_waiting(dashboard, sandbox, open_session):
    sandbox.control("deliveries/mode", mode="hold")
    key = open_session().id
    event = sandbox.pay(key, wait=False)["event"]
    shown = dashboard.text(f"/events/{event}")
    assert "Waiting" in shown
    assert "Not tried yet." in shown
    assert "Deliveries are currently held" in shown
    assert event in dashboard.http.get("/events?status=undelivered").text


def test_events_can_be_cut_to_one_type(dashboard, sandbox, open_session):
    sandbox.pay(open_session().id)
    shown = dashboard.text("/events?type=charge.succeeded")
    assert "charge.succeeded" in shown
    assert "payment_intent.succeeded" not in shown


def test_search_leads_to_the_page_of_any_id(dashboard, client, sandbox, open_session):
    key = open_session().id
    event = sandbox.pay(key)["event"]
    intent = client.v1.checkout.sessions.retrieve(key).payment_intent
    charge = client.v1.payment_intents.retrieve(intent).latest_charge
    refund = client.v1.refunds.create({"payment_intent": intent, "amount": 100}).id
    for wanted in (key, intent, charge, refund, f" {key} "):
        page = dashboard.http.get("/search", params={"q": wanted})
        assert page.headers["location"] == f"/payments/{key}"
    assert (
        dashboard.http.get("/search", params={"q": event}).headers["location"] == f"/events/{event}"
    )


@pytest.mark.parametrize("wanted", ["", "pi_none", "<script>", "x" * 5000, "\x00", "%"])
def test_search_for_what_nobody_has_says_so_and_repeats_nothing_unescaped(dashboard, wanted):
    answer = dashboard.http.get("/search", params={"q": wanted})
    assert answer.status_code == httpx.codes.OK
    assert "Type a whole id" in text_of(answer.text)
    assert "<script" not in answer.text


def test_the_clock_moves_on_and_what_is_due_happens(fresh):
    before = fresh.text("/clock")
    assert "The same as the real time." in before
    page = text_of(fresh.send("/clock/advance", seconds="1860").text)
    assert "The clock has moved forward, and everything due has happened." in page
    assert "31 minutes ahead of the real time" in page
    page = text_of(fresh.send("/clock/advance", seconds="86400").text)
    assert "1 day, 31 minutes ahead of the real time" in page


def test_an_open_payment_page_expires_when_the_clock_moves_on(dashboard, open_session):
    key = open_session().id
    dashboard.send("/clock/advance", seconds="86400")
    assert "Expired" in dashboard.text(f"/payments/{key}")


@pytest.mark.parametrize("seconds", ["", "-60", "60", "1e9", "31536000"])
def test_the_clock_moves_by_its_buttons_only(dashboard, seconds):
    assert "Choose one of the buttons." in text_of(
        dashboard.send("/clock/advance", seconds=seconds).text
    )


def test_without_test_controls_the_page_of_faults_says_how_to_switch_them_on(fresh):
    shown = fresh.text("/faults")
    assert "COURSEBOOK_SANDBOX_LEVERS=1 make run" in shown
    assert "<form" not in fresh.http.get("/faults").text.split("<main")[1]


@pytest.mark.parametrize("path", [path for path in FORMS if path.startswith("/faults/")])
def test_without_test_controls_no_fault_can_be_ordered(fresh, path):
    answer = fresh.send(path, mode="drop", count="1", kind="500")
    assert "Test controls are off." in text_of(answer.text)


def test_deliveries_are_switched_and_released(dashboard, sandbox):
    page = text_of(dashboard.send("/faults/deliveries", mode="hold", delay_ms="").text)
    assert "Now: Hold" in page
    page = text_of(dashboard.send("/faults/release").text)
    assert "deliveries are normal again" in page
    assert "Now: Normal" in page


def test_a_fault_is_ordered_shown_met_and_forgotten(dashboard, sandbox, client):
    order = {"count": "2", "kind": "503", "when": "before", "path": "/v1/balance", "method": "GET"}
    page = text_of(dashboard.send("/faults/order", **order).text)
    assert "2 calls meet 503, unavailable, before it had an effect: GET /v1/balance" in page
    head = {"Authorization": f"Bearer {sandbox.secret_key}"}
    answer = dashboard.http.get("/v1/balance", headers=head)
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "1 call meets 503" in dashboard.text("/faults")
    assert "Nothing will go wrong." in text_of(dashboard.send("/faults/forget").text)


@pytest.mark.parametrize(
    "order", [{"count": "0"}, {"count": "x"}, {"count": "99999"}, {"kind": "x"}, {"delay_ms": "-1"}]
)
def test_a_fault_that_makes_no_sense_is_refused(dashboard, sandbox, order):
    good = {"count": "1", "kind": "500", "when": "before"}
    answer = dashboard.send("/faults/order", **{**good, **order})
    assert 'role="alert"' in answer.text
    assert sandbox.get("faults") == {"waiting": []}


def test_another_application_can_be_paid(dashboard, sandbox):
    assert "was paid" in text_of(dashboard.send("/faults/foreign").text)
    assert "Something of another shop" in dashboard.text("/payments")


def _eventually_delivered(dashboard, event):
    """Wait until the second answer is recorded, just after it was sent."""
    for _ in range(600):
        if "2 200" in dashboard.text(f"/events/{event}"):
            return
    pytest.fail("the second answer was never written down")
