"""Requested faults as the SDK sees them, before and after a call takes effect."""

import time

import pytest
import stripe

from tests.contract.sandbox.conftest import client_of, session_params
from tests.support import cards

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def patient(sandbox):
    """The SDK as the product uses it: a short timeout and two retries."""
    http = stripe.RequestsClient(timeout=1)
    yield client_of(sandbox, http, max_network_retries=2)
    http.close()


def count_of(client, mark):
    listed = client.v1.checkout.sessions.list({"limit": 20}).data
    return sum(session.client_reference_id == mark for session in listed)


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("429", stripe.RateLimitError, 429),
        ("409", stripe.APIError, 409),
        ("500", stripe.APIError, 500),
        ("503", stripe.APIError, 503),
        ("reset", stripe.APIConnectionError, None),
    ],
)
def test_a_fault_before_a_call_leaves_no_trace(client, sandbox, kind, error, status):
    mark = f"before-{kind}-{time.monotonic_ns()}"
    sandbox.control("faults", count=1, kind=kind, path=SESSIONS)
    with pytest.raises(error) as problem:
        client.v1.checkout.sessions.create(session_params(client_reference_id=mark))
    assert problem.value.http_status == status
    assert count_of(client, mark) == 0


@pytest.mark.parametrize("kind", ["429", "500", "reset"])
def test_a_fault_after_a_call_hides_what_it_did_until_the_key_is_replayed(client, sandbox, kind):
    mark = f"after-{kind}-{time.monotonic_ns()}"
    params, options = session_params(client_reference_id=mark), {"idempotency_key": mark}
    sandbox.control("faults", count=1, kind=kind, when="after", method="POST")
    with pytest.raises(stripe.StripeError):
        client.v1.checkout.sessions.create(params, options)
    replayed = client.v1.checkout.sessions.create(params, options)
    assert replayed.client_reference_id == mark
    assert count_of(client, mark) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_sdk_gets_over_a_timeout_by_itself(patient, sandbox, when):
    mark = f"timeout-{when}-{time.monotonic_ns()}"
    params = session_params(client_reference_id=mark)
    sandbox.control("faults", count=1, kind="timeout", when=when, method="POST")
    assert patient.v1.checkout.sessions.create(params).client_reference_id == mark
    assert count_of(patient, mark) == 1


def test_a_fault_is_counted_down_and_meets_only_its_own_address(client, sandbox):
    sandbox.control("faults", count=2, kind="500", path="/v1/balance")
    assert client.v1.events.list({"limit": 1}).object == "list"
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.balance.retrieve()
    assert client.v1.balance.retrieve().object == "balance"


def test_an_exact_fault_meets_no_longer_address(client, sandbox, open_session):
    session = open_session().id
    sandbox.control("faults", count=1, kind="500", path=SESSIONS, exact=True)
    assert client.v1.checkout.sessions.retrieve(session).status == "open"
    assert client.v1.checkout.sessions.expire(session).status == "expired"
    with pytest.raises(stripe.APIError):
        client.v1.checkout.sessions.create(session_params())
    assert sandbox.get("faults") == {"waiting": []}


def test_faults_can_be_called_off(client, sandbox):
    sandbox.control("faults", count=50, kind="500")
    assert sandbox.control("faults", count=0) == {"waiting": []}
    assert client.v1.balance.retrieve().object == "balance"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("faults", {"kind": "earthquake"}),
        ("clock/advance", {}),
        ("clock/advance", {"seconds": -1}),
        ("clock/advance", {"seconds": "soon"}),
        ("deliveries/mode", {"mode": "sideways"}),
        ("sessions/cs_nobody/pay", {"card": cards.VISA}),
        ("charges/ch_nobody/refund", {}),
        ("events/resend", {"id": "evt_nobody"}),
        ("events/foreign", {"amount": "much"}),
    ],
)
def test_a_test_control_refuses_wrong_values(browser, path, said):
    answer = browser.post(f"/_test/{path}", json=said)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


def test_controls_take_json_only_and_from_no_other_site(browser):
    url = "/_test/faults"
    assert browser.post(url, content="{}").status_code == 415
    assert browser.post(url, json=[]).status_code == 400
    head = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(url, json={"count": 0}, headers=head).status_code == 403
