"""Another application on the same Stripe account, for tests."""

from coursebook.sandbox.cards import CARDS
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.payments import pay
from coursebook.sandbox.resources import load, save
from coursebook.sandbox.session_objects import new_session
from coursebook.sandbox.store import Body
from coursebook.sandbox.world import World


def foreign_payment(world: World, said: Body) -> tuple[Body, Body]:
    """Make a session that the product never asked for and pay it.

    `said` may hold `metadata` (to carry somebody's mark), `amount` and `currency`. Returns the
    session and its `checkout.session.completed`.
    """
    notes = said.get("metadata", {"app": "another-shop"})
    amount, currency = said.get("amount", 1900), said.get("currency", "eur")
    if not isinstance(notes, dict) or type(amount) is not int or not isinstance(currency, str):
        raise StripeRefusal("metadata is an object, amount a whole number, currency a text.")
    price = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": "Something of another shop"},
    }
    params = {
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "https://another-shop.example/thanks",
        "metadata": notes,
        "payment_intent_data": {"metadata": notes},
    }
    clock = world.clock
    session = new_session(params, clock.seconds(), int(clock.real_now()), world.options.public_url)
    save(world, session, due=session["_closes_at"])
    outcome = pay(world, session["id"], CARDS["4242424242424242"], "someone@example.test")
    event = load(world, "event", outcome.event or "", "id")
    return load(world, "checkout.session", session["id"], "session"), event
