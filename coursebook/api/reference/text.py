"""The little Markdown that our descriptions use, as safe HTML: paragraphs, lists, code, bold."""

import re

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


def words(text: str) -> Markup:
    """Return `text` as HTML. Everything in it is escaped first."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block]
    return Markup("\n").join(_block(block) for block in blocks)


def _block(block: str) -> Markup:
    if not block.startswith("- "):
        return Markup("<p>{}</p>").format(_inline(block))
    items = re.split(r"\n(?=- )", block)
    listed = Markup("").join(Markup("<li>{}</li>").format(_inline(i[2:])) for i in items)
    return Markup("<ul>{}</ul>").format(listed)


def _inline(text: str) -> Markup:
    safe = str(escape(" ".join(text.split())))
    safe = _CODE.sub(r"<code>\1</code>", safe)
    return Markup(_BOLD.sub(r"<strong>\1</strong>", safe))  # noqa: S704 - escaped two lines above
