"""Expandable references: exactly those of Stripe's schema."""

from collections.abc import Iterator
from typing import Any

import pytest

from coursebook.sandbox.stripe.expansion import PLAIN_PARTS, REFERENCES
from tests.support import cards
from tests.support.stripe_schema import DOCUMENT

SCHEMAS = DOCUMENT["components"]["schemas"]
PARTS = {
    "session discount": SCHEMAS["checkout.session"]["properties"]["discounts"]["items"],
    "promotion": SCHEMAS["promotion_code"]["properties"]["promotion"],
    "discount source": SCHEMAS["discount"]["properties"]["source"],
}


def choices(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of a field; a nullable one is nested a level deeper."""
    for option in field.get("anyOf", [field]):
        if "anyOf" in option:
            yield from choices(option)
        else:
            yield option


def references(schema: dict[str, Any]) -> dict[str, set[str]]:
    """Return the fields of a schema that are an id or an object, with the possible kinds."""
    found = {}
    for name, field in schema["properties"].items():
        options = list(choices(field))
        objects = [o for o in options if "$ref" in o or o.get("type") == "object"]
        if objects and any(o.get("type") == "string" for o in options):
            kinds = {o["$ref"].rpartition("/")[2] for o in objects if "$ref" in o}
            found[name] = kinds
    return found


@pytest.mark.parametrize("kind", list(REFERENCES))
def test_the_table_of_references_is_stripes(kind: str) -> None:
    stripes = references(PARTS.get(kind) or SCHEMAS[kind])
    for name, target in REFERENCES[kind].items():
        assert name in stripes
        assert target in stripes[name] or target in (None, "any source")


@pytest.mark.parametrize("kind", list(REFERENCES))
def test_no_reference_to_an_object_of_the_document_is_missing(kind: str) -> None:
    for name, kinds in references(PARTS.get(kind) or SCHEMAS[kind]).items():
        if kinds:
            assert name in REFERENCES[kind], name


def test_every_part_without_a_name_has_its_references() -> None:
    assert set(PLAIN_PARTS.values()) <= set(REFERENCES)


def test_expanding_works_through_every_reference_of_a_payment(client, open_session, sandbox):
    paid = sandbox.pay(open_session().id, cards.DISPUTED)["session"]
    calls = client.v1
    intent = calls.payment_intents.retrieve(
        paid["payment_intent"], {"expand": ["latest_charge.balance_transaction.source"]}
    )
    assert intent.latest_charge.balance_transaction.source.id == intent.latest_charge.id
    parameters = {
        "charge": intent.latest_charge.id,
        "expand": ["data.charge", "data.payment_intent"],
    }
    dispute = calls.disputes.list(parameters).data[0]
    assert dispute.payment_intent.latest_charge == dispute.charge.id
    assert calls.disputes.list({"payment_intent": paid["payment_intent"]}).data[0].id == dispute.id


@pytest.mark.parametrize("path", ["payment_method", "metadata", "amount", "nonsense", "a.b.c.d.e"])
def test_what_is_no_reference_is_refused(browser, sandbox, open_session, path):
    paid = sandbox.pay(open_session().id)["session"]
    head = {"Authorization": f"Bearer {sandbox.secret_key}"}
    address = f"/v1/payment_intents/{paid['payment_intent']}?expand[]={path}"
    answer = browser.get(address, headers=head)
    assert answer.status_code == 400
    assert "expand" in answer.json()["error"]["message"]
