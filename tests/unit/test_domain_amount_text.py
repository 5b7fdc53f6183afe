"""Amounts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.amount_text import WrongAmount, money_text, read_amount
from coursebook.domain.money import CURRENCIES, MAX_AMOUNT, major_units


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("45", 4500),
        ("45.00", 4500),
        ("45,00", 4500),
        ("45,5", 4550),
        (" 45.50 ", 4550),
        ("€45", 4500),
        ("45 €", 4500),
        ("45 EUR", 4500),
        ("0", 0),
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1'234.50", 123450),
        ("1 234,50", 123450),
        ("1 234", 123400),
        ("1,234,567", 123456700),
    ],
)
def test_point_and_comma_are_both_understood(text: str, amount: int):
    assert read_amount(text, "eur") == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "45.5O",
        "abc",
        "-45",
        "4,5,0",
        "1,234,50",
        "45.005",
        "1,234",
        "12,34.5",
        "1e3",
        "٤٥",
        "9" * 40,
    ],
)
def test_anything_else_is_not_an_amount(text: str):
    with pytest.raises(WrongAmount):
        read_amount(text, "eur")


def test_a_currency_without_decimals_has_thousands_only():
    assert read_amount("1,500", "jpy") == 1500
    assert read_amount("¥1500", "jpy") == 1500
    with pytest.raises(WrongAmount):
        read_amount("1500.00", "jpy")


@given(amount=st.integers(0, MAX_AMOUNT), currency=st.sampled_from(sorted(CURRENCIES)))
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_we_write_is_read_back(amount: int, currency: str, language: str):
    assert read_amount(major_units(amount, currency), currency) == amount
    written = money_text(amount, currency, language)
    for dollars in ("A$", "C$", "NZ$", "S$"):
        written = written.replace(dollars, "$")
    assert read_amount(written, currency) == amount
