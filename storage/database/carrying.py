"""Rows carried over to a new revision in steps, so that others write in between.

A revision that has much to carry says so by a function `carry(position)` beside `upgrade`: one
step, from where the last one ended (None: from the beginning), which answers where it ended, or
None when nothing is left; `upgrade` ends the work. Until then the database is at the revision
before, so that what ran with that goes on: receivers take deliveries. Each step is a transaction of
its own, and notes where it ended: whoever is killed goes on from there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text, insert, inspect, select, update

from storage.database.store import Store, Transaction

Carry: TypeAlias = Callable[[str | None], str | None]

_LOOK = 0.005
_LONGEST_WAY = 0.25  # seconds; others are let in, and the work still ends

_POSITION = Table("carry_position", MetaData(), Column("position", Text, nullable=False))
"""Where the last step ended, in one row; the table is there only meanwhile."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A revision that carries, and the one before it."""

    revision: str
    before: str
    carry: Carry


def find_carrier(config: Config, after: str | None) -> Carrier | None:
    """Find the next revision behind `after` that carries; None if there is none."""
    scripts = ScriptDirectory.from_config(config)
    for script in reversed([*scripts.iterate_revisions("head", after or "base")]):
        carry: Carry | None = getattr(script.module, "carry", None)
        if carry is not None:
            return Carrier(script.revision, str(script.down_revision), carry)
    return None


def carry_on(tx: Transaction, carry: Carry) -> bool:
    """Do one step; True when nothing is left to carry."""
    begun = inspect(tx.connection).has_table(_POSITION.name)
    position = tx.execute(select(_POSITION.c.position)).scalar_one() if begun else None
    with Operations.context(MigrationContext.configure(tx.connection)):
        ended = carry(position)
    if ended is None:
        _POSITION.drop(tx.connection, checkfirst=True)
        return True
    if not begun:
        _POSITION.create(tx.connection)
        tx.execute(insert(_POSITION).values(position=ended))
    else:
        tx.execute(update(_POSITION).values(position=ended))
    return False


def give_way(store: Store) -> None:
    """Let those write who want to, before the next step."""
    ends_at = time.monotonic() + _LONGEST_WAY
    while store.is_turn_wanted() and time.monotonic() < ends_at:
        time.sleep(_LOOK)  # noqa: TID251 - a command, and nothing else in its thread
