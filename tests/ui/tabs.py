"""A browser tab without a browser: a state tree, an address, and handlers to fire."""

import inspect
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import reflex as rx

from coursebook.ui.reflex_compat import state_tree
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness, Student

S = TypeVar("S", bound=rx.State)


class Tab:
    """One tab. `root` is what Reflex keeps for it; only a tab with a `name` hears of changes.

    `pages` are those that its answers were meant for: one for each.
    """

    def __init__(self, address: str = "/", accept_language: str = "", *, name: str = "") -> None:
        self._accept_language, self._name = accept_language, name
        self.pages: list[str] = []
        self.root = state_tree.new_tree()
        self.go(address)

    def go(self, address: str) -> None:
        """Set the tab's address, as the browser's next event would."""
        parts = urlsplit(address)
        told = {
            state_tree.PATH: parts.path,
            state_tree.FULL_PATH: address,
            state_tree.QUERY: dict(parse_qsl(parts.query)),
            state_tree.HEADERS: {
                "origin": "http://localhost:3000",
                "accept-language": self._accept_language,
            },
            state_tree.CLIENT_ADDRESS: "203.0.113.7",
            state_tree.TAB: self._name,
        }
        state_tree.put_address(self.root, told)

    async def state(self, kind: type[S]) -> S:
        """Return one state of the tab."""
        return await self.root.get_state(kind)

    async def fire(self, handler: Any, *arguments: Any) -> list[str]:
        """Fire a handler such as `CourseState.book_clicked`; return its redirect."""
        state = await self.root.get_state(handler.state)
        answer = handler.fn(state, *arguments)
        given = [event async for event in answer] if inspect.isasyncgen(answer) else [await answer]
        events = [event for event in given if event is not None]
        self.pages += [str(_told(event)["page"]) for event in events]
        return [_path_of(event) for event in events]

    async def sign_in(self, harness: Harness, student: Student) -> None:
        """Sign in with a token, as the shell does."""
        await self.fire(SessionState.token_received, await harness.token(student))


def _path_of(event: Any) -> str:
    body = _told(event)
    return str(body.get("path", body.get("url")))


def _told(event: Any) -> dict[str, Any]:
    return {name._js_expr: value._var_value for name, value in event.args}
