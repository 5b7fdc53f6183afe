"""What happens elsewhere, in any order: at Stripe, on the wire, in the worker, on the clock."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fuzz.scenario import FARTHEST
from tests.fuzz.state_machine import INDEX, STOPS, Ground, Stop, one_of, when

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
"""Calls of the product only: the test itself lists sessions and events."""
OF_NOBODY = {"booking_id": "bkg_that_is_gone", "attempt": "1"}


def _somebody_stands(self: Any) -> bool:
    return bool(self.left > 0 and self.stage.traffic.standing)


class Elsewhere(Ground):
    """The second half of the rules."""

    # Stripe

    @precondition(when("attempts"))
    @rule(which=INDEX, well=st.booleans())
    def a_debit_comes_to_its_end(self, which: int, well: bool) -> None:
        done = self.stage.sessions(status="complete")
        waiting = [s for s in done if s["payment_status"] == "unpaid"]
        if waiting:
            outcome = "succeeded" if well else "failed"
            path = f"sessions/{one_of(waiting, which)['id']}/settle"
            self.pull(path, expect=(200, 400), outcome=outcome)  # 400: it has failed already
            self.count("debit ends")

    @precondition(when("attempts"))
    @rule(which=INDEX, cents=st.sampled_from([0, 1, 1000]))
    def money_goes_back_in_the_dashboard(self, which: int, cents: int) -> None:
        paid = self._paid()
        if paid:
            charge = self.stage.charge_of(one_of(paid, which))
            said = {"amount": cents} if cents else {}
            self.pull(f"charges/{charge}/refund", expect=(200, 400), **said)
            self.count("dashboard refund")

    @precondition(when("refunds"))
    @rule(which=INDEX)
    def a_refund_fails(self, which: int) -> None:
        refund = one_of(self.stage.books.refunds, which)
        if refund.stripe_refund_id is not None:
            self.pull(f"refunds/{refund.stripe_refund_id}/fail", expect=(200, 400))
            self.count("refund fails")

    @precondition(when("attempts"))
    @rule(which=INDEX, inquiry=st.booleans(), won=st.none() | st.booleans())
    def a_bank_disputes_a_payment(self, which: int, inquiry: bool, won: bool | None) -> None:
        paid = self._paid()
        if paid:
            charge = self.stage.charge_of(one_of(paid, which))
            said = self.pull(f"charges/{charge}/dispute", expect=(200, 400), inquiry=inquiry)
            if won is not None and "dispute" in said:
                outcome = "won" if won else "lost"
                path = f"disputes/{said['dispute']['id']}/close"
                self.pull(path, expect=(200, 400), outcome=outcome)
            self.count("dispute")

    @precondition(when("disputes"))
    @rule(which=INDEX, won=st.booleans())
    def a_dispute_ends(self, which: int, won: bool) -> None:
        dispute = one_of(self.stage.books.disputes, which).stripe_dispute_id
        self.pull(f"disputes/{dispute}/close", expect=(200, 400), outcome="won" if won else "lost")
        self.count("dispute ends")

    @precondition(when("attempts"))
    @rule(which=INDEX, cents=st.sampled_from([0, 1, 100000]))
    def stripe_has_another_price(self, which: int, cents: int) -> None:
        pages = self.stage.sessions(status="open")
        if pages:
            other: dict[str, Any] = {"amount_total": cents} if cents else {"currency": "usd"}
            self.pull(f"sessions/{one_of(pages, which)['id']}/tamper", **other)
            self.count("tamper")

    @precondition(when("bookings"))
    @rule(ours=st.booleans())
    def another_program_is_paid(self, ours: bool) -> None:
        """On the same account; or as ours, for a booking that we do not have."""
        mark = self.stage.run(self.stage.world.mark(**OF_NOBODY)) if ours else {}
        made = self.pull("events/foreign", metadata=mark)
        self.stage.strangers[made["session"]["id"]] = ours
        self.count("orphan" if ours else "foreign")

    @precondition(when("bookings"))
    @rule(kind=FAULTS, late=st.booleans(), call=CALLS, count=st.integers(1, 7))
    def stripe_fails(self, kind: str, late: bool, call: tuple[str, str], count: int) -> None:
        (method, path), moment = call, "after" if late else "before"
        self.pull("faults", kind=kind, when=moment, method=method, path=path, count=count)
        self.stage.is_faulty = True
        self.count(f"fault {moment}")

    @precondition(lambda self: self.left > 0 and self.stage.is_faulty)
    @rule()
    def stripe_works_again(self) -> None:
        self.pull("faults", count=0)
        self.stage.is_faulty = False
        self.count("works again")

    # events

    @precondition(when("attempts"))
    @rule(which=INDEX, twice=st.booleans(), stop=STOPS)
    def an_event_comes(self, which: int, twice: bool, stop: Stop) -> None:
        box = self.stage.postbox
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
        box = self.stage.postbox
        box.collect()
        if box.waiting:
            box.lose(which % len(box.waiting))
            self.count("event lost")

    # machines

    @precondition(when("bookings"))
    @rule(stop=STOPS)
    def the_worker_comes_round(self, stop: Stop) -> None:
        self.act("worker", self.stage.world.worker_round(), stop)

    @precondition(lambda self: when("bookings")(self) and self.stage.passed < FARTHEST)
    @rule(minutes=st.sampled_from([1, 5, 33, 36]), with_stripe=st.booleans())
    def time_passes(self, minutes: int, with_stripe: bool) -> None:
        here = timedelta(minutes=minutes)
        there = here + self.stage.passed if with_stripe else timedelta()
        self.stage.run(self.stage.time_passes(here, there))
        self.looked("time passes")

    @precondition(_somebody_stands)
    @rule(which=INDEX)
    def what_stood_still_goes_on(self, which: int) -> None:
        traffic = self.stage.traffic
        self.stage.run(traffic.go_on(one_of(traffic.standing, which)))
        self.looked("go on")

    @precondition(_somebody_stands)
    @rule(which=INDEX)
    def what_stood_still_dies(self, which: int) -> None:
        traffic = self.stage.traffic
        self.stage.run(traffic.kill(one_of(traffic.standing, which)))
        self.looked("die")

    @precondition(lambda self: self.left <= 0)
    @rule()
    def the_story_is_over(self) -> None:
        """Nothing happens any more."""

    def _paid(self) -> list[dict[str, Any]]:
        done = self.stage.sessions(status="complete")
        return [s for s in done if s["payment_status"] == "paid"]
