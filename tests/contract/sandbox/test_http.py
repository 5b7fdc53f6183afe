"""Keys, errors, cursors, expansion and parameters as they look on the wire."""

import pytest
import stripe

from tests.contract.sandbox.conftest import client_of, session_params
from tests.contract.sandbox.stripe_oracle import CheckedClient
from tests.support.stripe_schema import check_response


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "did not provide an API key"),
        ("sk_test_another", "Invalid API Key"),
        ("pk_test_of_the_tests", "Invalid API Key"),
        ("sk_live_of_the_tests", "never send it a live key"),
    ],
)
def test_a_wrong_key_is_refused(sandbox, oracle, key, words):
    http = CheckedClient(oracle)
    with pytest.raises(stripe.AuthenticationError, match=words):
        client_of(sandbox, http, key=key).v1.balance.retrieve()
    http.close()


def test_the_key_may_come_the_way_curl_sends_it(sandbox, browser):
    answer = browser.get("/v1/balance", auth=(sandbox.secret_key, ""))
    assert answer.status_code == 200
    assert answer.headers["stripe-version"] == "2026-10-28.endive"


def test_an_unknown_address_is_refused_in_stripes_shape(sandbox, browser):
    head = {"Authorization": f"Bearer {sandbox.secret_key}"}
    for method, path in (
        ("GET", "/v1/customers"),
        ("DELETE", "/v1/refunds/re_1"),
        ("POST", "/v1/tokens"),
    ):
        answer = browser.request(method, path, headers=head)
        assert answer.status_code == 404
        assert not check_response("error", answer.json())
        assert answer.headers["request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        (
            {"payment_intent_data": {"colour": "red"}},
            "parameter_unknown",
            "payment_intent_data[colour]",
        ),
        ({"ui_mode": "hosted"}, None, "ui_mode"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"success_url": "no address"}, "url_invalid", "success_url"),
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata[" + "k" * 41 + "]"),
        ({"metadata": {str(n): "v" for n in range(51)}}, None, "metadata"),
        ({"line_items": "bread"}, None, "line_items"),
        ({"adaptive_pricing": {"enabled": "maybe"}}, None, "adaptive_pricing[enabled]"),
        ({"customer": "cus_1"}, "parameter_unknown", "customer"),
    ],
)
def test_a_bad_parameter_is_named(open_session, change, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        open_session(**change)
    assert (refusal.value.http_status, refusal.value.code) == (400, code)
    assert refusal.value.param == param


def test_a_missing_parameter_is_named(client):
    params = session_params()
    del params["success_url"]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(params)
    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "success_url")


def test_an_unknown_currency_is_refused(open_session):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency: xxx"):
        open_session(currency="xxx")


def test_metadata_with_numbers_as_keys_stays_an_object(open_session):
    assert open_session(metadata={"0": "a", "1": "b"}).metadata.to_dict() == {"0": "a", "1": "b"}


def test_json_is_not_taken_for_a_form(sandbox, browser):
    head = {"Authorization": f"Bearer {sandbox.secret_key}"}
    answer = browser.post("/v1/checkout/sessions", headers=head, json={"mode": "payment"})
    assert answer.status_code == 400
    assert "content type" in answer.json()["error"]["message"]


def test_lists_are_walked_with_cursors_in_both_directions(client, open_session):
    session_ids = [open_session().id for _ in range(5)]
    sessions = client.v1.checkout.sessions
    first = sessions.list({"limit": 2})
    assert [s.id for s in first.data] == [session_ids[4], session_ids[3]]
    assert first.has_more
    second = sessions.list({"limit": 2, "starting_after": session_ids[3]})
    assert [s.id for s in second.data] == [session_ids[2], session_ids[1]]
    back = sessions.list({"limit": 2, "ending_before": session_ids[1]})
    assert [s.id for s in back.data] == [session_ids[3], session_ids[2]]
    walked = [s.id for s, _ in zip(first.auto_paging_iter(), range(5), strict=False)]
    assert walked == session_ids[::-1]


def test_lists_can_be_limited_to_a_time(client, open_session):
    created = open_session().created
    sessions = client.v1.checkout.sessions
    assert sessions.list({"created": {"gt": created + 3600}}).data == []
    assert sessions.list({"created": {"gte": created}, "limit": 1}).data


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_1_to_100_entries(client, limit):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.list({"limit": limit})


def test_an_unknown_cursor_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.charges.list({"starting_after": "ch_nobody"})
    assert refusal.value.param == "starting_after"


def test_what_cannot_be_expanded_is_refused(client, open_session):
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.checkout.sessions.retrieve(open_session().id, {"expand": ["metadata"]})


def test_lists_are_expanded_below_data(client, open_session, sandbox):
    sandbox.pay(open_session().id)
    listed = client.v1.charges.list({"limit": 1, "expand": ["data.payment_intent"]})
    assert listed.data[0].payment_intent.status == "succeeded"


def test_another_host_name_is_refused(browser):
    answer = browser.get("/healthz", headers={"Host": "evil.example"})
    assert answer.status_code == 400
