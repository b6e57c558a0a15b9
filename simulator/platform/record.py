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

    def note(self, instant: float, *, success: bool) -> None:
        """Take down what counts for the success rate."""
        self._hour.append((instant, success))

    def forget_hour(self) -> None:
        """Begin a new hour: a resumed subscription is not judged by what was before."""
        self._hour.clear()

    def success_rate(self, since: float) -> tuple[float, int]:
        """The share of successes since an instant, and of how many; 1.0 of none."""
        while self._hour and self._hour[0][0] < since:
            self._hour.popleft()
        judged = len(self._hour)
        return (sum(good for _, good in self._hour) / judged if judged else 1.0), judged

    def report(self) -> JsonObject:
        """All counts."""
        return {
            "counts": {**self.counts},
            "delivered_by_type": {**self.delivered_by_type},
            "answers": {**self.answers},
        }
