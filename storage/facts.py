"""Facts about the source that are found out once: identity mode, main identifier, edition."""

from datetime import datetime

from storage.engine import Transaction


def read_facts(tx: Transaction) -> dict[str, str]:
    """Read all facts by name."""
    raise NotImplementedError


def save_fact(tx: Transaction, *, name: str, value: str, now: datetime) -> None:
    """Store a fact, over an older one."""
    raise NotImplementedError
