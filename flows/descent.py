"""What came of following a product model to all that hangs below it, and what it means: pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from flows.settling import settle_together, unnames
from pim.errors import RouteFails
from pim.ids import ProductKey
from pim.reads import FailedRead
from pim.vocabulary import Outcome
from storage.events import DueEvent, Settlement
from storage.products import WriteResult, Written

FORBIDDEN = "the connection may not read product models (403), so its stored variants were read"
UNREADABLE = "the source does not read product models now, so its variants were read"
UNDECIDED = "its reads kept overlapping with other writes"

_TOUCHED = {Written.CREATED, Written.UPDATED, Written.RESTORED, Written.DELETED}


class ModelState(Enum):
    """How the model itself was found."""

    FOUND = auto()
    ABSENT = auto()
    UNREADABLE = auto()
    UNREAD = auto()


@dataclass(slots=True)
class Descent:
    """What came of one model and its subtree; counts are of variants, however many there are.

    `models_read`: the casefolded codes of the model and those below it that were read. `unnamed`:
    a model or variant is gone, or called otherwise, that associations may point to.
    `troubles` name what could not be read or written, and why: its event is tried again. `notes`
    say what no other try will heal, and what it costs; `unreadable`: why no model can be read;
    `later`: which may pass by itself, so that its event waits for it, with no attempt counted.
    """

    code: str
    state: ModelState = ModelState.UNREAD
    models_changed: int = 0
    models_read: set[str] = field(default_factory=set)
    written: Counter[Written] = field(default_factory=Counter)
    seen: set[ProductKey] = field(default_factory=set)
    held: set[ProductKey] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unreadable: str = UNREADABLE
    later: bool = False
    unnamed: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether the model, a model below it or a variant is not what it was."""
        return self.models_changed > 0 or any(self.written[each] for each in _TOUCHED)

    def count(self, results: Sequence[WriteResult]) -> None:
        """Count what writes of variants did."""
        self.written.update(result.written for result in results)
        self.unnamed |= any(map(unnames, results))

    def blame(self, failed: Sequence[FailedRead], undecided: Sequence[ProductKey]) -> None:
        """Note the variants that could not be read or written."""
        self.later |= any(isinstance(each.error, RouteFails) for each in failed)
        self.troubles += [f"variant {each.key}: {each.error}" for each in failed]
        self.troubles += [f"variant {key}: {UNDECIDED}" for key in undecided]


def settle_descent(events: Sequence[DueEvent], descent: Descent) -> list[Settlement]:
    """Settle the events of one model by one descent: the newest tells, the rest are coalesced."""
    return settle_together(events, descent_outcome(descent), describe_descent(descent))


def descent_outcome(descent: Descent) -> Outcome:
    """Name how an event ends whose model was followed to the last of its variants."""
    if descent.state is ModelState.ABSENT:
        return Outcome.GONE
    return Outcome.APPLIED if descent.is_changed else Outcome.UNCHANGED


def describe_descent(descent: Descent) -> str:
    """Say what was read and found: `model read; 12 variants: 11 updated, 1 unchanged`."""
    found = {
        ModelState.FOUND: "model read",
        ModelState.ABSENT: "confirmed: the source does not have the model",
        ModelState.UNREADABLE: descent.unreadable,
        ModelState.UNREAD: "the model could not be read",
    }[descent.state]
    total = sum(descent.written.values())
    parts = [f"{count} {each}" for each, count in sorted(descent.written.items())]
    parts += [f"{len(descent.held)} held"] * bool(descent.held)
    variants = f"{total + len(descent.held)} variant{'s' * (total + len(descent.held) != 1)}"
    told = f"{variants}: {', '.join(parts)}" if parts else "no variants"
    return "; ".join([found, told, *descent.notes])
