"""Parameters of calls, checked: texts that a database can hold, instants that it can compare."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime

from pim.texts import is_storable

_LONGEST = 500
_MOST = 1000


def _check_text(text: str) -> str:
    if not is_storable(text) or "\0" in text:
        raise ValueError("is no text that anything could be called")
    return text


def _check_instant(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


Code = Annotated[str, Query(min_length=1, max_length=_LONGEST), AfterValidator(_check_text)]
Name = Annotated[str, Path(min_length=1, max_length=_LONGEST), AfterValidator(_check_text)]
Instant = Annotated[AwareDatetime, AfterValidator(_check_instant)]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
Position = Annotated[int, Query(ge=0, le=2**63 - 1)]
