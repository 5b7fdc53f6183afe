"""The hosted payment page: form, authentication page, receipt. Works without JavaScript.

A form with errors is answered with status 200: browsers log every 4xx of a page to their console as
an error, and a declined card is not one.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from coursebook.sandbox.checkout_page.form import FormInput, read_form
from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.html_pages import HEADERS, page
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.discounts import apply_promotion_code, remove
from coursebook.sandbox.stripe.payments import Outcome, answer_challenge, pay
from coursebook.sandbox.stripe.resources import save
from coursebook.sandbox.stripe.test_cards import CARDS
from coursebook.sandbox.stripe.timers import run_due

SESSION = "checkout.session"
MAX_MINUTES_SHOWN = 120
MAX_CODE_LENGTH = 500


class PaymentPage:
    """The routes of the payment page."""

    def __init__(self, context: Context) -> None:
        """Serve the pages of a context."""
        self._context = context

    def routes(self) -> list[Route]:
        """Return every address of the payment page."""
        return [
            Route("/c/pay/{key}", self.show),
            Route("/c/pay/{key}", self.submit, methods=["POST"]),
            Route("/c/pay/{key}/code", self.submit_code, methods=["POST"]),
            Route("/c/pay/{key}/back", self.go_back, methods=["POST"]),
            Route("/c/pay/{key}/challenge", self.show_challenge),
            Route("/c/pay/{key}/challenge", self.answer_challenge, methods=["POST"]),
            Route("/receipts/{key}", self.receipt),
        ]

    async def show(self, request: Request) -> Response:
        """Show the form, or the page of a closed session."""
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(session)
        return self._form(session, FormInput(None, session["customer_email"] or ""))

    async def submit(self, request: Request) -> Response:
        """Validate the form and pay."""
        fields = {key: str(value) for key, value in (await request.form()).items()}
        session = self._session(request)
        if session is None or session["status"] != "open":
            return await self._after(session, Outcome("closed"))
        form_input = read_form(fields, session, self._context.clock.now())
        if form_input.errors:
            return self._form(session, form_input)
        outcome = pay(self._context, session["id"], form_input.card, form_input.email)
        return await self._after(session, outcome, form_input)

    async def submit_code(self, request: Request) -> Response:
        """Apply a promotion code, or remove it when the field is empty."""
        code = str((await request.form()).get("code", ""))[:MAX_CODE_LENGTH]
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(session)
        if not session["allow_promotion_codes"]:
            return _redirect(f"/c/pay/{session['id']}")
        form_input = FormInput(None, session["customer_email"] or "")
        try:
            if code:
                apply_promotion_code(self._context, session, code)
            else:
                remove(session)
        except StripeRefusal as error:
            return self._form(session, form_input, code=code, code_problem=error.message)
        save(self._context, session, due=session["_closes_at"])
        return _redirect(f"/c/pay/{session['id']}")

    async def go_back(self, request: Request) -> Response:
        """Return to the shop without paying; the session stays open."""
        session = self._session(request)
        if session is None or session["cancel_url"] is None:
            return self._closed(session)
        return _redirect(session["cancel_url"])

    async def show_challenge(self, request: Request) -> Response:
        """Show the bank's authentication page."""
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(session)
        if "_challenge" not in session:
            return _redirect(f"/c/pay/{session['id']}")
        return page("challenge.html", session=session)

    async def answer_challenge(self, request: Request) -> Response:
        """Continue with the result of the authentication page."""
        passed = (await request.form()).get("answer") == "complete"
        session = self._session(request)
        if session is None:
            return self._closed(session)
        outcome = answer_challenge(self._context, session["id"], passed=passed)
        email = (session["customer_details"] or {}).get("email", "")
        return await self._after(session, outcome, FormInput(None, email))

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
        self, session: Body | None, outcome: Outcome, form_input: FormInput | None = None
    ) -> Response:
        session = session and self._context.store.get(SESSION, session["id"])
        if session is None or session["status"] == "expired":
            return self._closed(session)
        if outcome.status == "challenged":
            return _redirect(f"/c/pay/{session['id']}/challenge")
        if outcome.status == "declined" and form_input is not None:
            return self._form(session, form_input, outcome.message)
        if session["status"] == "open":
            return _redirect(f"/c/pay/{session['id']}")
        if outcome.event:
            wait = self._context.options.redirect_wait_seconds
            await self._context.deliveries.first_answer(outcome.event, wait)
        return _redirect(return_address(session))

    def _form(
        self,
        session: Body,
        form_input: FormInput,
        problem: str = "",
        *,
        code: str = "",
        code_problem: str = "",
    ) -> Response:
        left = session["_closes_at"] - self._context.clock.now()
        cards = [card for card in CARDS.values() if card.method in session["payment_method_types"]]
        return page(
            "pay.html",
            session=session,
            email=form_input.email,
            errors=form_input.errors,
            problem=problem,
            code=code,
            code_problem=code_problem,
            left=_duration_text(left),
            cards=cards,
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
    """Return the success URL with the session id filled in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, HEADERS)


def _duration_text(seconds: float) -> str:
    """Return a duration: minutes up to two hours, then hours."""
    minutes = max(1, round(seconds / 60))
    if minutes <= MAX_MINUTES_SHOWN:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{round(minutes / 60)} hours"
