"""The mask over secrets: one for a whole process, and laid over all that it logs.

Whoever reads the settings in a process tells the mask of them (`hide_secrets`); from then on
`mask` takes every form of every secret out of a text. A log record is masked as it is made: no
handler of ours, of Prefect's or of a library's, and none that is added later, ever sees the secret,
nor a line that steers a terminal. Tracebacks of errors that nobody caught are masked too.
"""

import base64
import html
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

from settings.foreign_text import visible, visible_lines
from settings.model import PasswordLogin, Settings, TokenLogin

HIDDEN = "***"

_SHORTEST = 4  # taking out anything shorter would leave no text readable


# What is a secret by the look of it, whoever's it is: a login in a header, a URL or a token answer.
_BY_LOOK = (
    re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*b?['\"]?(?:basic|bearer)\s+)[^\s'\",;]+"),
    re.compile(r"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}"),
    re.compile(r"([a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)"),
    re.compile(
        r"(?i)(['\"](?:access_token|refresh_token|password|client_secret)['\"]\s*:\s*['\"])[^'\"]+"
    ),
)

_OUR_LOGGERS = frozenset({"cli", "deployments", "flows", "pim", "receiver", "storage", "simulator"})
_RUN_LOGGERS = frozenset({"prefect.flow_runs", "prefect.task_runs"})  # where our flows log
_RecordFactory = Callable[..., logging.LogRecord]


class _Mask:
    """The secrets that a process knows of."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these too, in every form in which they may be written."""
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
        if forms <= self._known:
            return
        self._known |= forms
        # The longest first: one secret may begin like another.
        ordered = sorted(self._known, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def over(self, text: str) -> str:
        """Return the text without secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        for pattern in _BY_LOOK:
            text = pattern.sub(rf"\g<1>{HIDDEN}", text)
        return text


_mask = _Mask()


def hide_secrets(settings: Settings) -> None:
    """Let `mask` know every secret of these settings, for as long as the process lives."""
    _mask.add(list_secrets(settings))


def hide_also(secrets: Iterable[str]) -> None:
    """Let `mask` know secrets that are in no settings, too: those of the store's webhooks."""
    _mask.add(secrets)


def mask(text: str) -> str:
    """Return the text with every secret that the process knows of taken out."""
    return _mask.over(text)


def mask_error(error: BaseException) -> None:
    """Take the secrets out of an exception and of all that it came from: Prefect shows its text."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        each.args = tuple(mask(arg) if isinstance(arg, str) else arg for arg in each.args)
        for name, value in list(vars(each).items()):
            if isinstance(value, str):
                setattr(each, name, mask(value))
        waiting += [each.__cause__, each.__context__, *vars(each).values()]


@contextmanager
def masked_errors() -> Iterator[None]:
    """Let no exception leave the body with a secret in its text."""
    try:
        yield
    except BaseException as error:
        mask_error(error)
        raise


def list_secrets(settings: Settings) -> list[str]:
    """Return every secret of the settings, and what is made of several of them."""
    login = settings.prefect_login
    platform = settings.event_platform
    found = [*settings.webhook_secrets, *platform.secrets, platform.notification_secret]
    found += [login.basic, login.server, login.api_key]
    texts = [secret.get_secret_value() for secret in found if secret is not None]
    texts += [_password_of(text) for text in _reveal(login.basic, login.server)]
    texts += [_base64(text) for text in _reveal(login.basic, login.server)]
    texts += _source_secrets(settings)
    password = urlsplit(settings.database_url).password
    return [*texts, *([password, unquote(password)] if password else [])]


def _source_secrets(settings: Settings) -> list[str]:
    match settings.source.login if settings.source else None:
        case PasswordLogin() as login:
            secret = login.client_secret.get_secret_value()
            basic = _base64(f"{login.client_id}:{secret}")
            return [secret, login.password.get_secret_value(), basic]
        case TokenLogin() as login:
            return [login.access_token.get_secret_value()]
        case _:
            return []


def _reveal(*secrets: SecretStr | None) -> list[str]:
    return [secret.get_secret_value() for secret in secrets if secret is not None]


def _password_of(login: str) -> str:
    return login.partition(":")[2]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _forms(secret: str) -> set[str]:
    """The ways in which programs write a text: as it is, in a URL, in JSON, in HTML, as Python."""
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }


class MaskedRecords:
    """Makes log records without secrets."""

    def __init__(self, make: _RecordFactory) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        """Make a record as the factory before this one would, and mask it."""
        record = self._make(*args, **kwargs)
        _mask_message(record)
        _mask_traceback(record)
        return record


def install_masking(settings: Settings) -> None:
    """Mask these settings' secrets in all that this process logs, and in tracebacks on stderr.

    May be called again: with other settings, their secrets are masked too.
    """
    hide_secrets(settings)
    factory = logging.getLogRecordFactory()
    if isinstance(factory, MaskedRecords):
        return
    logging.setLogRecordFactory(MaskedRecords(factory))
    sys.excepthook = _show_uncaught
    threading.excepthook = _show_uncaught_in_thread


def _mask_message(record: logging.LogRecord) -> None:
    try:
        told = record.getMessage()
    except (TypeError, ValueError, KeyError):
        return  # a defect at the call: logging itself says so, without the arguments' effect
    # Foreign text must not forge a line of ours; others', Prefect's say, may have several.
    is_ours = record.name.partition(".")[0] in _OUR_LOGGERS or record.name in _RUN_LOGGERS
    shown = (visible if is_ours else visible_lines)(mask(told))
    if shown != told:
        record.msg, record.args = shown, None


def _mask_traceback(record: logging.LogRecord) -> None:
    """Write the traceback now where it holds a secret, or what would steer a terminal.

    Formatters take the text then.
    """
    if record.exc_info and record.exc_info[1] is not None:
        told = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
        shown = visible_lines(mask(told))
        if shown != told:
            record.exc_info, record.exc_text = None, shown
    if record.stack_info:
        record.stack_info = visible_lines(mask(record.stack_info))


def _show_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    told = mask("".join(traceback.format_exception(kind, error, trace)))
    sys.stderr.write(visible_lines(told))


def _show_uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        _show_uncaught(told.exc_type, told.exc_value, told.exc_traceback)
