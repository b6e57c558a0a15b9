"""Report of a housekeeping, and how an operator reads it: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.retention.disks import Room
from flows.run import format_bytes, table_cell
from pim.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class Tidied:
    """What one kind of thing came to; `unfinished`: more of it is left for the next run."""

    rows: int
    bytes_freed: int = 0
    unfinished: bool = False


@dataclass(slots=True)
class TidyReport:
    """One housekeeping, as it goes. `sizes`: a database's size and what of it is unused, by name.

    `skipped` says why nothing was to be done.
    """

    done: dict[str, Tidied] = field(default_factory=dict)
    sizes: dict[str, str] = field(default_factory=dict)
    rooms: tuple[Room, ...] = ()
    problems: list[str] = field(default_factory=list)
    skipped: str | None = None
    seconds: float = 0.0

    def summary(self) -> str:
        """One line: `bodies compressed: 4,012 (210.4 MB freed), events removed: 38,900`."""
        if self.skipped is not None:
            return f"nothing to do: {self.skipped}"
        parts = [_describe(name, each) for name, each in self.done.items() if each.rows]
        return "; ".join([", ".join(parts) or "nothing was old enough to go", *self.problems])

    def as_json(self) -> JsonObject:
        """The report as it is stored."""
        return {
            "summary": self.summary(),
            "done": {
                name: {"rows": each.rows, "bytes_freed": each.bytes_freed}
                for name, each in self.done.items()
            },
            "sizes": dict(self.sizes),
            "free_bytes": {str(room.folder): room.free for room in self.rooms},
            "problems": [*self.problems],
            "seconds": round(self.seconds, 3),
        }


def describe_tidying(report: TidyReport, rules: Mapping[str, str]) -> str:
    """The artifact of a housekeeping, in markdown; `rules` say what each kind's age limit is."""
    lines = [f"## {table_cell(report.summary())}", ""]
    lines += [f"**{table_cell(problem)}**\n" for problem in report.problems]
    lines += ["| what | rows | freed | when |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {each.rows:,}{' (more is left)' * each.unfinished} "
        f"| {format_bytes(each.bytes_freed) if each.bytes_freed else ''} | {rules.get(name, '')} |"
        for name, each in report.done.items()
    ]
    lines += ["", "| database | size |", "|---|---|"]
    lines += [f"| {name} | {size} |" for name, size in report.sizes.items()]
    lines += ["", *(f"- {room.describe()}" for room in report.rooms)]
    return "\n".join([*lines, f"- Took: {report.seconds:.1f} s"])


def _describe(name: str, tidied: Tidied) -> str:
    freed = f" ({format_bytes(tidied.bytes_freed)} freed)" if tidied.bytes_freed else ""
    return f"{name}: {tidied.rows:,}{freed}"
