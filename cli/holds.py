"""Which held deletions a person means: pure."""

from collections.abc import Sequence

from cli.guard import CommandError
from cli.output import quoted, say_count
from flows.approval import ApprovalReport
from pim.ids import ProductKey
from storage.holds import HeldDeletion


def choose_holds(holds: Sequence[HeldDeletion], names: Sequence[str]) -> list[ProductKey]:
    """Return the keys of the holds that the names (key or identifier, any case) mean; [] for none.

    Raises:
        CommandError: a name means none of them.
    """
    wanted = {name.strip().casefold(): name for name in names}
    keys: dict[ProductKey, None] = {}
    found = set()
    for hold in holds:
        known = {hold.key.casefold(), (hold.identifier or hold.key).casefold()}
        if known & wanted.keys():
            keys[hold.key] = None
            found |= known & wanted.keys()
    missing = [name for folded, name in wanted.items() if folded not in found]
    if missing:
        raise CommandError(
            f"no deletion is held for {', '.join(map(quoted, missing))}; `akeneo-sync approve` "
            "lists those that are"
        )
    return list(keys)


def describe_approval(report: ApprovalReport) -> list[str]:
    """Return a line for each thing that became of the held deletions."""
    lines = []
    if report.deleted:
        lines.append(f"{say_count(len(report.deleted), 'product')} deleted")
    if report.still_there:
        lines.append(
            f"{say_count(len(report.still_there), 'product')} found in the PIM again: "
            "not deleted, brought up to date"
        )
    if report.kept:
        lines.append(f"{say_count(len(report.kept), 'product')} kept; nothing was deleted")
    return lines
