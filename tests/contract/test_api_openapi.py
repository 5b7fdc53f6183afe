"""The OpenAPI document, the page made from it, and the parts of docs/ that refer to it."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from coursebook.api.app import build_api
from coursebook.api.problems.http_errors import every_refusal
from tests.support.api_document import api_document

WORDS = Path(__file__).parents[2] / "docs/api/booking-endpoints.md"
SIGNED_IN = {
    *("listBookings", "getBooking", "getBookingCalendar", "cancelBooking"),
    *("startCheckout", "retryBooking"),
    *("listInbox", "getInboxEntry", "actOnInboxEntry", "resolveInboxEntry"),
    "uploadPicture",
    *("getOwnRights", "listTeam", "inviteToTeam", "revokeRole", "acceptInvitation"),
    *("getSchoolSettings", "changeSchoolSettings", "getReadiness", "lookAtTerms"),
    *("listManagedCourses", "createCourse", "getManagedCourse", "editCourse", "duplicateCourse"),
    *(
        "previewCourseChange",
        "findPeople",
        "listCourseHistory",
        "listPeople",
        "exportPeople",
        "exportPeopleSpreadsheet",
    ),
    *("getManagedBooking", "refundBooking", "cancelManagedBooking", "resendConfirmation"),
    *("setBookingNote", "setBookingTags", "moveBooking", "changeParticipant"),
    "findBookings",
    "repeatCourse",
    *("previewCourseCancelling", "cancelCourse", "getCourseCancelling"),
    *("listMessages", "createMessage", "previewMessage", "getMessage", "editMessage"),
    *("listRecipients", "sendMessage", "planMessage", "stopMessage", "testMessage"),
    *("addBooking", "sendClaimLink", "acceptClaim", "listExpectedPayments", "recordPayment"),
    *("receiveExpectedPayment", "voidPayment"),
    *("joinWaitingList", "leaveWaitingList", "listWaiting", "getWaitingList", "addToWaitingList"),
    *("offerPlace", "moveToFront", "removeFromWaitingList"),
    *("publishCourse", "unpublishCourse", "openCourse", "closeCourse"),
    *("archiveCourse", "restoreCourse"),
    "listHistory",
    *("reportMoney", "reportOccupancy", "exportLedger", "exportLedgerSpreadsheet"),
    *("listPayments", "listRefunds", "listPayouts", "getPayout"),
    *("listMeetingsOfToday", "getMeetingSnapshot", "recordAttendance", "getAttendanceReport"),
}
ACTS = ("publish", "unpublish", "open", "close", "archive", "restore", "duplicate", "repeat")
BOOKING_ACTS = ("refund", "cancel", "resend", "move", "participant")
ROUTES = {
    *(
        ("get", f"/api/manage/reports/{name}")
        for name in ("money", "occupancy", "ledger.csv", "ledger.xlsx")
    ),
    *(("get", f"/api/manage/{name}") for name in ("payments", "refunds", "payouts")),
    ("get", "/api/manage/payouts/{payout_id}"),
    ("get", "/api/manage/history"),
    ("get", "/api/courses"),
    ("get", "/api/courses/{id_or_slug}"),
    ("post", "/api/courses/{id_or_slug}/waiting"),
    ("delete", "/api/courses/{id_or_slug}/waiting"),
    ("get", "/api/waiting"),
    ("get", "/api/manage/courses/{course_id}/waiting"),
    ("post", "/api/manage/courses/{course_id}/waiting"),
    *(
        ("post", f"/api/manage/courses/{{course_id}}/waiting/{{entry_id}}/{act}")
        for act in ("offer", "first", "remove")
    ),
    ("get", "/api/bookings"),
    ("get", "/api/bookings/{booking_id}"),
    ("get", "/api/bookings/{booking_id}/calendar.ics"),
    ("post", "/api/bookings/{booking_id}/cancel"),
    ("post", "/api/bookings/{booking_id}/retry"),
    ("post", "/api/stripe/checkout"),
    ("post", "/api/stripe/webhook"),
    ("post", "/api/manage/pictures"),
    ("get", "/api/manage/me"),
    ("get", "/api/manage/team"),
    ("post", "/api/manage/team"),
    ("delete", "/api/manage/team/{grant_id}"),
    ("post", "/api/team/accept"),
    ("get", "/api/manage/settings"),
    ("patch", "/api/manage/settings"),
    ("get", "/api/manage/readiness"),
    ("post", "/api/manage/readiness/terms"),
    ("get", "/api/manage/courses"),
    ("post", "/api/manage/courses"),
    ("get", "/api/manage/courses/{course_id}"),
    ("patch", "/api/manage/courses/{course_id}"),
    ("post", "/api/manage/courses/{course_id}/changes/preview"),
    ("get", "/api/manage/courses/{course_id}/cancel/preview"),
    ("get", "/api/manage/courses/{course_id}/cancel"),
    ("post", "/api/manage/courses/{course_id}/cancel"),
    ("get", "/api/manage/courses/{course_id}/history"),
    ("get", "/api/manage/courses/{course_id}/people"),
    ("get", "/api/manage/courses/{course_id}/people.csv"),
    ("get", "/api/manage/courses/{course_id}/people.xlsx"),
    *(("post", f"/api/manage/courses/{{course_id}}/{act}") for act in ACTS),
    ("get", "/api/manage/bookings"),
    ("get", "/api/manage/bookings/{booking_id}"),
    *(("post", f"/api/manage/bookings/{{booking_id}}/{act}") for act in BOOKING_ACTS),
    ("put", "/api/manage/bookings/{booking_id}/note"),
    ("put", "/api/manage/bookings/{booking_id}/tags"),
    ("post", "/api/manage/courses/{course_id}/bookings"),
    ("post", "/api/manage/bookings/{booking_id}/claim-link"),
    ("post", "/api/claims/accept"),
    ("get", "/api/manage/payments/expected"),
    ("get", "/api/manage/people"),
    ("post", "/api/manage/bookings/{booking_id}/payments"),
    ("post", "/api/manage/bookings/{booking_id}/payments/{payment_id}/received"),
    ("post", "/api/manage/bookings/{booking_id}/payments/{payment_id}/void"),
    ("get", "/api/manage/meetings/today"),
    ("get", "/api/manage/meetings/{meeting_id}/snapshot"),
    ("post", "/api/manage/meetings/{meeting_id}/attendance"),
    ("get", "/api/manage/reports/attendance"),
    ("get", "/api/manage/messages"),
    ("post", "/api/manage/messages"),
    ("post", "/api/manage/messages/preview"),
    ("get", "/api/manage/messages/{message_id}"),
    ("patch", "/api/manage/messages/{message_id}"),
    ("get", "/api/manage/messages/{message_id}/recipients"),
    *(
        ("post", f"/api/manage/messages/{{message_id}}/{act}")
        for act in ("send", "plan", "stop", "test")
    ),
    ("get", "/api/manage/inbox"),
    ("get", "/api/manage/inbox/{entry_id}"),
    ("post", "/api/manage/inbox/{entry_id}/act"),
    ("post", "/api/manage/inbox/{entry_id}/resolve"),
    ("get", "/api/identity"),
    ("get", "/api/health"),
    ("get", "/api/ready"),
    ("get", "/metrics"),
}
CODES = {
    *("not_full", "already_waiting"),
    *("unauthenticated", "forbidden", "course_not_found", "booking_not_found", "course_full"),
    *("already_booked", "booking_closed", "payment_processing", "not_retryable"),
    *("not_cancellable", "too_large", "invalid", "rate_limited", "payment_provider_error"),
    *("unavailable", "bad_webhook", "not_found", "method_not_allowed", "too_slow"),
    *("internal_error", "inbox_entry_not_found", "not_actionable", "changed_meanwhile"),
    *("course_changed", "wrong_media_type", "grant_not_found", "message_not_found", "last_owner"),
    *("course_changed", "wrong_media_type", "capacity_below_bookings", "has_bookings"),
    *("already_cancelled", "nothing_to_refund", "disputed", "not_movable"),
    *("payment_not_found", "payout_not_found", "claim_not_found", "meeting_not_found"),
}


async def fetched(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=build_api())
    async with httpx.AsyncClient(transport=transport, base_url="http://product.test") as api:
        return await api.get(path)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return api_document()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for methods in document["paths"].values() for one in methods.values()]


async def test_the_document_is_served_with_every_route(document: dict[str, Any]):
    answer = await fetched("/api/openapi.json")
    assert answer.json() == document
    found = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert found == ROUTES


def test_every_operation_has_a_name_words_and_a_group(document: dict[str, Any]):
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    groups = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert operation["summary"], operation["operationId"]
        assert operation["description"], operation["operationId"]
        assert set(operation["tags"]) <= groups


def test_signed_in_calls_and_no_others_name_the_session_token(document: dict[str, Any]):
    asking = {
        operation["operationId"] for operation in operations(document) if operation["security"]
    }
    assert asking == SIGNED_IN
    scheme = document["components"]["securitySchemes"]["session"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for operation in operations(document):
        assert ("401" in operation["responses"]) == (operation["operationId"] in SIGNED_IN)


def test_every_refusal_is_described_as_a_problem_with_a_fitting_example(document: dict[str, Any]):
    whole = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    judge = Draft202012Validator(whole)
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("2", "3")):
                continue
            assert set(response["content"]) == {"application/problem+json"}, operation[
                "operationId"
            ]
            examples = response["content"]["application/problem+json"]["examples"]
            for code, example in examples.items():
                judge.validate(example["value"])
                assert example["value"]["code"] == code
                assert example["value"]["status"] == int(status)
    assert "HTTPValidationError" not in str(document)


def test_the_codes_are_those_of_the_contract_and_of_http():
    assert {refusal.code for refusal in every_refusal()} == CODES


async def test_the_page_shows_every_call_and_code_and_loads_nothing_from_outside(
    document: dict[str, Any],
):
    answer = await fetched("/api/docs")
    page = answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for operation in operations(document):
        assert f'id="{operation["operationId"]}"' in page
    for code in CODES:
        assert f'id="error-{code}"' in page
    assert "<script" not in page
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page)
    assert set(loaded) == {"data:,", "/api/docs.css"}
    style = await fetched("/api/docs.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text


async def test_every_link_inside_the_page_leads_somewhere():
    page = (await fetched("/api/docs")).text
    for target in set(re.findall(r'href="#([^"]+)"', page)):
        assert f'id="{target}"' in page, target


def test_every_route_and_every_code_has_its_words(document: dict[str, Any]):
    text = WORDS.read_text()
    for method, path in ROUTES:
        assert f"{method.upper()} {path}" in text, path
    for code in CODES:
        assert f"`{code}`" in text, code
    for operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert f"`{parameter['name']}`" in text, parameter["name"]
