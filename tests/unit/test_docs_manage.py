"""docs/manage.md walks an operator through a month: every heading of the walk stands on a page."""

import re

from coursebook.ui import i18n
from tests.support.documents import page

WALK = "## From the first start to the end of a month"


def _texts(values: object) -> set[str]:
    if isinstance(values, dict):
        return {text for each in values.values() for text in _texts(each)}
    return {str(values)}


def test_every_heading_of_the_walk_stands_on_a_page():
    text = page("docs/manage.md").text
    walk = text[text.index(WALK) + len(WALK) :].split("\n## ")[0]
    headings = re.findall(r"^### (.+)$", walk, re.MULTILINE)
    assert headings[0] == "Ready to sell"
    assert headings[-1] == "Reports"
    shown = _texts(i18n.manage_of("en").page)
    assert [heading for heading in headings if heading not in shown] == []
    pictures = re.findall(r"images/([\w-]+)\.png", walk)
    assert {"ready", "today", "check-in", "payout", "reports"} <= set(pictures), (
        "from first to last"
    )
