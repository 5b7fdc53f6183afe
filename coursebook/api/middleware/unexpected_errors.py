"""Unexpected exceptions: log them with the request id, answer 500 without details."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_api_request
from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import InternalError
from coursebook.log import get_logger

log = get_logger(__name__)


class UnexpectedErrors:
    """ASGI middleware: answer 500 for any exception. A response that has begun is aborted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; other requests than the API's pass unchanged."""
        if not is_api_request(scope):
            await self._app(scope, receive, send)
            return
        is_started = False

        async def send_and_note_start(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note_start)
        except Exception:
            log.exception("api.failed", method=scope["method"], path=scope["path"])
            if is_started:
                raise
            await problem_response(InternalError())(scope, receive, send)
