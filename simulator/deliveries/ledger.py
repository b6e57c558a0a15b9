"""What became of the deliveries: counts, and the last answers."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime

from pim.json_types import JsonObject

_REMEMBERED = 50
_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What one POST got; `status` is a number, `timeout` or `unreachable`."""

    at: datetime
    status: str
    events: int
    seconds: float
    forged: bool = False
    excerpt: str = ""


class Ledger:
    """Counts deliveries by what happened to them, and answers by status."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._forged_answers: Counter[str] = Counter()
        self._last: deque[Answer] = deque(maxlen=_REMEMBERED)

    def note(self, answer: Answer) -> None:
        """Take down an answer."""
        kind = "forged_sent" if answer.forged else "sent"
        self.counts[kind] += 1
        (self._forged_answers if answer.forged else self._answers)[answer.status] += 1
        if not answer.forged:
            self.counts["events_sent"] += answer.events
        self._last.append(answer)

    def report(self) -> JsonObject:
        """Everything, the newest answer last."""
        return {
            "counts": {**self.counts},
            "answers": {**self._answers},
            "forged_answers": {**self._forged_answers},
            "last_answers": [
                {
                    "at": answer.at.isoformat(),
                    "status": answer.status,
                    "events": answer.events,
                    "seconds": round(answer.seconds, 4),
                    "forged": answer.forged,
                    "excerpt": answer.excerpt[:_EXCERPT],
                }
                for answer in self._last
            ],
        }
