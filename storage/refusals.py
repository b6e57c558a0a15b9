"""Refused deliveries, counted per minute and reason."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals of one reason over a span; `detail` is the newest ("clock off by 437 s")."""

    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    detail: str | None


def count_refusal(
    tx: Transaction, *, reason: str, at: datetime, detail: str | None = None, count: int = 1
) -> None:
    """Add to the count of the minute of `at`."""
    raise NotImplementedError


def list_refusals(tx: Transaction, *, since: datetime) -> list[Refusals]:
    """Sum the refusals since then by reason, most first."""
    raise NotImplementedError
