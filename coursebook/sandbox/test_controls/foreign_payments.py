"""Payments of another application on the same Stripe account, for tests."""

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.checkout_sessions import open_session
from coursebook.sandbox.stripe.events import current_account
from coursebook.sandbox.stripe.payments import pay
from coursebook.sandbox.stripe.resources import load, save
from coursebook.sandbox.stripe.test_cards import CARDS

DEFAULTS: Body = {
    "metadata": {"app": "another-shop"},
    "amount": 1900,
    "currency": "eur",
    "livemode": False,
    "account": "",
}
TYPES = {name: type(value) for name, value in DEFAULTS.items()}
TYPE_NAMES = {dict: "an object", int: "a whole number", str: "a text", bool: "true or false"}


def foreign_payment(context: Context, body: Body) -> tuple[Body, Body]:
    """Create and pay a session that the product did not create.

    `body` may have `metadata` (to imitate the product's), `amount`, `currency`, `livemode`, and
    `account` (as on events of a connected account). Return the session and its
    `checkout.session.completed`.
    """
    values = {**DEFAULTS, **body}
    for name, expected in TYPES.items():
        if type(values[name]) is not expected:
            raise StripeRefusal(f"{name} must be {TYPE_NAMES[expected]}.", param=name)
    metadata = values["metadata"]
    price = {
        "currency": values["currency"],
        "unit_amount": values["amount"],
        "product_data": {"name": "Something of another shop"},
    }
    params = {
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "https://another-shop.example/thanks",
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
    }
    session = open_session(context, params) | {"livemode": values["livemode"]}
    save(context, session, due=session["_closes_at"])
    token = current_account.set(values["account"] or None)
    try:
        outcome = pay(context, session["id"], CARDS["4242424242424242"], "someone@example.test")
    finally:
        current_account.reset(token)
    event = load(context, "event", outcome.event or "", "id")
    return load(context, "checkout.session", session["id"], "session"), event
