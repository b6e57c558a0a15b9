"""Answers prepared for calls to come: outages, quotas, a proxy's error page, a broken network."""

from dataclasses import dataclass, replace

from simulator.faults.wire import Wire


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """What the next `times` calls get whose path begins with `path`; `times` None: all, for now.

    `status` 0: the PIM's own answer. `html`: a proxy's page in place of the PIM's JSON.
    `location`: where a redirect leads. `delay_seconds` before the answer, `trickle_seconds` while
    it comes, and `wire` says whether it comes at all.
    """

    path: str = "/api/"
    status: int = 503
    times: int | None = 1
    retry_after: float | None = None
    html: bool = False
    location: str | None = None
    delay_seconds: float = 0.0
    trickle_seconds: float = 0.0
    wire: Wire = Wire.WHOLE


class AnswerScripts:
    """Prepared answers in the order they were given; the first that fits a path is used up.

    Those that stand until they are forgotten come after those that are counted.
    """

    def __init__(self) -> None:
        self._waiting: list[ScriptedAnswer] = []

    @property
    def standing(self) -> list[ScriptedAnswer]:
        """Those that stand until they are forgotten."""
        return [answer for answer in self._waiting if answer.times is None]

    def prepare(self, answer: ScriptedAnswer) -> None:
        """Have this answer given."""
        self._waiting.append(answer)
        self._waiting.sort(key=lambda waiting: waiting.times is None)

    def clear(self) -> int:
        """Forget what was prepared; says how many answers that were, a standing one being one."""
        forgotten = sum(answer.times or 1 for answer in self._waiting)
        self._waiting.clear()
        return forgotten

    def take(self, path: str) -> ScriptedAnswer | None:
        """The answer prepared for a call of this path, if there is one."""
        for position, answer in enumerate(self._waiting):
            if path.startswith(answer.path):
                self._use_up(position)
                return answer
        return None

    def _use_up(self, position: int) -> None:
        answer = self._waiting[position]
        if answer.times is None:
            return
        if answer.times > 1:
            self._waiting[position] = replace(answer, times=answer.times - 1)
        else:
            del self._waiting[position]
