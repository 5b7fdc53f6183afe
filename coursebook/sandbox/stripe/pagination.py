"""List responses: newest first, with the cursors `starting_after` and `ending_before`."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import bad_parameter, missing
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.parameters import Check, integer, list_of, number_or_range, text
from coursebook.sandbox.stripe.resources import NOUN, shown

EXPAND: dict[str, Check] = {"expand": list_of(text(200), 20)}
CURSORS: dict[str, Check] = {
    "limit": integer(1, 100),
    "starting_after": text(255),
    "ending_before": text(255),
    **EXPAND,
}
PAGED: dict[str, Check] = {**CURSORS, "created": number_or_range}
DEFAULT_LIMIT = 10


def page(context: Context, kind: str, url: str, params: dict[str, Any], only: Filter) -> Body:
    """Return one page of the objects that match `only`, by the cursor parameters."""
    older, newer = params.get("starting_after"), params.get("ending_before")
    if older and newer:
        raise bad_parameter("Use starting_after or ending_before, not both.", "starting_after")
    for name, key in (("starting_after", older), ("ending_before", newer)):
        if key and context.store.get(kind, key) is None:
            raise missing(NOUN.get(kind, kind), key, name)
    limit = params.get("limit", DEFAULT_LIMIT)
    selection = Filter(
        parent=only.parent,
        status=only.status,
        where=only.where,
        any_parent=only.any_parent,
        created=params.get("created", ()),
        before=older,
        after=newer,
    )
    bodies = context.store.find(kind, selection, limit=limit + 1)
    page_bodies = bodies[:limit]
    if newer:
        page_bodies.reverse()
    expand = [inside(path) for path in params.get("expand", ())]
    data = [shown(context, body, expand) for body in page_bodies]
    return {"object": "list", "data": data, "has_more": len(bodies) > limit, "url": url}


def of_payment(context: Context, params: dict[str, Any]) -> Filter:
    """Return the filter for the parameters `charge` and `payment_intent`."""
    intent = params.get("payment_intent")
    if "charge" not in params:
        return Filter(parent=intent)
    charge = context.store.get("charge", params["charge"])
    if charge is None:
        raise missing("charge", params["charge"], "charge")
    if intent not in (None, charge["payment_intent"]):
        return Filter(parent="none of both")
    return Filter(parent=charge["payment_intent"], where=(("charge", charge["id"]),))


def inside(path: str) -> str:
    """Return a path of `expand` relative to each entry of a list."""
    if not path.startswith("data."):
        raise bad_parameter(f"This property cannot be expanded ({path}).", "expand")
    return path.removeprefix("data.")
