"""The gallery shows every component of the kit; a production build has no gallery."""

import inspect
from pathlib import Path

import pytest

from coursebook.coursebook import app
from coursebook.ui import gallery, kit, layout

# The layout renders the frame around the samples.
SOURCES = inspect.getsource(layout) + "".join(
    path.read_text() for path in Path(gallery.__file__).parent.glob("*.py")
)
SAMPLES = {names: sample for group in gallery.GROUPS.values() for names, sample in group.items()}


def test_every_part_of_the_kit_has_a_sample():
    shown = {name for names in SAMPLES for name in names.split(", ")}
    assert sorted(kit.__all__) == sorted(shown), "missing in coursebook/ui/gallery"


@pytest.mark.parametrize("names", list(SAMPLES))
def test_a_sample_shows_what_it_says(names: str):
    assert SAMPLES[names]().render()
    assert all(f"kit.{name}" in SOURCES for name in names.split(", "))


def test_a_built_product_has_no_gallery():
    assert "kit" not in app._unevaluated_pages


def test_development_has_the_gallery(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(gallery.RELOADING, "1")
    assert [page.route for page in gallery.pages()] == ["/kit"]
