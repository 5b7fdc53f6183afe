"""Logging: the format of log lines, request ids, and the masking of secrets.

Session tokens, keys, cookies, signatures and passwords are masked everywhere; e-mail addresses
keep their first letter and their domain. Masking is the last processor, so it also covers
exceptions and the lines of other libraries. `coursebook.log_budget` limits the number of lines
that clients can cause; the length of each line is limited here.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from coursebook.log_budget import LineBudget

_request_id: ContextVar[str] = ContextVar("coursebook_request_id", default="")

MAX_TEXT, MAX_TRACE = 4000, 12_000
"""Characters of one value in a line. A stack trace keeps its end."""

_LOST_LOCK = "Exception in Redis State Manager lease breaker"
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
_SECRET_NAMES = re.compile(
    r"authorization|cookie|password|passwd|secret|signature|api_?key|jwt|token$|^key$",
    re.IGNORECASE,
)
_SECRET_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (re.compile(r"\beyJ[\w-]{5,}(\.[\w-]*){1,2}"), "eyJ***"),
    (re.compile(r"\b((?:sk|rk)_(?:test|live)|whsec)_\w+"), r"\1_***"),
    (re.compile(r"\bt=\d+,(\s*v\d=[0-9a-f]+,?)+"), "t=***"),
    (re.compile(r"(?i)(['\"]?(?:set-)?cookie['\"]?\s*[:=]\s*)(['\"]?)[^'\"\n]+"), r"\1\2***"),
    (re.compile(r"(?i)\b(__client|__session|__stripe_\w+)=[^;\s]+"), r"\1=***"),
    (re.compile(r"(://[^:/@\s]*):[^/@\s]+@"), r"\1:***@"),
    (
        re.compile(r"(?<![\w.+%-])([\w+%-])[\w.+%-]*@((?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE),
        r"\1***@\2",
    ),
)


def current_request_id() -> str:
    """Return the id of the current request, or "" outside of one."""
    return _request_id.get()


def new_request_id() -> str:
    """Return a fresh id such as `req_5f0c…` (64 random bits)."""
    return f"req_{secrets.token_hex(8)}"


def harmless_id(value: object) -> str:
    """Return an id from outside if it is safe to log and to store, else ""."""
    return value if isinstance(value, str) and _SANE_ID.fullmatch(value) else ""


def sane_request_id(value: str | None) -> str:
    """Return the caller's id if it is safe, else a new one."""
    return harmless_id(value) or new_request_id()


@contextmanager
def request_id(value: str) -> Iterator[str]:
    """Make `value` the current request id inside the block."""
    token = _request_id.set(value)
    try:
        yield value
    finally:
        _request_id.reset(token)


def begin_request(value: str) -> None:
    """Make `value` the current request id for the rest of this task and for tasks it starts."""
    _request_id.set(value)


def masked(value: object) -> object:
    """Return `value` with every secret and address masked, in nested mappings and lists too."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, bytes):
        return _masked_text(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {k: _masked_entry(k, v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _masked_text(str(value))


def _masked_text(text: str) -> str:
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def _masked_entry(name: object, value: object) -> object:
    if isinstance(name, str) and _SECRET_NAMES.search(name) and value not in (None, "", b""):
        return "***"
    return masked(value)


def set_up_logging(*, as_json: bool, level: str = "INFO") -> None:
    """Send the lines of structlog and of the standard library to stderr in one form.

    `as_json` writes one JSON object per line (production), otherwise readable lines.
    A second call replaces the first.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(as_json=as_json))
    handler.addFilter(LineBudget())
    handler.addFilter(_LostLocks())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Their own handlers would bypass the masking and the budget.
    for name in ("engineio.server", "socketio.server", "_granian", "granian.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("alembic", "httpx", "httpcore", "stripe", "aiosqlite", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _LostLocks(logging.Filter):
    """Log in one line, without a stack trace, that Redis has lost the lock of a tab's state.

    Reflex reports it as an unexpected error for each open tab when Redis restarts.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite such a record. Every record is logged."""
        if record.name == "asyncio" and record.getMessage().startswith(_LOST_LOCK):
            record.msg, record.args, record.exc_info = "tab_state.not_stored", (), None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def json_formatter() -> logging.Formatter:
    """Return a formatter for JSON lines, for a program with its own logging (granian)."""
    return _formatter(as_json=True)


def _formatter(*, as_json: bool) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _cut,
            _mask,
            _renderer(as_json=as_json),
        ],
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module. Call it as `get_logger(__name__)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
    ]


def _renderer(*, as_json: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _add_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    current = current_request_id()
    if current:
        event.setdefault("request_id", current)
    return event


def _cut(_logger: object, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if not isinstance(value, str):
            continue
        if name == "exception":
            event[name] = value[-MAX_TRACE:]
        elif len(value) > MAX_TEXT:
            event[name] = f"{value[:MAX_TEXT]}… and {len(value) - MAX_TEXT} more characters"
    return event


def _mask(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    return {name: _masked_entry(name, value) for name, value in event.items()}
