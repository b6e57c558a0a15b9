"""Log lines for machines: one JSON object a line (`SYNC_LOG_FORMAT=json`).

Prefect's processes set up their own logging: `deployments.prefect_env` names these classes to it,
and its handlers for the API of a run stay as they are.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from settings.masking import mask
from settings.model import Settings

_WORDS = {
    "levelname": "level",
    "name": "logger",
    "exc_info": "exception",
    "stack_info": "stack",
    "flow_run_id": "run_id",
    "flow_run_name": "run",
    "flow_name": "flow",
    "task_run_id": "task_id",
    "task_run_name": "task",
}
_NO_USE = frozenset({"send_to_api", "color_message"})


class JsonLines(JsonFormatter):
    """Formats a record as a line of JSON: `time`, `level`, `logger`, `message`, then its fields.

    Fields are what `extra` holds, and in a flow run what Prefect says of it. What is not known is
    left out. Takes a standard formatter's arguments, for `logging.config`, and needs none.
    """

    def __init__(self, *_standard: object) -> None:
        super().__init__(["levelname", "name", "message"], rename_fields=_WORDS)

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: Mapping[str, Any],
    ) -> None:
        """Put the time first, in UTC with milliseconds."""
        instant = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["time"] = instant.replace("+00:00", "Z")
        super().add_fields(log_data, record, dict(message_dict))

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Leave out what says nothing, and mask the fields: a record gets them when it is made."""
        return {
            name: mask_values(value)
            for name, value in log_data.items()
            if value is not None and name not in _NO_USE
        }


def log_to_stderr(settings: Settings) -> None:
    """Have this process log to stderr, as its settings say."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if settings.log_as_json else text)
    logging.basicConfig(level=settings.log_level, handlers=[handler])


def mask_values(value: object) -> object:
    """Return a value of JSON without secrets in any of its texts; other things become texts."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {mask(str(name)): mask_values(each) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [mask_values(each) for each in value]
        case _:
            return mask(str(value))


class JsonConsole(logging.StreamHandler[TextIO]):
    """Writes each line as it is, where Prefect's own console would colour, wrap and replace."""

    def __init__(self, stream: TextIO | None = None, styles: object = None) -> None:
        super().__init__(stream)
        del styles  # of Prefect's console: it is made from the same configuration
