"""The record of a subscription: what became of its events, and the success rate of the hour."""

from collections import Counter, deque

from pim.json_types import JsonObject

HOUR = 3600.0
LEAST_SUCCESS = 0.9


class Record:
    """Counts by what happened, of events by type, and of answers by status."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.delivered_by_type: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self._hour: deque[tuple[float, bool]] = deque()
        self._good = 0

    def note(self, instant: float, hour: float, *, success: bool) -> None:
        """Take down what counts for the success rate; `hour`: how long it counts."""
        self._hour.append((instant, success))
        self._good += success
        self._forget_before(instant - hour)

    def forget_hour(self) -> None:
        """Begin a new hour: a resumed subscription is not judged by what was before."""
        self._hour.clear()
        self._good = 0

    def success_rate(self, since: float) -> tuple[float, int]:
        """The share of successes since an instant, and of how many; 1.0 of none."""
        self._forget_before(since)
        judged = len(self._hour)
        return (self._good / judged if judged else 1.0), judged

    def _forget_before(self, instant: float) -> None:
        while self._hour and self._hour[0][0] < instant:
            self._good -= self._hour.popleft()[1]

    def report(self) -> JsonObject:
        """All counts."""
        return {
            "counts": {**self.counts},
            "delivered_by_type": {**self.delivered_by_type},
            "answers": {**self.answers},
        }
