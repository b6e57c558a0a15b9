"""Bringing faults on, and what a run says of them."""

from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from flows.drain import DrainReport
from flows.drain.loop import ChunkStep, drain_inbox
from pim.errors import SourceError
from pim.ids import RunId
from settings import Settings
from tests.shop import Shop, settle_plainly


@dataclass(frozen=True)
class FailedDrain:
    """A drain that the source ended, and what its artifact says."""

    error: SourceError
    report: DrainReport


async def drain_in_vain(
    shop: Shop, settings: Settings | None = None, *, step: ChunkStep = settle_plainly
) -> FailedDrain:
    """Drain, and be failed by the source."""
    report = DrainReport()
    with pytest.raises(SourceError) as caught:
        await drain_inbox(
            settings or shop.settings,
            run_id=RunId(str(uuid4())),
            run_name="a drain in vain",
            step=step,
            report=report,
        )
    return FailedDrain(caught.value, report)


def impatient(settings: Settings) -> Settings:
    """Settings by which calls are given up at once, for answers that would never come in time."""
    assert settings.source is not None
    return replace(settings, source=replace(settings.source, timeout_seconds=0.2))


def bring_on(shop: Shop, **answer: object) -> None:
    """Have every call answered like this until `end_faults`."""
    shop.control("answers", {"times": None, **answer})


def end_faults(shop: Shop) -> None:
    shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()


def some(shop: Shop, count: int) -> list[str]:
    return list(shop.truth())[:count]


def toggle(shop: Shop, uuids: list[str], *, silent: bool = False) -> None:
    """Save each of these products once."""
    truth = shop.truth()
    for uuid in uuids:
        changes = {"enabled": not truth[uuid]["enabled"]}
        shop.control(f"products/{uuid}", {"changes": changes, "silent": silent})


def attempts(shop: Shop) -> list[int]:
    """The attempts counted against each due event."""
    return [event.attempts for event in shop.events("due")]


def asked(shop: Shop, path: str) -> int:
    """How often calls to this kind of path were made since counting began."""
    calls = shop.requests()["calls"]
    assert isinstance(calls, list)
    return sum(
        call["count"]  # type: ignore[index,call-overload,misc]
        for call in calls
        if path in str(call["path"])  # type: ignore[index,call-overload]
    )


def count_anew(shop: Shop) -> None:
    shop.http.delete(f"{shop.pim_url}/_simulator/requests").raise_for_status()


def tombstones(shop: Shop) -> int:
    return shop.status().products.tombstones
