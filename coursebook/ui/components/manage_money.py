"""The tabs of the pages about money."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.kit.types import Text

TABS = {
    "inbox": "/manage/money",
    "payments": "/manage/money/payments",
    "refunds": "/manage/money/refunds",
    "expected": "/manage/money/expected",
    "payouts": "/manage/money/payouts",
}
"""The pages about money, in the order of their tabs."""


def money_tabs(current: str, inbox_count: Text) -> rx.Component:
    """Return the tabs, with `current` as the page that is open."""
    return kit.tabs(
        i18n.manage.MONEY_TITLE,
        *[
            kit.tab_link(
                i18n.manage.MONEY_TAB[name],
                path,
                is_current=name == current,
                count=inbox_count if name == "inbox" else "",
            )
            for name, path in TABS.items()
        ],
    )
