"""The words by which people are found, and those of a search."""

import pytest

from coursebook.domain.search import person_lexemes, typed_person_words


def test_a_person_is_found_by_each_name_and_by_the_parts_of_the_address():
    assert person_lexemes("Zoë Lindqvist-Holm", "zoe.l@mail.test").split() == [
        "1holm",
        "1lindqvist",
        "1lindqvistholm",
        "1zoe",
        "2l",
        "2mail",
        "2mailtest",
        "2test",
        "2zoe",
        "2zoel",
        "2zoelmailtest",
    ]
    assert person_lexemes("", "") == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lindq", ("lindq",)),
        ("  Zoë   LINDQ ", ("zoe", "lindq")),
        ("amara.l", ("amaral",)),
        ("amara.l@example.test", ("amaralexampletest",)),
        ("O'Brien", ("obrien",)),
        ("王小明", ("王小明",)),
        ("@ . -", ()),
        ("a " * 20, ("a",)),
    ],
)
def test_a_word_of_a_search_keeps_its_letters_together(typed: str, words: tuple[str, ...]):
    assert typed_person_words(typed) == words
