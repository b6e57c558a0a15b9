"""Running checks side by side, none longer than the deadline, none able to take another down."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli.checks.finding import Finding, Findings

Check = Callable[[Findings], None]


@dataclass(frozen=True, slots=True)
class PartCheck:
    """The checks of one part of the system; they add to the findings that they are given."""

    part: str
    check: Check


def run_checks(checks: Sequence[PartCheck], *, seconds: float) -> list[Finding]:
    """Run every check in a thread of its own, and return what was found, in the checks' order.

    A check that has not ended after `seconds` is left behind: what it found so far counts, and
    that it did not end is a finding too. So is a defect of its own.
    """
    found = [Findings(each.part) for each in checks]
    threads = [
        # A daemon: name resolution can hang for minutes, and nothing can stop it.
        threading.Thread(target=_run, args=(each.check, kept), name=each.part, daemon=True)
        for each, kept in zip(checks, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread, kept in zip(threads, found, strict=True):
        thread.join(max(0.0, end - time.monotonic()))
        if thread.is_alive():
            kept.broken(
                "time",
                f"no answer within {seconds:g} s",
                "something hangs: network, name resolution, or a machine under heavy load",
            )
    return [finding for kept in found for finding in kept.found]


def _run(check: Check, found: Findings) -> None:
    try:
        check(found)
    except Exception as error:  # noqa: BLE001 - a defect of one check must not hide the others
        found.broken(
            "check",
            f"this check itself failed: {type(error).__name__}",
            "please report it; the other lines stand",
        )
