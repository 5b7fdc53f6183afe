"""Reports and the ledger: the same sums as the bookings, by days of the school, for who may see."""

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from coursebook.domain.money import Money, exponent_of
from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import AuditEntry, Booking, PaymentAttempt
from coursebook.persistence.unit_of_work import writing
from coursebook.services.bookkeeping import ledger_export
from tests.support.harness import OPERATOR, Harness, Started, eur
from tests.support.stripe_objects import charge_of
from tests.support.team import give_role

REPORT, LEDGER = "/api/manage/reports/money", "/api/manage/reports/ledger"
Sums = dict[str, int]


async def in_lisbon(harness: Harness) -> None:
    body = {"timezone": "Europe/Lisbon"}
    answer = await harness.call("PATCH", "/api/manage/settings", OPERATOR, json=body)
    assert answer.status_code == 200, answer.text


async def by_hand(harness: Harness, course: Any, pay: dict[str, Any]) -> dict[str, Any]:
    body = {"name": "Gerda Gast", "pay": {"how": "received", **pay}}
    path = f"/api/manage/courses/{course.id}/bookings"
    answer = await harness.post(path, OPERATOR, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def give_back(harness: Harness, booking_id: str, amount: int) -> None:
    path = f"/api/manage/bookings/{booking_id}"
    kept = (await harness.get(path, OPERATOR)).json()["expect"]
    body = {"amount": amount, "reason": "A lesson less", "expect": kept}
    answer = await harness.post(f"{path}/refund", OPERATOR, json=body)
    assert answer.status_code == 200, answer.text


async def a_month(harness: Harness) -> list[Started]:
    """Sell in three currencies, by card and by hand, with refunds, a dispute and a cancellation."""
    pots, tabla = (
        await harness.course(price=eur(90)),
        await harness.course(price=Money(8400, "usd")),
    )
    kayak = await harness.course(price=Money(65700, "dkk"))
    paid = [
        await harness.confirmed(harness.student(f"s{number}"), course)
        for number, course in enumerate((pots, pots, pots, tabla, kayak))
    ]
    await harness.control(f"charges/{await charge_of(harness, paid[0])}/dispute")
    await give_back(harness, paid[1].booking_id, 3000)
    await harness.post(f"/api/bookings/{paid[3].booking_id}/cancel", paid[3].student)
    cash = await by_hand(harness, pots, {"method": "cash", "amount": 9000})
    await by_hand(harness, kayak, {"method": "transfer", "amount": 20000})
    await give_back(harness, cash["id"], 1500)
    await harness.quiet()
    await harness.worker_round()
    return paid


async def of_bookings(harness: Harness) -> dict[str, Sums]:
    """Return the sums over all bookings by currency, as the page of each shows them."""
    sums: dict[str, Sums] = defaultdict(lambda: defaultdict(int))
    for row in await harness.rows_of(Booking):
        money = (await harness.get(f"/api/manage/bookings/{row.id}", OPERATOR)).json()["money"]
        for name in ("received", "given_back", "kept", "at_the_bank"):
            sums[row.currency][name] += money[name]["amount"]
    return sums


async def report(harness: Harness, **parameters: str) -> dict[str, Any]:
    answer = await harness.get(REPORT, OPERATOR, params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def ledger(harness: Harness, language: str = "en", **parameters: str) -> list[dict[str, str]]:
    headers = {"Accept-Language": language}
    answer = await harness.get(f"{LEDGER}.csv", OPERATOR, params=parameters, headers=headers)
    assert answer.status_code == 200, answer.text
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if language == "de" else ","))


def minor(amount: str, currency: str) -> int:
    return int(Decimal(amount or 0).scaleb(exponent_of(currency.lower())))


