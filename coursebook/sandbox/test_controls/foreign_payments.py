"""Another application on the same Stripe account, for tests."""

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.checkout_sessions import begin
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
KINDS = {name: type(value) for name, value in DEFAULTS.items()}
WORDS = {dict: "an object", int: "a whole number", str: "a text", bool: "true or false"}


def foreign_payment(context: Context, said: Body) -> tuple[Body, Body]:
    """Make a session that the product never asked for and pay it.

    `said` may hold `metadata` (to carry somebody's mark), `amount`, `currency`, `livemode`, and
    `account`, as on the events of a connected account. Returns the session and its
    `checkout.session.completed`.
    """
    said = {**DEFAULTS, **said}
    for name, kind in KINDS.items():
        if type(said[name]) is not kind:
            raise StripeRefusal(f"{name} must be {WORDS[kind]}.", param=name)
    notes = said["metadata"]
    price = {
        "currency": said["currency"],
        "unit_amount": said["amount"],
        "product_data": {"name": "Something of another shop"},
    }
    params = {
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "https://another-shop.example/thanks",
        "metadata": notes,
        "payment_intent_data": {"metadata": notes},
    }
    session = begin(context, params) | {"livemode": said["livemode"]}
    save(context, session, due=session["_closes_at"])
    mark = current_account.set(said["account"] or None)
    try:
        outcome = pay(context, session["id"], CARDS["4242424242424242"], "someone@example.test")
    finally:
        current_account.reset(mark)
    event = load(context, "event", outcome.event or "", "id")
    return load(context, "checkout.session", session["id"], "session"), event
