"""Checks of all parts, run side by side.

None takes longer than the deadline, and none is able to take another down.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from cli.checks import (
    address,
    configuration,
    database,
    event_platform,
    prefect_server,
    receiver,
    source,
)
from cli.checks.finding import Finding, Findings
from settings import Settings, SettingsError, install_masking, load_settings

Check = Callable[[Findings], None]

SECONDS = 9.0


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


def examine(url: str | None) -> list[Finding]:
    """Run every check that the settings allow."""
    try:
        settings = load_settings()
    except SettingsError as error:
        found = Findings(configuration.PART)
        configuration.report_problems(error, found)
        return found.found
    install_masking(settings)
    return run_checks(list_checks(settings, url), seconds=SECONDS)


def list_checks(settings: Settings, url: str | None) -> list[PartCheck]:
    """Name the checks in the order in which they are shown."""
    return [
        PartCheck(configuration.PART, partial(configuration.check_settings, settings)),
        PartCheck(database.PART, partial(database.check_database, settings)),
        PartCheck(prefect_server.PART, partial(prefect_server.check_prefect, settings)),
        PartCheck(receiver.PART, partial(receiver.check_receiver, settings)),
        PartCheck(source.PART, partial(source.check_source, settings)),
        PartCheck(address.PART, partial(address.check_address, settings, url)),
        PartCheck(event_platform.PART, partial(event_platform.check_event_platform, settings)),
    ]
