"""Alarms: what a person should know, until it is over."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands since then."""

    name: str
    since: datetime
    text: str


def raise_alarm(tx: Transaction, *, name: str, text: str, now: datetime) -> bool:
    """Raise an alarm, or renew its text; True if it is new."""
    raise NotImplementedError


def clear_alarm(tx: Transaction, *, name: str) -> bool:
    """Clear an alarm; True if it stood."""
    raise NotImplementedError


def list_alarms(tx: Transaction) -> list[Alarm]:
    """List the standing alarms, oldest first."""
    raise NotImplementedError
