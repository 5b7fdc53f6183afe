"""Hypothesis rules for the environment: Stripe, events, worker, clocks and process deaths."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fuzz.scenario import MAX_ELAPSED
from tests.fuzz.state_machine import INDEX, STOPS, BookingMachine, Stop, one_of, when

FAULTS = st.sampled_from(["500", "503", "429", "409", "reset"])
CALLS = st.sampled_from(
    [
        ("POST", "checkout/sessions"),
        ("POST", "expire"),
        ("GET", "checkout/sessions/cs_"),
        ("POST", "refunds"),
        ("GET", "refunds"),
    ]
)
"""Calls that only the product makes: the test itself lists sessions and events."""
OF_NOBODY = {"booking_id": "bkg_that_is_gone", "attempt": "1"}


def _has_paused_actions(self: Any) -> bool:
    return bool(self.left > 0 and self.scenario.scheduler.paused)


class EnvironmentRules(BookingMachine):
    """The rules that are not a person's action."""

    # Stripe

    @precondition(when("attempts"))
    @rule(which=INDEX, well=st.booleans())
    def a_debit_comes_to_its_end(self, which: int, well: bool) -> None:
        done = self.scenario.sessions(status="complete")
        waiting = [s for s in done if s["payment_status"] == "unpaid"]
        if waiting:
            outcome = "succeeded" if well else "failed"
            path = f"sessions/{one_of(waiting, which)['id']}/settle"
            self.control(
                path, expect=(200, 400), outcome=outcome
            )  # 400: the debit has failed already
            self.count("debit ends")

    @precondition(when("attempts"))
    @rule(which=INDEX, cents=st.sampled_from([0, 1, 1000]))
    def money_goes_back_in_the_dashboard(self, which: int, cents: int) -> None:
        paid = self._paid()
        if paid:
            charge = self.scenario.charge_of(one_of(paid, which))
            said = {"amount": cents} if cents else {}
            self.control(f"charges/{charge}/refund", expect=(200, 400), **said)
            self.count("dashboard refund")

    @precondition(when("refunds"))
    @rule(which=INDEX)
    def a_refund_fails(self, which: int) -> None:
        refund = one_of(self.scenario.books.refunds, which)
        if refund.stripe_refund_id is not None:
            self.control(f"refunds/{refund.stripe_refund_id}/fail", expect=(200, 400))
            self.count("refund fails")

    @precondition(when("attempts"))
    @rule(which=INDEX, inquiry=st.booleans(), won=st.none() | st.booleans())
    def a_bank_disputes_a_payment(self, which: int, inquiry: bool, won: bool | None) -> None:
        paid = self._paid()
        if paid:
            charge = self.scenario.charge_of(one_of(paid, which))
            said = self.control(f"charges/{charge}/dispute", expect=(200, 400), inquiry=inquiry)
            if won is not None and "dispute" in said:
                outcome = "won" if won else "lost"
                path = f"disputes/{said['dispute']['id']}/close"
                self.control(path, expect=(200, 400), outcome=outcome)
            self.count("dispute")

    @precondition(when("disputes"))
    @rule(which=INDEX, won=st.booleans())
    def a_dispute_ends(self, which: int, won: bool) -> None:
        dispute = one_of(self.scenario.books.disputes, which).stripe_dispute_id
        self.control(
            f"disputes/{dispute}/close", expect=(200, 400), outcome="won" if won else "lost"
        )
        self.count("dispute ends")

    @precondition(when("attempts"))
    @rule(which=INDEX, cents=st.sampled_from([0, 1, 100000]))
    def stripe_has_another_price(self, which: int, cents: int) -> None:
        pages = self.scenario.sessions(status="open")
        if pages:
            other: dict[str, Any] = {"amount_total": cents} if cents else {"currency": "usd"}
            self.control(f"sessions/{one_of(pages, which)['id']}/tamper", **other)
            self.count("tamper")

    @precondition(when("bookings"))
    @rule(ours=st.booleans())
    def another_program_is_paid(self, ours: bool) -> None:
        """A payment of another application, or one with our metadata for an unknown booking."""
        mark = self.scenario.run(self.scenario.harness.mark(**OF_NOBODY)) if ours else {}
        made = self.control("events/foreign", metadata=mark)
        self.scenario.strangers[made["session"]["id"]] = ours
        self.count("orphan" if ours else "foreign")

    @precondition(when("bookings"))
    @rule(kind=FAULTS, late=st.booleans(), call=CALLS, count=st.integers(1, 7))
    def stripe_fails(self, kind: str, late: bool, call: tuple[str, str], count: int) -> None:
        (method, path), moment = call, "after" if late else "before"
        self.control("faults", kind=kind, when=moment, method=method, path=path, count=count)
        self.scenario.is_faulty = True
        self.count(f"fault {moment}")

    @precondition(lambda self: self.left > 0 and self.scenario.is_faulty)
    @rule()
    def stripe_works_again(self) -> None:
        self.control("faults", count=0)
        self.scenario.is_faulty = False
        self.count("works again")

    # events

    @precondition(when("attempts"))
    @rule(which=INDEX, twice=st.booleans(), stop=STOPS)
    def an_event_comes(self, which: int, twice: bool, stop: Stop) -> None:
        box = self.scenario.webhook_queue
        box.collect()
        if box.waiting:
            chosen = one_of(box.waiting, which)
            if not twice:
                box.waiting.remove(chosen)
            self.act("event", box.deliver(chosen), stop)

    @precondition(when("attempts"))
    @rule()
    def the_newest_event_comes(self) -> None:
        self.an_event_comes(-1, False, None)

    @precondition(when("attempts"))
    @rule(which=INDEX)
    def an_event_is_lost(self, which: int) -> None:
        box = self.scenario.webhook_queue
        box.collect()
        if box.waiting:
            box.lose(which % len(box.waiting))
            self.count("event lost")

    # machines

    @precondition(when("bookings"))
    @rule(stop=STOPS)
    def the_worker_comes_round(self, stop: Stop) -> None:
        self.act("worker", self.scenario.harness.worker_round(), stop)

    @precondition(lambda self: when("bookings")(self) and self.scenario.passed < MAX_ELAPSED)
    @rule(minutes=st.sampled_from([1, 5, 33, 36]), with_stripe=st.booleans())
    def time_passes(self, minutes: int, with_stripe: bool) -> None:
        here = timedelta(minutes=minutes)
        there = here + self.scenario.passed if with_stripe else timedelta()
        self.scenario.run(self.scenario.time_passes(here, there))
        self.looked("time passes")

    @precondition(_has_paused_actions)
    @rule(which=INDEX)
    def what_stood_still_goes_on(self, which: int) -> None:
        scheduler = self.scenario.scheduler
        self.scenario.run(scheduler.resume(one_of(scheduler.paused, which)))
        self.looked("go on")

    @precondition(_has_paused_actions)
    @rule(which=INDEX)
    def what_stood_still_dies(self, which: int) -> None:
        scheduler = self.scenario.scheduler
        self.scenario.run(scheduler.kill(one_of(scheduler.paused, which)))
        self.looked("die")

    @precondition(lambda self: self.left <= 0)
    @rule()
    def the_story_is_over(self) -> None:
        """Do nothing for the rest of the run."""

    def _paid(self) -> list[dict[str, Any]]:
        done = self.scenario.sessions(status="complete")
        return [s for s in done if s["payment_status"] == "paid"]
