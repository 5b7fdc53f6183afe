"""A series on the public pages: one card in the catalog, the other dates on a course page."""

from datetime import timedelta

from coursebook.services.views import CourseView, LocationView, MoneyView, OtherDates
from coursebook.ui.presenters import other_dates
from coursebook.ui.presenters.catalog import chips
from coursebook.ui.presenters.catalog_filters import filters_of
from coursebook.ui.presenters.courses_and_bookings import course_row
from tests.support.rows import NOW


def a_date(number: int = 0, **changes: object) -> CourseView:
    starts_at = NOW + timedelta(days=30 + 7 * number)
    values: dict[str, object] = {
        "id": f"crs_{number}",
        "slug": f"pottery-{number}",
        "title": "Pottery",
        "summary": "",
        "category": "craft",
        "level": "Beginner",
        "instructor": "Tara",
        "location": LocationView("place", "Atelier", "Lisbon"),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "timezone": "Europe/Lisbon",
        "price": MoneyView(4500, "eur"),
        "capacity": 10,
        "seats_left": 2,
        "status": "open",
        "image": "",
        "series_id": "ser_1",
    }
    return CourseView(**(values | changes))  # type: ignore[arg-type]


def test_a_card_names_the_next_date_and_counts_the_others():
    card = course_row(a_date(more_dates=3), "en")
    assert card.when == "Next: Wed 31 Mar 2027, 13:00–15:00 · 3 more dates"
    assert course_row(a_date(more_dates=1), "en").when.endswith(" · 1 more date")
    assert course_row(a_date(), "en").when == "Wed 31 Mar 2027, 13:00–15:00"
    german = course_row(a_date(more_dates=2), "de").when
    assert german.startswith("Nächster Termin: ")
    assert german.endswith(" · 2 weitere Termine")


def test_other_dates_have_their_places_and_a_price_only_if_it_differs():
    dear = a_date(2, price=MoneyView(5000, "eur"), seats_left=0, status="full")
    rows = other_dates.date_rows(a_date(), OtherDates((a_date(1), dear)), "en")
    assert [(row.href, row.price, row.places, row.places_tone) for row in rows] == [
        ("/courses/pottery-1", "", "2 places left", "few"),
        ("/courses/pottery-2", "€50", "Full", "none"),
    ]
    assert other_dates.all_dates_href(a_date(), OtherDates((a_date(1),))) == ""
    more = OtherDates((a_date(1),), has_more=True)
    assert other_dates.all_dates_href(a_date(), more) == "/courses?series=ser_1"


def test_the_dates_of_a_series_are_a_filter_of_the_address():
    filters, is_mended = filters_of({"series": "ser_1", "available": "true"})
    assert (filters.query, is_mended) == ("available=true&series=ser_1", False)
    query = filters.to_query()
    assert (query.series, query.is_grouped) == ("ser_1", True)
    assert [chip.href for chip in chips(filters, "/courses", "en")] == [
        "/courses?series=ser_1",
        "/courses?available=true",
    ]
