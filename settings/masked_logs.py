"""The mask over everything that is logged, whichever handler writes it.

A record is masked as it is made: no handler of ours, of Prefect's or of a library's, and none
that is added later, ever sees the secret. Tracebacks of errors that nobody caught are masked too.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from settings.masking import hide_secrets, mask
from settings.model import Settings

_OURS = frozenset({"cli", "deployments", "flows", "pim", "receiver", "storage", "simulator"})
_RecordFactory = Callable[..., logging.LogRecord]


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
    shown = mask(told)
    if record.name.partition(".")[0] in _OURS:
        shown = _in_one_line(shown)
    if shown != told:
        record.msg, record.args = shown, None


def _mask_traceback(record: logging.LogRecord) -> None:
    """Write the traceback now where it holds a secret: formatters take the text then."""
    if record.exc_info and record.exc_info[1] is not None:
        told = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
        shown = mask(told)
        if shown != told:
            record.exc_info, record.exc_text = None, shown
    if record.stack_info:
        record.stack_info = mask(record.stack_info)


def _in_one_line(text: str) -> str:
    """Foreign text, a product's identifier say, must not forge a log line or steer a terminal."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _show_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))


def _show_uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        _show_uncaught(told.exc_type, told.exc_value, told.exc_traceback)
