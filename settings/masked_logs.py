"""The mask over everything that is logged, whichever handler writes it; and no line that steers.

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
from settings.visible import visible, visible_lines

_OURS = frozenset({"cli", "deployments", "flows", "pim", "receiver", "storage", "simulator"})
_OF_RUNS = frozenset({"prefect.flow_runs", "prefect.task_runs"})  # where our flows log
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
    # Foreign text must not forge a line of ours; others', Prefect's say, may have several.
    is_ours = record.name.partition(".")[0] in _OURS or record.name in _OF_RUNS
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
