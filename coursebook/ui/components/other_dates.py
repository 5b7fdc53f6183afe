"""The other dates of a course on its page: each a link, with the places left."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.course_card import places_badge
from coursebook.ui.presenters.rows import DateRow


def other_dates(dates: rx.Var[list[DateRow]], all_href: rx.Var[str]) -> rx.Component:
    """Return the section, nothing for a course without other dates."""
    return rx.cond(
        dates.length() > 0,
        kit.stack(
            kit.section_title(i18n.OTHER_DATES),
            kit.linked_rows(dates, _date, data_testid="other-dates"),
            rx.cond(all_href != "", kit.text_link(i18n.ALL_DATES, href=all_href)),
        ),
    )


def _date(row: rx.Var[DateRow]) -> rx.Component:
    return kit.spread(
        rx.el.span(
            kit.text_link(row.when, href=row.href),
            rx.cond(row.price != "", rx.fragment(" · ", row.price)),
        ),
        places_badge(row),
    )
