"""The attack run, continued: every id in every address and every field of every body, by what the
OpenAPI document says there is; and the ids of others."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from coursebook.domain.inbox import InboxKind
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.unit_of_work import writing
from tests.support.api_document import api_document
from tests.support.attacks import PAYLOADS, assert_silent, rows
from tests.support.harness import OPERATOR, Harness

pytestmark = pytest.mark.both_databases

NOT_AN_ID = (404, 405, 422)
"""405: a slash in it can make it the address of another call."""
WRONG: tuple[Any, ...] = (None, True, -1, 10**400, [], ["a"], {"a": "b"}, {"$ne": None})

REFUSALS = (
    *("booking_not_found", "claim_not_found", "course_not_found", "grant_not_found"),
    "invalid",
)
VALID: dict[str, Any] = {
    "action": "refund",
    "note": "mine",
    "expect": {"amount": 4500, "currency": "eur"},
    "email": "mine@example.test",
    "role": "owner",
    "course_ids": [],
    "name": "Mine",
    "address": "Mine",
    "timezone": "Europe/Lisbon",
    "title": "Mine",
    "starts_on": "2099-03-14",
    "version": 1,
    "revision": 1,
    "amount": 1,
    "reason": "mine",
    "give_back": "all",
    "tags": ["mine"],
    "course_id": "crs_mine",
    "pay": {"how": "complimentary"},
    "method": "cash",
    "lines": [
        {"client_id": "0b8f7c1e-3f0a-4f5e-9d55-2f6f0f3f7a10", "code": "x", "state": "present"}
    ],
}
"""A valid value of every field of the operator's calls, which gets a student no further."""

VALID_OF: dict[str, dict[str, Any]] = {
    "/api/manage/courses/{course_id}/cancel": {"expect": {"people": 1, "give_back": []}},
}
"""Valid values of fields that mean something else in one call."""
QUERY_OF: dict[str, dict[str, str]] = {"/api/manage/people": {"q": "sam"}}
"""What a call needs in its address."""


@dataclass(frozen=True)
class Call:
    """One call of the API. `fields` are those of its body."""

    method: str
    path: str
    fields: tuple[str, ...]

    @property
    def resource(self) -> str:
        """Its path up to the id."""
        return self.path.partition("{")[0].rstrip("/")

    def at(self, given: str) -> str:
        """Return its path with this id in place of every parameter."""
        quoted = quote(given, safe="")
        return re.sub(r"{\w+}", lambda _: quoted, self.path)


def calls() -> list[Call]:
    """Return every call of the API but the webhook, whose body is signed."""
    document = api_document()
    return [
        Call(method.upper(), path, _fields(document, about))
        for path, ways in document["paths"].items()
        for method, about in ways.items()
        if "webhook" not in path
    ]


def _fields(document: dict[str, Any], about: dict[str, Any]) -> tuple[str, ...]:
    body = about.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return tuple(document["components"]["schemas"][name]["properties"]) if name else ()


async def test_no_id_in_any_address_is_a_way_in_not_even_for_an_operator(sqlite_harness: Harness):
    harness = sqlite_harness
    await harness.checkout(harness.student("sam"), await harness.course())
    before = await rows(harness)
    with_id = [call for call in calls() if "{" in call.path]
    assert len(with_id) >= 8
    for call in with_id:
        for payload in PAYLOADS:
            body = dict.fromkeys(call.fields, "x")
            answer = await harness.call(call.method, call.at(payload), OPERATOR, json=body)
            assert answer.status_code in NOT_AN_ID, (call, payload, answer.text)
            assert_silent(answer, payload)
    assert await rows(harness) | {"user_account": []} == before | {"user_account": []}


async def test_no_field_of_any_body_is_a_way_in_not_even_for_an_operator(sqlite_harness: Harness):
    harness, entry = sqlite_harness, await an_open_entry(sqlite_harness)
    before = await rows(harness)
    with_body = [call for call in calls() if call.fields]
    assert {field for call in with_body for field in call.fields} >= {"course_id", "action"}
    tried: set[tuple[str, str]] = set()
    for call in with_body:
        for field in call.fields:
            if (call.resource, field) in tried:  # read by the same code
                continue
            tried.add((call.resource, field))
            if field == "note":  # any text is valid, because it is only ever shown as text
                continue
            for value in (*PAYLOADS, *WRONG):
                body = json.dumps({**dict.fromkeys(call.fields, "x"), field: value})
                answer = await harness.call(
                    call.method,
                    call.at(entry),
                    OPERATOR,
                    content=body,
                    headers={"Content-Type": "application/json"},
                )
                assert answer.status_code in (404, 422), (call, field, value, answer.text)
                assert answer.json()["code"] in REFUSALS, answer.text
                assert_silent(answer, str(value))
    assert await rows(harness) | {"user_account": []} == before | {"user_account": []}


async def test_what_operators_decide_is_out_of_reach_for_everybody_else(sqlite_harness: Harness):
    harness, entry = sqlite_harness, await an_open_entry(sqlite_harness)
    sam, before = harness.student("sam"), await rows(sqlite_harness)
    managing = [call for call in calls() if call.path.startswith("/api/manage")]
    assert len(managing) >= 4
    for call in managing:
        for given in (entry, entry.upper(), "inb_x"):
            valid = VALID | VALID_OF.get(call.path, {})
            json_body = {name: valid[name] for name in call.fields if name in valid}
            asked: dict[str, Any] = {"json": json_body, "params": QUERY_OF.get(call.path)}
            stranger = await harness.call(call.method, call.at(given), **asked)
            student = await harness.call(call.method, call.at(given), sam, **asked)
            assert (stranger.status_code, student.status_code) == (401, 403), call
            assert "Somebody must look" not in stranger.text + student.text
    assert await rows(harness) == before


async def an_open_entry(harness: Harness) -> str:
    """Return the id of an open money inbox entry."""
    async with writing(harness.services.context.database) as work:
        question = InboxEntryDraft("k", InboxKind.PROMISE_NOT_KEPT, "Somebody must look.")
        await work.inbox.put(question, harness.clock())
    listed = await harness.get("/api/manage/inbox", OPERATOR)
    return str(listed.json()["items"][0]["id"])
