"""Answers prepared for calls to come: outages, quotas, a proxy's error page."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """What the next `times` calls get whose path begins with `path`; `delay_seconds` before it.

    `status` 0: the call is only delayed. `html`: a proxy's page in place of the PIM's JSON.
    """

    path: str = "/api/"
    status: int = 503
    times: int = 1
    retry_after: float | None = None
    html: bool = False
    delay_seconds: float = 0.0


class AnswerScripts:
    """Prepared answers in the order they were given; the first that fits a path is used up."""

    def __init__(self) -> None:
        self._waiting: list[ScriptedAnswer] = []

    def prepare(self, answer: ScriptedAnswer) -> None:
        """Have this answer given."""
        self._waiting.append(answer)

    def clear(self) -> int:
        """Forget what was prepared; says how many answers that were."""
        forgotten = sum(answer.times for answer in self._waiting)
        self._waiting.clear()
        return forgotten

    def take(self, path: str) -> ScriptedAnswer | None:
        """The answer prepared for a call of this path, if there is one."""
        for position, answer in enumerate(self._waiting):
            if path.startswith(answer.path):
                if answer.times > 1:
                    self._waiting[position] = replace(answer, times=answer.times - 1)
                else:
                    del self._waiting[position]
                return answer
        return None
