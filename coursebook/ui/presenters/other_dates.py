"""The other dates of a course, from views of the services. Pure."""

from coursebook.services.views import CourseView, OtherDates
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import DateRow


def date_rows(course: CourseView, others: OtherDates, language: str) -> list[DateRow]:
    """Return a row for each other date. The price is only named when it is another one."""
    return [
        DateRow(
            id=other.id,
            href=f"/courses/{other.slug}",
            when=courses_and_bookings.when(other, language),
            price=""
            if other.price == course.price
            else say.price(other.price.amount, other.price.currency, language),
            places=say.places(other.seats_left, other.status, language),
            places_tone=say.places_tone(other.seats_left, other.status),
            stamp=courses_and_bookings.stamp(other),
        )
        for other in others.items
    ]


def all_dates_href(course: CourseView, others: OtherDates) -> str:
    """Return the address of the list of all dates; "" when they are all shown already."""
    return f"/courses?series={course.series_id}" if others.has_more else ""
