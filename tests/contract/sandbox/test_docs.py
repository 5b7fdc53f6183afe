"""`docs/sandbox.md`: every test control and number exists, and every example runs."""

import json
import re
from pathlib import Path

import pytest

from coursebook.sandbox.main import options_parser
from coursebook.sandbox.stripe.routes import OPERATIONS
from coursebook.sandbox.stripe.test_cards import CARDS
from coursebook.sandbox.test_controls.routes import CONTROLS
from tests.contract.scenarios.registry import SCENARIOS
from tests.contract.scenarios.test_scenarios import FILES
from tests.support import cards
from tests.support.sandbox import SandboxProcess

DOCS = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
EXAMPLES = re.findall(r"^POST /_test/(\S+) (\{.*\})$", DOCS, re.MULTILINE)
PROGRAMS = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
NOUNS = {"checkout": "Checkout Sessions", "payment_intents": "PaymentIntents"}


def test_every_number_is_in_the_docs():
    for card in CARDS.values():
        assert card.spaced in DOCS


def test_every_test_control_has_an_example():
    shown = {re.sub(r"\{\w+\}", "{key}", path) for path, _ in EXAMPLES}
    assert shown == set(CONTROLS)


def test_every_option_and_every_resource_is_in_the_docs():
    options = set(re.findall(r"--[a-z-]+", options_parser().format_help())) - {"--help"}
    assert [name for name in options if f"`{name}`" not in DOCS] == []
    for operation in OPERATIONS:
        noun = operation.path.split("/")[2]
        assert NOUNS.get(noun, noun.replace("_", " ")) in DOCS


def test_the_number_of_scenarios_is_right():
    assert FILES
    assert f"[{len(SCENARIOS)} scenarios]" in DOCS


@pytest.fixture
def known(client, sandbox, open_session):
    """The placeholders in curly brackets that the examples use."""

    def charge(card=cards.VISA):
        paid = sandbox.pay(open_session().id, card)
        intent = client.v1.payment_intents.retrieve(paid["session"]["payment_intent"])
        return str(intent.latest_charge), str(paid["event"])

    def refund(card):
        return sandbox.control(f"charges/{charge(card)[0]}/refund", amount=100)["refund"]["id"]

    paid, event = charge()
    sandbox.pay(open_session(amount=900, currency="brl").id)  # money for a second payout
    return {
        **{name: open_session().id for name in ("session", "debit", "other")},
        "charge": paid,
        "event": event,
        "asked": charge()[0],
        "refund": refund(cards.VISA),
        "pending": refund(cards.REFUND_PENDING),
    }


def test_every_example_of_a_test_control_runs(sandbox, known, open_session):
    for path, body in EXAMPLES:
        filled = body.replace("{event}", known["event"])
        said = sandbox.control(path.format(**known), **json.loads(filled))
        if "dispute" in said and path.endswith("/dispute"):
            known["dispute" if "{charge}" in path else "inquiry"] = said["dispute"]["id"]
        if path == "payouts":
            known |= zip(
                ("payout", "bounced"), (each["id"] for each in said["payouts"]), strict=False
            )
        if path.startswith("deliveries/mode"):
            sandbox.control("deliveries/release")
        if path.startswith("faults"):
            sandbox.control("faults", count=0)
        if path.startswith("clock"):  # the sessions have expired and the refund has succeeded
            known |= {name: open_session().id for name in ("session", "debit", "other")}
            paid = sandbox.pay(open_session().id, cards.REFUND_PENDING)["session"]
            known["pending"] = refund_of(sandbox, paid)


def refund_of(sandbox, session):
    charge = sandbox.api(f"payment_intents/{session['payment_intent']}")["latest_charge"]
    return sandbox.control(f"charges/{charge}/refund", amount=100)["refund"]["id"]


def test_the_five_lines_for_another_product_work(capsys, monkeypatch):
    with SandboxProcess() as own:
        monkeypatch.setenv("STRIPE_SECRET_KEY", own.secret_key)
        for code in PROGRAMS:
            exec(code.replace("http://localhost:3001", own.url), {})  # our own docs
    page, secret = capsys.readouterr().out.split()
    assert page.startswith(f"{own.url}/c/pay/cs_test_")
    assert secret.startswith("whsec_")
