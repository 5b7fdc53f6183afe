"""What nobody foresaw: logged with its request id, answered without any detail."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_ours
from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import InternalError
from coursebook.log import get_logger

log = get_logger(__name__)


class Unexpected:
    """ASGI middleware: the last net under the API. A started answer is broken off instead."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; what is not the API's passes unchanged."""
        if not is_ours(scope):
            await self._app(scope, receive, send)
            return
        is_started = False

        async def watched(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("api.failed", method=scope["method"], path=scope["path"])
            if is_started:
                raise
            await problem_response(InternalError())(scope, receive, send)
