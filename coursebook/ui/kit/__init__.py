"""The design system: functions over `rx.el` with Tailwind. The only place with class strings.

Colours and fonts come from `assets/theme.css`, in light and dark.
"""

from coursebook.ui.kit.actions import (
    button,
    button_class,
    link_button,
    outside_link,
    plain_link,
    text_link,
)
from coursebook.ui.kit.dialog import dialog
from coursebook.ui.kit.fields import check_field, form_row, option, search_field, select_field
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.layout import aside_split, between, cards, cluster, column, quiet, stack
from coursebook.ui.kit.surfaces import (
    badge,
    bone,
    fact,
    facts,
    figures,
    live_region,
    notice,
    panel,
    picture,
    rule,
    thumbnail,
)
from coursebook.ui.kit.text import (
    amount,
    big_amount,
    body,
    card_title,
    eyebrow,
    for_readers,
    hero_title,
    lead,
    page_title,
    section_title,
    small,
    small_title,
)

__all__ = [
    "amount",
    "aside_split",
    "badge",
    "between",
    "big_amount",
    "body",
    "bone",
    "button",
    "button_class",
    "card_title",
    "cards",
    "check_field",
    "cluster",
    "column",
    "dialog",
    "eyebrow",
    "fact",
    "facts",
    "figures",
    "for_readers",
    "form_row",
    "hero_title",
    "icon",
    "lead",
    "link_button",
    "live_region",
    "notice",
    "option",
    "outside_link",
    "page_title",
    "panel",
    "picture",
    "plain_link",
    "quiet",
    "rule",
    "search_field",
    "section_title",
    "select_field",
    "small",
    "small_title",
    "stack",
    "text_link",
    "thumbnail",
]
