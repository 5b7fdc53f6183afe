"""What `docs/sandbox.md` says is so: every lever and number is there, every example runs."""

import json
import re
from pathlib import Path

from coursebook.sandbox.cards import CARDS
from coursebook.sandbox.levers import LEVERS

DOCS = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
EXAMPLES = re.findall(r"^POST /_test/(\S+) (\{.*\})$", DOCS, re.MULTILINE)


def test_every_number_is_in_the_docs():
    for card in CARDS.values():
        assert card.spaced in DOCS


def test_every_lever_has_an_example():
    shown = {re.sub(r"\{\w+\}", "{key}", path) for path, _ in EXAMPLES}
    assert shown == set(LEVERS)


def test_every_example_of_a_lever_runs(client, sandbox, open_session):
    known = {"debit": open_session().id, "other": open_session().id, "session": open_session().id}
    paid = sandbox.pay(open_session().id)
    known["event"] = paid["event"]
    known["charge"] = client.v1.payment_intents.retrieve(
        paid["session"]["payment_intent"]
    ).latest_charge
    known["refund"] = sandbox.lever(f"charges/{known['charge']}/refund", amount=100)["refund"]["id"]
    for path, body in EXAMPLES:
        filled = body.replace("{event}", known["event"])
        assert sandbox.lever(path.format(**known), **json.loads(filled)) is not None
        if "deliveries/mode" in path:
            sandbox.lever("deliveries/release")
        if "clock" in path:
            known |= {name: open_session().id for name in ("debit", "other", "session")}


def test_the_five_lines_for_another_product_work(sandbox, capsys):
    code = re.search(r"```python\n(.*?)```", DOCS, re.DOTALL)[1]
    code = code.replace("sk_test_anything", sandbox.secret_key)
    exec(code.replace("http://localhost:3001", sandbox.url), {})  # our own docs
    assert f"{sandbox.url}/c/pay/cs_test_" in capsys.readouterr().out
