"""How the events of chunks ended: what a drain's run shows."""

from collections import Counter
from dataclasses import dataclass, field

from pim.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that this run gave up on."""

    event_id: str
    product: str
    reason: str


@dataclass(slots=True)
class ChunkOutcome:
    """How the events of one or more chunks ended."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    held: int = 0
    deferred: int = 0
    dead: list[DeadLetter] = field(default_factory=list)

    def add(self, other: "ChunkOutcome") -> None:
        """Add another chunk's outcome to this one."""
        self.outcomes += other.outcomes
        self.written += other.written
        self.held += other.held
        self.deferred += other.deferred
        self.dead += other.dead
