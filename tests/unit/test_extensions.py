"""How extensions are found and checked, and what a mistake in one says."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coursebook import extend
from coursebook.extensions import loader
from coursebook.extensions.declaration import Extension, ExtensionError
from coursebook.payments.event_targets import EventTarget
from coursebook.school import School

JOBS = """\
from coursebook.extend import Extension


async def greet(services):
    pass


extension = Extension(name="jobs", jobs=(greet,))
"""

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write an extension into a school's folder, from where the program runs."""
    folder = tmp_path / "school"
    monkeypatch.setattr("coursebook.school.current", lambda: School(folder=folder))
    monkeypatch.chdir(tmp_path)
    loader.extensions.cache_clear()

    def write(text: str, name: str = "mine") -> None:
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "__init__.py").write_text(text)

    yield write
    loader.extensions.cache_clear()
    for name in [n for n in sys.modules if n.split(".")[0] == loader.PACKAGE]:
        del sys.modules[name]


def test_a_folder_of_the_school_is_an_extension(write: Write) -> None:
    write(JOBS)
    (extension,) = loader.extensions()
    assert (extension.name, extension.jobs[0].__name__) == ("jobs", "greet")
    assert loader.extensions()[0] is extension


def test_a_folder_without_modules_has_none(write: Write) -> None:
    (Path("school") / "words").mkdir(parents=True)
    assert loader.extensions() == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\ndef f(:\n", "school/mine/__init__.py, line 2: invalid syntax."),
        (
            "\n\nimport nowhere_at_all\n",
            "school/mine/__init__.py, line 3: ModuleNotFoundError: No module named 'nowhere_at",
        ),
        (
            "x = 1\n",
            "school/mine/__init__.py: there is no extension; end the file with `extension = ",
        ),
        (
            "from coursebook.extend import Extension\nextension = Extension(name='a', jobs=(1,))\n",
            "school/mine/__init__.py, line 2: The job 1 must be an async function.",
        ),
        (
            "from coursebook.extend import Extension\nextension = Extension(name='a', jobs=1)\n",
            "school/mine/__init__.py, line 2: jobs of the extension a must be a tuple.",
        ),
        (
            "from coursebook.extend import CourseField as F\nF(name='q', kind='text', label='A')\n",
            "school/mine/__init__.py, line 2: The field 'q' needs another name: courses have",
        ),
        (
            "from coursebook.extend import Nothing\n",
            "school/mine/__init__.py, line 1: ImportError: cannot import name 'Nothing' from",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_line(
    write: Write, text: str, sentence: str
) -> None:
    write(text)
    with pytest.raises(ExtensionError) as raised:
        loader.extensions()
    assert str(raised.value).startswith(sentence)


def test_two_extensions_cannot_have_one_name(write: Write) -> None:
    write(JOBS)
    write(JOBS, "other")
    with pytest.raises(ExtensionError, match=r"other/__init__\.py: .*mine.* is called jobs too"):
        loader.extensions()


@pytest.mark.parametrize("names", [("mine",), ("mine", "other")])
def test_two_fields_cannot_have_one_name(write: Write, names: tuple[str, ...]) -> None:
    for name in names:
        fields = "CourseField(name='tools', kind='text', label='A'),"
        fields += "CourseField(name='tools', kind='date', label='A')," if len(names) == 1 else ""
        text = "from coursebook.extend import CourseField, Extension\n"
        write(f"{text}extension = Extension(name='{name}', fields=({fields}))\n", name)
    with pytest.raises(ExtensionError, match="mine has a field tools already; give the field"):
        loader.extensions()


def test_a_folder_that_cannot_be_imported_is_named(write: Write) -> None:
    write(JOBS, "open-days")
    with pytest.raises(ExtensionError, match="school/open-days: the name of the folder"):
        loader.extensions()


def test_an_installed_package_is_an_extension(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "open_days"
    package.mkdir()
    (package / "__init__.py").write_text(JOBS.replace('"jobs"', '"packaged"'))
    info = tmp_path / "open_days-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: open-days\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{loader.GROUP}]\nopen_days = open_days:extension\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    write(JOBS)
    assert [extension.name for extension in loader.extensions()] == ["packaged", "jobs"]
    assert loader.source_folders() == (package,)
    del sys.modules["open_days"]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ({"charge.refunded": EventTarget.PAYMENT}, "handles the payment event charge.refunded"),
        ({"charge": EventTarget.PAYMENT}, "'charge' needs a name such as charge.updated"),
        ({"charge.updated": "payment"}, "and an EventTarget"),
    ],
)
def test_a_payment_event_is_a_new_one(events: dict, sentence: str) -> None:
    with pytest.raises(ExtensionError, match=sentence):
        Extension(name="a", payment_events=events)


@pytest.mark.parametrize(
    ("mails", "sentence"),
    [
        ({"booked": print}, "has a mail 'booked' already"),
        ({"Course soon": print}, "'Course soon' needs a name such as course_soon"),
        ({"course_soon": "text"}, "'course_soon' needs a name such as course_soon, and a function"),
    ],
)
def test_a_mail_is_a_new_one_with_a_function(mails: dict, sentence: str) -> None:
    with pytest.raises(ExtensionError, match=sentence):
        Extension(name="a", mails=mails)


def test_every_name_for_authors_exists() -> None:
    for name in extend.__all__:
        assert getattr(extend, name) is not None
    assert sorted(extend._MODULES) == sorted(extend.__all__)
    with pytest.raises(AttributeError, match="it has CourseField, "):
        _ = extend.Nothing


def test_an_extension_without_pages_does_not_load_reflex(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text(JOBS)
    program = (
        "import sys\nfrom coursebook.extensions.loader import extensions\n"
        "print(extensions()[0].name, 'reflex' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"SCHOOL_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("jobs False\n", "")
