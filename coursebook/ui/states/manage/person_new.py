"""`/manage/courses/{id}/people/new`: the school books for somebody."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import unquote

import reflex as rx

from coursebook.domain.amount_text import WrongAmount, money_text, read_amount
from coursebook.domain.booking_edits.manual_booking import PayHow, PayPlan
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.services.manage.by_hand.manual_bookings import NewBooking
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.manage.booking_panel import Option
from coursebook.ui.presenters.manage.known_people import known_count_words, person_option
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

FIELDS = ("name", "email", "phone", "amount", "due_on", "received_on")
"""The fields that can be refused."""
MAX_SENT = 400
MAX_NOTE = 2000
PLACES = {"/user_id": "name"}
"""The field of a pointer whose last part is not the name of one."""


class PersonNewState(ManageState, SessionState):
    """The form. `how` decides which fields it has; `price` is that of the course, as text.

    `known` are people to choose from, `person` is the id of the one who was chosen, "" for
    somebody new, and `person_name` what that one is called.

    `problems` has the sentence of each wrong field, whose summary takes the focus when
    `refused_stamp` changes. What was typed stays in the fields.
    """

    course_title: str = ""
    price: str = ""
    currency: str = "eur"
    back: str = ""
    is_full: bool = False
    how: str = PayHow.RECEIVED.value
    known: list[Option] = []
    known_count: str = ""
    person: str = ""
    person_name: str = ""
    notice: Notice = Notice()
    problems: dict[str, str] = dict.fromkeys(FIELDS, "")
    refused_stamp: int = 0

    @rx.event
    async def how_chosen(self, how: str) -> None:
        """Show the fields of this way to pay."""
        self.how = how if how in list(PayHow) else PayHow.RECEIVED.value

    @rx.event(supersedes=True)
    async def person_searched(self, words: str) -> None:
        """Show people with these words to choose from. Whoever was chosen stays."""
        text, language = validation.text(words, MAX_SENT) or "", self._language()
        try:
            people = await services().known_people.search(self._require(), text)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, language)
            return
        self.known = [person_option(person) for person in people]
        self.known_count = known_count_words(len(people), language) if text.strip() else ""

    @rx.event
    async def person_chosen(self, user_id: str) -> None:
        """Book for somebody who is known, or for somebody new."""
        names = [option.text for option in self.known if option.value == user_id]
        self.person, self.person_name = (str(user_id), names[0]) if names else ("", "")

    @rx.event
    async def sent(self, token: str, texts: dict[str, str]) -> Events:
        """Make the booking, and go to the people of the course."""
        values = texts if isinstance(texts, Mapping) else {}
        binding = self._page_binding()
        try:
            who = await self._fresh(token)
            await services().manual_bookings.add(who, self._course_id(), self._wanted(values))
        except Invalid as error:
            self._refuse(error)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        yield binding.go(self.back)

    async def _load(self, who: Principal, rights: Rights) -> None:
        course_id = self._course_id()
        rights.require(Permission.CHANGE_BOOKINGS, course_id)
        course = await services().managed_courses.get(who, course_id)
        self.notice, self.problems = Notice(), dict.fromkeys(FIELDS, "")
        self.course_title = course.title or ""
        price = course.price
        self.currency = price.currency if price else "eur"
        is_priced = price is not None and price.amount > 0
        self.price = (
            money_text(price.amount, price.currency, self._language())
            if price is not None and is_priced
            else ""
        )
        self.known, self.known_count, self.person, self.person_name = [], "", "", ""
        self.how = (PayHow.RECEIVED if is_priced else PayHow.COMPLIMENTARY).value
        self.is_full = course.counts.free == 0
        self.back = f"/manage/courses/{course_id}/people"

    def _wanted(self, values: Mapping[str, object]) -> NewBooking:
        """Return the booking of the form. Raises Invalid for what cannot be read."""

        def text(name: str, most: int = MAX_SENT) -> str:
            return validation.text(values.get(name), most) or ""

        errors: list[FieldError] = []
        plan = PayPlan(
            how=PayHow(self.how),
            amount=self._amount(text("amount"), errors),
            method=_method(text("method")),
            due_on=_day(text("due_on"), "due_on", errors),
            received_on=_day(text("received_on"), "received_on", errors),
            reference=text("reference"),
        )
        if errors:
            raise Invalid(errors)
        return NewBooking(
            pay=plan,
            user_id=self.person,
            name=text("name"),
            email=text("email"),
            phone=text("phone"),
            note=text("note", MAX_NOTE),
            tell="tell" in values,
            one_more="one_more" in values,
        )

    def _amount(self, text: str, errors: list[FieldError]) -> int | None:
        if not text.strip():
            return None
        try:
            return read_amount(text, self.currency)
        except WrongAmount:
            words = i18n.manage_of(self._language())
            errors.append(FieldError("/pay/amount", str(words.ADD_WRONG_AMOUNT)))
            return None

    def _refuse(self, error: Invalid) -> None:
        self.notice, self.problems = Notice(), dict.fromkeys(FIELDS, "")
        for problem in error.errors:
            name = PLACES.get(problem.pointer, problem.pointer.rpartition("/")[2])
            if name in self.problems:
                self.problems[name] = i18n.text_of(problem.detail, self._language())
        self.refused_stamp += 1

    def _course_id(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"


def _method(text: str) -> Method | None:
    return Method(text) if text in list(Method) else None


def _day(text: str, name: str, errors: list[FieldError]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors.append(FieldError(f"/pay/{name}", "This day is over."))
        return None
