"""The lock files: what `pip install -r` needs, without more options."""

import re
from pathlib import Path

import pytest

from tests.support.documents import ROOT
from tools.pin_extras import with_plain_pins

LOCKS = ("requirements.lock", "requirements-dev.lock")


def test_a_pin_with_extras_is_followed_by_one_without() -> None:
    with_extras, plain, other = "a[x]==1 \\\n  --hash=0\n", "a==1 \\\n  --hash=0\n", "b==2\n"
    assert with_plain_pins(with_extras + other) == with_extras + plain + other


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_is_pinned_without_extras_and_by_hash(name: str) -> None:
    pins = re.split(r"\n(?=\w)", Path(ROOT / name).read_text(encoding="utf-8"))
    heads = [pin.split(" ")[0] for pin in pins]
    plain = {head for head in heads if "[" not in head}
    assert {re.sub(r"\[[^\]]+\]", "", head) for head in heads} == plain
    assert len(plain) == len([head for head in heads if "[" not in head])
    assert [pin.split(" ")[0] for pin in pins if "--hash=sha256:" not in pin] == []
