"""An accountant reads money and changes nothing: every call that writes is asked.

The calls are those of the OpenAPI document, so that none is forgotten.
"""

from typing import Any

from coursebook.domain.rights import Role
from tests.contract.test_api_attack_fields import VALID, VALID_OF, an_open_entry, calls
from tests.support.attacks import rows
from tests.support.harness import OPERATOR, Harness
from tests.support.team import give_role

MANAGE, PICTURES = "/api/manage", "/api/manage/pictures"
READS = [
    f"{MANAGE}/{name}"
    for name in (
        *("me", "inbox", "payments", "payments/expected", "refunds", "payouts", "reports/money"),
        *("reports/occupancy", "reports/attendance", "reports/ledger.csv", "reports/ledger.xlsx"),
    )
]


async def created(harness: Harness, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await harness.post(path, OPERATOR, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def ids_of(harness: Harness) -> dict[str, str]:
    """Make one thing of each kind; return their ids by the names in addresses."""
    course = await harness.course(capacity=1)
    path = f"{MANAGE}/courses/{course.id}"
    due = {"how": "expected", "due_on": harness.clock().date().isoformat()}
    booking = await created(harness, f"{path}/bookings", {"name": "Gerda Gast", "pay": due})
    money = (await harness.get(f"{MANAGE}/bookings/{booking['id']}", OPERATOR)).json()["money"]
    (expected,) = [line for line in money["lines"] if line["kind"] == "by_hand"]
    waiting = f"/api/courses/{course.id}/waiting"
    assert (await harness.post(waiting, harness.student("wim"))).status_code == 201
    (waits,) = (await harness.get(f"{path}/waiting", OPERATOR)).json()["items"]
    message = {"course_id": course.id, "subject": "Hello", "body": "See you."}
    message |= {"audience": {"kind": "coming"}}
    return {
        "course_id": course.id,
        "booking_id": booking["id"],
        "payment_id": expected["id"],
        "waiting/{entry_id}": waits["id"],
        "meeting_id": f"mtg_{course.id.removeprefix('crs_')}",
        "message_id": (await created(harness, f"{MANAGE}/messages", message))["id"],
        "grant_id": await give_role(harness, harness.student("nora"), Role.MANAGER),
        "inbox/{entry_id}": await an_open_entry(harness),
    }


def address(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        prefix, _, gap = name.rpartition("/")
        marked = f"{prefix}/{gap}" if prefix else f"{{{name}}}"
        path = path.replace(marked, f"{prefix}/{value}" if prefix else value)
    assert "{" not in path, "this call needs the id of something more"
    return path


async def test_every_call_that_writes_refuses_an_accountant(sqlite_harness: Harness):
    harness, ids = sqlite_harness, await ids_of(sqlite_harness)
    ari = harness.student("ari")
    await give_role(harness, ari, Role.ACCOUNTANT)
    for path in READS:
        assert (await harness.get(path, ari)).status_code == 200, path
    writes = [call for call in calls() if call.path.startswith(MANAGE) and call.method != "GET"]
    assert len(writes) >= 43
    before, answers = await rows(harness), {}
    for call in writes:
        valid = VALID | VALID_OF.get(call.path, {}) | {"course_id": ids["course_id"]}
        body: dict[str, Any] = {
            "json": {name: valid[name] for name in call.fields if name in valid}
        }
        if call.path == PICTURES:
            body = {"content": b"picture", "headers": {"Content-Type": "image/png"}}
        answer = await harness.call(call.method, address(call.path, ids), ari, **body)
        answers[call.method, call.path] = (answer.status_code, answer.json().get("code"))
    assert {call: given for call, given in answers.items() if given != (403, "forbidden")} == {}
    assert await rows(harness) == before
