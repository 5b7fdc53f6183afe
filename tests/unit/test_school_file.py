"""`school.toml`: every key arrives, and every mistake is one sentence with file, line and key."""

from pathlib import Path

import pytest

from coursebook.school import DEFAULT_NAME, School, SchoolError, read_school
from coursebook.settings import SchoolSettings

WHOLE = """\
name = "Oficina do Barro"
address = "Rua das Flores 12, Lisboa"
email = "ola@barro.example"
imprint_url = "https://barro.example/imprint"
privacy_url = "/privacy"
footer = "A workshop of the ceramics guild."
accent = "#8a3b1c"
accent_dark = "#F2A98A"
logo = "logo.svg"
font = "fonts/barro.woff2"
share_image = "share.png"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty school, with three files in its assets."""
    monkeypatch.chdir(tmp_path)
    assets = tmp_path / "school" / "assets"
    (assets / "fonts").mkdir(parents=True)
    for name in ("logo.svg", "fonts/barro.woff2", "share.png"):
        (assets / name).write_bytes(b"x")
    return tmp_path / "school"


def school(**settings: str) -> School:
    return read_school(SchoolSettings(**{"school_dir": Path("school"), **settings}))


def sentence(folder: Path, text: str) -> str:
    (folder / "school.toml").write_text(text)
    with pytest.raises(SchoolError) as caught:
        school()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_a_folder_it_is_the_plain_product(tmp_path: Path):
    plain = read_school(SchoolSettings(school_dir=tmp_path / "nowhere"))
    assert plain == School()
    assert plain.name == DEFAULT_NAME
    assert not plain.has_name


def test_every_key_arrives(folder: Path):
    (folder / "school.toml").write_text(WHOLE)
    assert school() == School(
        folder=folder,
        name="Oficina do Barro",
        address="Rua das Flores 12, Lisboa",
        email="ola@barro.example",
        imprint_url="https://barro.example/imprint",
        privacy_url="/privacy",
        footer="A workshop of the ceramics guild.",
        accent="#8a3b1c",
        accent_dark="#f2a98a",
        logo="logo.svg",
        font="fonts/barro.woff2",
        share_image="share.png",
    )
    assert school().logo_url == "/logo.svg"
    assert school().assets == folder / "assets"
    assert school().words is None


def test_the_settings_win_over_the_file(folder: Path):
    (folder / "school.toml").write_text(WHOLE)
    chosen = school(school_name="Barro", school_email="hi@barro.example", school_address="Porto")
    assert (chosen.name, chosen.email, chosen.address) == ("Barro", "hi@barro.example", "Porto")
    assert school(school_name="").name == "Oficina do Barro"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nmae = 'x'", "line 1: nmae: is not a key of this file; did you mean name."),
        ("\n[colours]\nx = 1", "line 2: colours: is not a key of this file; the keys are name,"),
        ("name = 3", "line 1: name: must be a text in quotes."),
        ("name = 'a\tb'", "name: must be one line without control characters."),
        (f"name = '{'x' * 121}'", "name: must have at most 120 characters."),
        ("# ours\nemail = 'nobody'", "line 2: email: must be an email address"),
        ("imprint_url = 'imprint'", "imprint_url: must be an address"),
        ("privacy_url = '//evil.example'", "privacy_url: must be an address"),
        ("privacy_url = 'javascript:x'", "privacy_url: must be an address"),
        ("logo = '../school.toml'", "logo: must be the name of a .svg or .png file in assets."),
        ("logo = 'other.svg'", "logo: there is no file other.svg in school/assets."),
        ("font = 'barro.ttf'", "font: must be the name of a .woff2 file in assets."),
        ("accent = 'red'", "accent: must be a colour such as #17594a."),
        ("accent_dark = '#ffffff'", "accent_dark: needs accent beside it"),
        ("name = ", "school/school.toml is not valid TOML"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, text: str, words: str):
    message = sentence(folder, text)
    assert message.startswith("school/school.toml")
    assert words in message


def test_an_asset_never_leads_out_of_its_folder(folder: Path):
    (folder / "assets" / "out.svg").symlink_to(folder.parent / "secret.svg")
    (folder.parent / "secret.svg").write_text("x")
    assert "there is no file out.svg" in sentence(folder, "logo = 'out.svg'")


def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(folder: Path):
    message = sentence(folder, "name = 'x'\naccent = '#e07a5f'")
    assert message.startswith("school/school.toml, line 2: accent: text in #e07a5f on the page")
    assert "has a contrast of 2.8 and needs 4.5; try #" in message
    suggested = message.rpartition(" ")[2].rstrip(".")
    (folder / "school.toml").write_text(f"accent = '{suggested}'")
    assert school().accent == suggested
    dark = sentence(folder, "accent = '#8a3b1c'\naccent_dark = '#8a3b1c'")
    assert "line 2: accent_dark: text in #8a3b1c on the page (#131512) in dark mode" in dark


def test_without_a_dark_accent_a_lighter_one_is_made(folder: Path):
    (folder / "school.toml").write_text("accent = '#8a3b1c'")
    assert school().accent_dark not in ("", "#8a3b1c")
