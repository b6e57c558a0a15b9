"""Every fault of the source under traffic, as an operator would see it: a table of what is told."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest

from pim.json_types import JsonObject
from tests.drill.conftest import Tell
from tests.integration.flows.fault_scene import bring_on, end_faults, tombstones
from tests.night import Night
from tests.night_checks import come_to_rest
from tests.night_parts import wait_until
from tests.shop import Shop

SECONDS = 20
FAILING = "source-failing"


@dataclass(frozen=True)
class Fault:
    """What happens to the source, how it ends, and the alarm that tells of it."""

    begin: Callable[[Shop], object]
    end: Callable[[Shop], object] = end_faults
    alarm: str | None = FAILING


def answering(**answer: object) -> Fault:
    return Fault(lambda shop: bring_on(shop, **answer))


def told(path: str, begin: JsonObject, end: JsonObject, alarm: str | None) -> Fault:
    """A fault that a control endpoint of its own brings on and ends."""
    return Fault(
        lambda shop: shop.control(path, begin), lambda shop: shop.control(path, end), alarm
    )


PRODUCTS = "/api/rest/v1/products-uuid"
FAULTS = {
    "429 without Retry-After": answering(status=429),
    "429, Retry-After 30 s": answering(status=429, retry_after=31),
    "500": answering(status=500),
    "500 to products only": answering(status=500, path=PRODUCTS),
    "502 in HTML": answering(status=502, html=True),
    "404 in HTML": answering(status=404, html=True),
    "200 in HTML": answering(status=200, html=True),
    "away": answering(wire="closed"),
    "reset": answering(wire="reset"),
    "cut bodies": answering(status=0, wire="cut", path=PRODUCTS),
    "locked out": told("tokens/end", {"locked": True, "refresh": True}, {"locked": False}, FAILING),
    "tokens revoked": told("tokens/end", {"refresh": True}, {}, None),
    "answers late by 3 s": Fault(lambda s: bring_on(s, status=0, delay_seconds=3), alarm=None),
    "index lags": told("index", {"lag_seconds": 600}, {"rebuild": True, "lag_seconds": 0}, None),
    "nodes 40 s apart": told("clock", {"skew_seconds": 40}, {"skew_seconds": 0}, None),
}


def alarms_of(night: Night) -> dict[str, str]:
    shown = json.loads(night.command("status", "--json").stdout)
    return {alarm["name"]: alarm["text"] for alarm in shown["alarms"]}


def failed_runs(night: Night) -> dict[str, str]:
    """Every failed run of so far, by id, with what Prefect shows of it."""
    return {
        str(run["id"]): str(run["state"]["message"])  # type: ignore[index]
        for run in night.prefect.runs("FAILED", "CRASHED")
    }


def forget_failures(night: Night) -> None:
    """As if a quarter of an hour had passed since the last fault: they are not in a row."""
    file = night.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=10)) as connection, connection:
        connection.execute("UPDATE breaker SET failures = 0, tripped_at = NULL")


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_told_and_made_up_for_without_a_hand(night: Night, tell: Tell, name: str) -> None:
    fault, shop = FAULTS[name], night.shop
    night.rise()
    forget_failures(night)
    before, buried = failed_runs(night), len(shop.events("dead"))
    night.edit(4)
    fault.begin(shop)
    if fault.alarm is not None:
        wait_until(lambda: fault.alarm in alarms_of(night), f"the alarm {fault.alarm}")
    time.sleep(SECONDS)  # noqa: TID251 - while deliveries arrive
    alarms, gone = alarms_of(night), tombstones(shop)
    failed = [text for run, text in failed_runs(night).items() if run not in before]
    fault.end(shop)
    # A busy machine may cost a delivery, which is not what is drilled here.
    line = come_to_rest(night, name, loses=True)

    tell(f"{line}\n  alarms: {alarms}\n  failed runs: {failed}\n  tombstones: {gone}")
    assert len(shop.events("dead")) == buried
    assert len(failed) <= 3  # a probe asks, and not run after run
    assert not alarms_of(night)