@pytest.mark.both_databases
async def test_rows_ledger_and_bookings_have_the_same_sums(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    await in_lisbon(harness)
    await a_month(harness)
    expected = await of_bookings(harness)
    assert set(expected) == {"eur", "usd", "dkk"}
    assert expected["eur"]["at_the_bank"] == 9000
    assert expected["eur"]["given_back"] == 4500
    for by in ("course", "month", "day", "method"):
        answer = await report(harness, by=by)
        assert answer["timezone"] == "Europe/Lisbon"
        found: dict[str, Sums] = defaultdict(lambda: defaultdict(int))
        for row in answer["rows"]:
            for name in ("received", "given_back", "kept", "at_the_bank"):
                found[row["currency"]][name] += row[name]["amount"]
        assert found == expected, by
        for total in answer["totals"]:
            of_currency = expected[total["currency"]]
            assert {name: total[name]["amount"] for name in of_currency} == of_currency
            assert total["ledger"]["amount"] == of_currency["kept"] - of_currency["at_the_bank"]
        assert len(answer["totals"]) == 3, "no sum over currencies"
    monkeypatch.setattr(ledger_export, "LINES_AT_ONCE", 2)  # in many batches
    lines = await ledger(harness)
    sums: Sums = defaultdict(int)
    for line in lines:
        sums[line["Currency"].lower()] += minor(line["Amount"], line["Currency"])
    assert sums == {
        currency: of_currency["kept"] - of_currency["at_the_bank"]
        for currency, of_currency in expected.items()
    }
    fees = {total["currency"]: total["fees"]["amount"] for total in answer["totals"]}
    assert fees["eur"] == sum(
        minor(line["Fee"], "eur") for line in lines if line["Currency"] == "EUR"
    )
    assert fees["eur"] == 3 * 160 + 2000, "three payments and a dispute"
    by_method = {(r["key"], r["currency"]): r["received"]["amount"] for r in answer["rows"]}
    assert by_method["cash", "eur"] == 9000
    only = await report(harness, by="course", currency="dkk")
    assert {row["currency"] for row in only["rows"]} == {"dkk"}


async def test_a_payment_counts_on_the_day_of_the_school(harness: Harness):
    await in_lisbon(harness)
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    half_past_midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 00:30 on 1 July in Lisbon
    async with writing(harness.services.context.database) as work:
        await work.session.execute(sa.update(PaymentAttempt).values(taken_at=half_past_midnight))
    july = {"from": "2026-07-01", "to": "2026-07-31"}
    (row,) = (await report(harness, by="day", **july))["rows"]
    assert (row["key"], row["received"]["amount"]) == ("2026-07-01", 4500)
    assert [line["Booking id"] for line in await ledger(harness, **july)] == [started.booking_id]
    june = {"from": "2026-06-01", "to": "2026-06-30"}
    assert (await report(harness, by="day", **june))["rows"] == []
    assert await ledger(harness, **june) == []


async def test_no_title_is_a_formula_and_each_export_leaves_a_row(harness: Harness):
    course = await harness.course(title="=HYPERLINK(1)")
    await harness.confirmed(harness.student("sam"), course)
    (line,) = await ledger(harness, "de")
    assert line["Kurs"] == "'=HYPERLINK(1)"
    assert (line["Betrag"], line["Art"]) == ("45,00", "Zahlung")
    sheet = await harness.get(f"{LEDGER}.xlsx", OPERATOR)
    assert sheet.content.startswith(b"PK")
    rows = [row for row in await harness.rows_of(AuditEntry) if row.about == "export"]
    assert [(row.subject, row.data["format"]) for row in rows] == [
        ("ledger", "csv"),
        ("ledger", "xlsx"),
    ]


async def test_an_accountant_sees_reports_and_changes_nothing(harness: Harness):
    ari, course = harness.student("ari"), await harness.course()
    started = await harness.confirmed(harness.student("sam"), course)
    await give_role(harness, ari, Role.ACCOUNTANT)
    for path in (REPORT, "/api/manage/reports/occupancy", f"{LEDGER}.csv", f"{LEDGER}.xlsx"):
        assert (await harness.get(path, ari)).status_code == 200, path
    body = {"amount": 100, "reason": "x", "expect": {"amount": 4500, "currency": "eur"}}
    path = f"/api/manage/bookings/{started.booking_id}/refund"
    assert (await harness.post(path, ari, json=body)).status_code == 403
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    for who, status in ((tara, 403), (started.student, 403), (None, 401)):
        for path in (REPORT, "/api/manage/reports/occupancy", f"{LEDGER}.csv"):
            assert (await harness.get(path, who)).status_code == status, path


async def test_payments_and_payouts_say_what_stripe_took_and_add_up(harness: Harness):
    await harness.control("payouts")
    course = await harness.course(price=eur(90))
    started = await harness.confirmed(harness.student("sam"), course)
    await give_back(harness, started.booking_id, 3000)
    await harness.worker_round()
    (made,) = (await harness.control("payouts"))["payouts"]
    await harness.quiet()
    answer = await harness.get(f"/api/manage/payouts/{made['id']}", OPERATOR)
    payout = answer.json()
    (payment,), (refund,) = payout["payments"], payout["refunds"]
    assert (payment["fee"]["amount"], payment["net"]["amount"]) == (160, 8840)
    assert refund["net"]["amount"] == -3000
    nets = payment["net"]["amount"] + refund["net"]["amount"] + payout["payout"]["other"]["amount"]
    assert nets == payout["payout"]["amount"]["amount"] == made["amount"]
    listed = (await harness.get("/api/manage/payments", OPERATOR)).json()["items"]
    assert [(p["booking_id"], p["payout_id"]) for p in listed] == [(started.booking_id, made["id"])]
    refunds = (await harness.get("/api/manage/refunds", OPERATOR)).json()["items"]
    assert [r["payout_id"] for r in refunds] == [made["id"]]
    page = await harness.get("/api/manage/payouts", OPERATOR, params={"limit": 1})
    assert len(page.json()["items"]) == 1
    everything = (await harness.get("/api/manage/payouts", OPERATOR)).json()["items"]
    assert made["id"] in [item["id"] for item in everything]
    money = (await harness.get(f"/api/manage/bookings/{started.booking_id}", OPERATOR)).json()[
        "money"
    ]
    assert [line["payout_id"] for line in money["lines"]] == [made["id"]] * 2
    unknown = await harness.get("/api/manage/payouts/po_nothing", OPERATOR)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "payout_not_found")
    sam = started.student
    for path in ("payments", "refunds", "payouts", f"payouts/{made['id']}"):
        assert (await harness.get(f"/api/manage/{path}", sam)).status_code == 403, path


async def test_occupancy_counts_places_of_courses_that_begin_in_the_days(harness: Harness):
    course = await harness.course(capacity=4)
    await harness.confirmed(harness.student("sam"), course)
    await harness.checkout(harness.student("ann"), course)
    await harness.course(status="draft")
    day = course.starts_at.date().isoformat()
    answer = await harness.get(
        "/api/manage/reports/occupancy", OPERATOR, params={"from": day, "to": day}
    )
    (row,) = [row for row in answer.json()["rows"] if row["course_id"] == course.id]
    assert [row[name] for name in ("places", "confirmed", "held", "free")] == [4, 1, 1, 2]
    assert len(answer.json()["rows"]) == 1, "drafts do not count"


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"from": "2026-12-02", "to": "2026-12-01"}, "/from"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "/from"),
        ({"to": "2026-13-01"}, "/to"),
        ({"by": "week"}, "/by"),
        ({"currency": "xxx"}, "/currency"),
    ],
)
async def test_wrong_days_are_refused_with_their_name(harness: Harness, parameters, pointer):
    answer = await harness.get(REPORT, OPERATOR, params=parameters)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
