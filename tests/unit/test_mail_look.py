"""How mails look: the colours of the pages, in light and dark, and what mail programs can show."""

from pathlib import Path

from coursebook.mail import messages
from coursebook.mail.look import PLAIN, Look
from coursebook.school import School
from coursebook.school.colours import TEXT, contrast
from tests.support.mail_facts import FACTS

THEME = (Path(__file__).parents[2] / "assets" / "theme.css").read_text(encoding="utf-8")
URL = "https://school.example"


def test_the_plain_look_is_that_of_the_pages() -> None:
    for colour in (PLAIN.accent, PLAIN.on_accent, PLAIN.accent_dark, PLAIN.on_accent_dark):
        assert colour in THEME


def test_a_school_gives_its_colours_and_links() -> None:
    school = School(
        accent="#7a2e1d", accent_dark="#e8a48f", imprint_url="/imprint", logo="logo.png"
    )
    look = Look.of(school, URL)
    assert (look.accent, look.accent_dark) == ("#7a2e1d", "#e8a48f")
    assert contrast(look.accent, look.on_accent) >= TEXT
    assert contrast(look.accent_dark, look.on_accent_dark) >= TEXT
    assert (look.imprint_url, look.privacy_url) == (f"{URL}/imprint", "")
    assert look.logo_url == f"{URL}/logo.png"


def test_a_logo_that_mail_programs_do_not_show_is_left_out() -> None:
    assert Look.of(School(logo="logo.svg"), URL).logo_url == ""


def test_a_mail_has_colours_for_light_and_dark_mode() -> None:
    html = messages.booked(FACTS).html
    light, dark = html.split("@media (prefers-color-scheme: dark)")
    assert PLAIN.accent_dark not in light
    assert PLAIN.accent in dark
    assert f"color: {PLAIN.on_accent_dark} !important" in dark
    assert '<meta name="color-scheme" content="light dark">' in html
