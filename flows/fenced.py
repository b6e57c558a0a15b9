"""Settling a run's events behind the door: only the drain that holds it may."""

from collections.abc import Sequence

from flows.session import Session
from pim.ids import Generation
from storage.engine import Transaction
from storage.events import Settlement, settle_events


def settle_fenced(
    tx: Transaction, session: Session, generation: Generation, settlements: Sequence[Settlement]
) -> None:
    """Settle events in the name of the session's run.

    Raises:
        FenceLost: another drain took over; the transaction must be undone.
    """
    settle_events(
        tx,
        generation=generation,
        settlements=settlements,
        run_id=session.run_id,
        now=session.now(),
    )
