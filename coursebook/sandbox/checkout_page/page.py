"""The hosted payment page: form, authentication page, receipt. Works without JavaScript.

A form with mistakes is answered with status 200: browsers write every 4xx of a page into their
console as an error, and a declined card is none.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from coursebook.sandbox.checkout_page.form import Filled, read_form
from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.rendering import HEADERS, page
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.discounts import apply_word, remove
from coursebook.sandbox.stripe.payments import Outcome, answer_challenge, pay
from coursebook.sandbox.stripe.resources import save
from coursebook.sandbox.stripe.test_cards import CARDS
from coursebook.sandbox.stripe.timers import run_due

SESSION = "checkout.session"
LONGEST_IN_MINUTES = 120
LONGEST_CODE = 500


class PaymentPage:
    """The pages of one world."""

    def __init__(self, context: Context) -> None:
        """Serve a world."""
        self._context = context

    def routes(self) -> list[Route]:
        """Return every address of the payment page."""
        return [
            Route("/c/pay/{key}", self.opened),
            Route("/c/pay/{key}", self.sent, methods=["POST"]),
            Route("/c/pay/{key}/code", self.code_sent, methods=["POST"]),
            Route("/c/pay/{key}/back", self.left, methods=["POST"]),
            Route("/c/pay/{key}/challenge", self.challenged),
            Route("/c/pay/{key}/challenge", self.authenticated, methods=["POST"]),
            Route("/receipts/{key}", self.receipt),
        ]

    async def opened(self, request: Request) -> Response:
        """Show the form, or why there is none."""
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(session)
        return self._form(session, Filled(None, session["customer_email"] or ""))

    async def sent(self, request: Request) -> Response:
        """Try to pay with what was typed."""
        fields = {key: str(value) for key, value in (await request.form()).items()}
        session = self._session(request)
        if session is None or session["status"] != "open":
            return await self._after(session, Outcome("closed"))
        filled = read_form(fields, session, self._context.clock.now())
        if filled.errors:
            return self._form(session, filled)
        outcome = pay(self._context, session["id"], filled.card, filled.email)
        return await self._after(session, outcome, filled)

    async def code_sent(self, request: Request) -> Response:
        """Apply the promotion code that was typed, or take it away again."""
        word = str((await request.form()).get("code", ""))[:LONGEST_CODE]
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(session)
        if not session["allow_promotion_codes"]:
            return _redirect(f"/c/pay/{session['id']}")
        filled = Filled(None, session["customer_email"] or "")
        try:
            if word:
                apply_word(self._context, session, word)
            else:
                remove(session)
        except StripeRefusal as refusal:
            return self._form(session, filled, code=word, code_problem=refusal.message)
        save(self._context, session, due=session["_closes_at"])
        return _redirect(f"/c/pay/{session['id']}")

    async def left(self, request: Request) -> Response:
        """Go back to the shop without paying; the session stays open."""
        session = self._session(request)
        if session is None or session["cancel_url"] is None:
            return self._closed(session)
        return _redirect(session["cancel_url"])

    async def challenged(self, request: Request) -> Response:
        """Show the stand-in for the bank's authentication page."""
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(session)
        if "_challenge" not in session:
            return _redirect(f"/c/pay/{session['id']}")
        return page("challenge.html", session=session)

    async def authenticated(self, request: Request) -> Response:
        """Go on as the person has chosen on the authentication page."""
        passed = (await request.form()).get("answer") == "complete"
        session = self._session(request)
        if session is None:
            return self._closed(session)
        outcome = answer_challenge(self._context, session["id"], passed=passed)
        email = (session["customer_details"] or {}).get("email", "")
        return await self._after(session, outcome, Filled(None, email))

    async def receipt(self, request: Request) -> Response:
        """Show the receipt of a paid charge."""
        charge = self._context.store.get("charge", request.path_params["key"])
        if charge is None or not charge["paid"]:
            return page("closed.html", 404, session=None, home=self._context.options.product_url)
        intent = self._context.store.get("payment_intent", charge["payment_intent"])
        session = self._context.store.get(SESSION, intent["_session"]) if intent else None
        return page("receipt.html", charge=charge, session=session)

    def _session(self, request: Request) -> Body | None:
        run_due(self._context)
        return self._context.store.get(SESSION, request.path_params["key"])

    async def _after(
        self, session: Body | None, outcome: Outcome, filled: Filled | None = None
    ) -> Response:
        session = session and self._context.store.get(SESSION, session["id"])
        if session is None or session["status"] == "expired":
            return self._closed(session)
        if outcome.word == "challenged":
            return _redirect(f"/c/pay/{session['id']}/challenge")
        if outcome.word == "declined" and filled is not None:
            return self._form(session, filled, outcome.message)
        if session["status"] == "open":
            return _redirect(f"/c/pay/{session['id']}")
        if outcome.event:
            wait = self._context.options.redirect_wait_seconds
            await self._context.deliveries.first_answer(outcome.event, wait)
        return _redirect(return_address(session))

    def _form(
        self,
        session: Body,
        filled: Filled,
        problem: str = "",
        *,
        code: str = "",
        code_problem: str = "",
    ) -> Response:
        left = session["_closes_at"] - self._context.clock.now()
        offered = [
            card for card in CARDS.values() if card.method in session["payment_method_types"]
        ]
        return page(
            "pay.html",
            session=session,
            email=filled.email,
            errors=filled.errors,
            problem=problem,
            code=code,
            code_problem=code_problem,
            left=_in_words(left),
            cards=offered,
        )

    def _closed(self, session: Body | None) -> Response:
        home = self._context.options.product_url
        if session is None:
            return page("closed.html", 404, session=None, home=home)
        if session["status"] == "complete":
            home = return_address(session)
        else:
            home = session["cancel_url"] or home
        return page("closed.html", session=session, home=home)


def return_address(session: Body) -> str:
    """Return where the shop wants its customer after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, HEADERS)


def _in_words(seconds: float) -> str:
    """Return the time that is left: minutes up to two hours, then hours."""
    minutes = max(1, round(seconds / 60))
    if minutes <= LONGEST_IN_MINUTES:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{round(minutes / 60)} hours"
