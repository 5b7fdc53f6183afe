"""The pages, one module for each route, and the list of all of them."""

import reflex as rx

from coursebook.extensions.declaration import ExtensionError
from coursebook.extensions.loader import course_fields, extensions
from coursebook.school.errors import report
from coursebook.ui import gallery, i18n, layout
from coursebook.ui.page import Page, Site
from coursebook.ui.pages import (
    booking,
    bookings,
    catalog,
    claim,
    course,
    home,
    invitation,
    not_found,
    payment_cancel,
    payment_success,
    sign_in,
)
from coursebook.ui.pages.manage import booking as managed_booking
from coursebook.ui.pages.manage import (
    booking_list,
    check_in_door,
    check_in_list,
    course_cancel,
    course_edit,
    course_history,
    course_list,
    course_new,
    course_preview,
    course_repeat,
    expected_money,
    inbox_entry,
    message,
    message_list,
    message_new,
    money,
    people,
    person_new,
    school_settings,
    team,
    today,
    waiting_list,
)
from coursebook.ui.pages.manage.bookkeeping import (
    payments,
    payout,
    payouts,
    refunds,
    reports,
    school_history,
)

OWN = (
    home.PAGE,
    catalog.PAGE,
    course.PAGE,
    bookings.PAGE,
    booking.PAGE,
    payment_success.PAGE,
    payment_cancel.PAGE,
    sign_in.PAGE,
    invitation.PAGE,
    claim.PAGE,
    today.PAGE,
    check_in_list.PAGE,
    check_in_door.PAGE,
    course_preview.PAGE,
    people.PAGE,
    person_new.PAGE,
    waiting_list.PAGE,
    course_history.PAGE,
    booking_list.PAGE,
    managed_booking.PAGE,
    course_cancel.PAGE,
    course_repeat.PAGE,
    course_list.PAGE,
    money.PAGE,
    expected_money.PAGE,
    message_list.PAGE,
    message_new.PAGE,
    message.PAGE,
    payments.PAGE,
    refunds.PAGE,
    payouts.PAGE,
    payout.PAGE,
    reports.PAGE,
    school_history.PAGE,
    team.PAGE,
    school_settings.PAGE,
    course_new.PAGE,
    course_edit.PAGE,
    inbox_entry.PAGE,
    not_found.PAGE,
)


def _of_extensions() -> tuple[Page, ...]:
    """Return the pages of all extensions. Reports ExtensionErrors."""
    pages = []
    for extension, page in [(e, page) for e in extensions() for page in e.pages]:
        if isinstance(page, Page):
            pages.append(page)
        else:
            sentence = f"has {page!r} among its pages: it must be a Page."
            report(ExtensionError(f"The extension {extension.name} {sentence}"))
    return tuple(pages)


def _check_field_texts() -> None:
    """Report an ExtensionError for each text that a field of courses needs and English lacks."""
    texts = i18n.of(i18n.ENGLISH).page
    for declared in course_fields():
        for name in declared.text_names:
            if not isinstance(texts.get(name), str):
                sentence = f"needs the text {name} in words/{i18n.ENGLISH}.toml."
                report(ExtensionError(f"The field {declared.name} {sentence}"))


_check_field_texts()
SITE = Site((*OWN, *gallery.pages(), *_of_extensions()))
"""All pages of this program."""
layout.pages[:] = SITE.pages
layout.navigation[:] = [page for page in SITE.pages if page.nav is not None]


def add_pages(app: rx.App) -> None:
    """Add every page to the app. Raises PageError."""
    for page in SITE.pages:
        page.add_to(app)
