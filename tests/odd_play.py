"""A shop whose PIM answers oddly for a while, and what must hold all the same."""

import asyncio
import tempfile
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from flows.sweeps.report import ReconcileReport
from pim.errors import SourceError
from pim.json_types import JsonValue, as_list, as_object
from simulator.shop.families import FAMILIES
from storage.inbox.settling import EventRowId
from tests.mirror_shop import MirrorShop
from tests.odd_answers import AnyOdd, Edit, Odd
from tests.shop import APP_TOKEN, Shop, open_shop

_FLAGS = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}

_FOR_A_PERSON = {"dead-letters", "refused"}
"""What an odd event of one thing leaves behind: its text, kept for whoever wants to know."""

Rounds: TypeAlias = Sequence[tuple[Sequence[Edit], bool | None]]
"""Edits with a drain after them, and then a delta (False), a full sweep (True) or none."""


@dataclass(slots=True)
class OddPlay:
    """One shop with one oddity. `told`: all that a person could read, of every run so far."""

    mirror: MirrorShop
    odd: Odd
    told: list[str] = field(default_factory=list)
    made: int = 0
    blamed: bool = False
    dead: frozenset[EventRowId] = frozenset()
    unread: bool = False

    @property
    def shop(self) -> Shop:
        return self.mirror.shop

    def edit(self, edit: Edit) -> None:
        """Do one thing in the PIM, and have its event delivered."""
        mirror, uuid = self.mirror, self.mirror.pick(edit.which)
        if edit.kind == "create":
            self.made += 1
            made = str(UUID(int=self.made, version=4))
            mirror.create(made, {"enabled": True, "family": FAMILIES[0].code})
        elif edit.kind == "model":
            code = mirror.pick_model(edit.which)
            if code is not None:
                mirror.save_model(code, {"values": {"name": _named(edit.other)}}, silent=False)
        elif uuid is not None:
            self._edit_product(edit, uuid)

    def _edit_product(self, edit: Edit, uuid: str) -> None:
        mirror = self.mirror
        match edit.kind:
            case "switch":
                mirror.save(uuid, {"enabled": not self.shop.truth()[uuid]["enabled"]})
            case "name":
                mirror.save(uuid, {"values": {"name": _named(edit.other)}})
            case "associate":
                targets = [target for target in [mirror.pick(edit.other)] if target]
                mirror.save(uuid, {"associations": {"X_SELL": {"products": targets}}})
            case _:
                mirror.remove(uuid, silent=False)

    def drain(self) -> None:
        """One drain: all that the oddity does not touch has followed."""
        self._run(self.shop.drain())
        self._nothing_is_deleted()
        if self.odd.is_wide:
            return
        behind = self.mirror.differing() - self.mirror.untold.keys() - self.odd.touched
        assert not behind, f"not followed: {self.mirror.explain(behind)}\n{self.said()}"

    def sweep(self, *, full: bool) -> None:
        """One sweep: it comes to its end, and takes nothing away that is there."""
        before = self._odd_answers()
        report = self._run(self.shop.reconcile(full=full))
        self.unread = self.unread or (full and self._odd_answers() > before)
        if isinstance(report, ReconcileReport):
            self.told += [*report.notes, *(f"{key}: {reason}" for key, reason in report.failed)]
        self._nothing_is_deleted()

    def ended(self, *, fresh: bool) -> None:
        """The PIM is well again: one full sweep later nothing is left of it."""
        asyncio.run(self.shop.reconcile(full=True))
        differing = self.mirror.differing()
        assert not differing, self.mirror.explain(differing)
        assert not fresh or self.mirror.documents() == self.mirror.fresh_documents()
        left = [need for need in self.shop.status().needs if need.name not in _FOR_A_PERSON]
        assert not left, left
        dead = [each for each in self.shop.events("dead") if each.row_id not in self.dead]
        spoilt = {event.resource_key for event in dead}
        others = spoilt - self.odd.names - self.odd.touched
        assert not others, f"dead letters of what was not odd: {others}"

    def must_be_told(self) -> None:
        """Whatever the store does not show as the PIM has it, somebody says so by name."""
        said = self.said()
        silent = {key for key in self.mirror.differing() & self.odd.touched if key not in said}
        # An event without a name says whose it was to nobody: it is dead, or was refused.
        status = self.shop.status()
        unnamed = self.odd.is_of_events and (status.inbox.dead or status.refusals)
        if silent and not self.odd.is_wide and not unnamed:
            silent -= {key for key in silent if self._is_shown_so(key)}
            assert not silent, f"wrong, and nobody says so: {self.mirror.explain(silent)}"
        if self.unread:
            assert self.odd.word in said, said
        if self.blamed:
            assert self.shop.status().breaker.failing_since is not None, said

    def _odd_answers(self) -> int:
        """How many answers have been odd so far."""
        url = f"{self.shop.pim_url}/_simulator/oddities"
        answers: int = self.shop.http.get(url).raise_for_status().json()["oddities"][0]["answers"]
        return answers

    def said(self) -> str:
        """All that a person can read."""
        alarms = [f"{alarm.name}: {alarm.text}" for alarm in self.shop.status().alarms]
        events = [str(event) for event in self.shop.events() if event.reason]
        return "\n".join([*self.told, *alarms, *events])

    def _is_shown_so(self, key: str) -> bool:
        """Whether the store has the product as the PIM's odd answer shows it."""
        stored = self.shop.sources().get(key)
        search = f'{{"uuid":[{{"operator":"IN","value":["{key}"]}}]}}'
        single = self.shop.answered(f"products-uuid/{key}", _FLAGS)
        page = self.shop.answered("products-uuid", {"search": search, **_FLAGS})
        listed = as_list(as_object(as_object(page).get("_embedded")).get("items"))
        return stored is not None and stored in [_without_link(each) for each in (single, *listed)]

    def _run(self, run: Awaitable[object]) -> object:
        async def ran() -> object:
            return await run

        try:
            return asyncio.run(ran())
        except SourceError as error:
            if not self.odd.is_wide:
                raise AssertionError("the whole source is blamed") from error
            self.told.append(str(error))
            self.blamed = True
        return None

    def _nothing_is_deleted(self) -> None:
        lines = self.shop.exported(tombstones=True)
        gone = {key for key, line in lines.items() if line.get("deleted")}
        assert not gone & self.shop.truth().keys(), self.said()


@contextmanager
def odd_shop(*, products: int = 6, models: int = 1, edition: str = "CE") -> Iterator[MirrorShop]:
    """A small, filled shop. Nothing holds deletions back, so that a wrong one shows."""
    with tempfile.TemporaryDirectory() as name:
        opened = open_shop(
            Path(name),
            products=products,
            models=models,
            edition=edition,
            most_items=3,
            records=4,
            assets=4,
            app_token=APP_TOKEN,
            webhook_timeout_seconds=30.0,
            tunables={"SYNC_MAX_DELETE_SHARE": "1"},
        )
        with opened as shop:
            mirror = MirrorShop(shop, Path(name), loses=False, has_models=models > 0)
            mirror.reconcile(full=True)
            yield mirror


def play(mirror: MirrorShop, odd: AnyOdd, rounds: Rounds, *, fresh: bool) -> None:
    """Edits and drains and sweeps while it lasts; then the PIM is well again.

    `fresh`: in the end the documents are compared with those of a store filled from nothing.
    """
    begun = odd.in_shop(mirror)
    if begun is None:
        return
    mirror.shop.control("oddities", begun.oddity)
    scene = OddPlay(
        mirror, begun, dead=frozenset(each.row_id for each in mirror.shop.events("dead"))
    )
    try:
        for edits, sweeps in rounds:
            for edit in edits:
                scene.edit(edit)
            scene.drain()
            if sweeps is not None:
                scene.sweep(full=sweeps)
        scene.must_be_told()
    finally:
        mirror.shop.evenly()
    scene.ended(fresh=fresh)


def _without_link(item: JsonValue) -> JsonValue:
    kept = as_object(item).items()
    return {name: value for name, value in kept if name != "_links"}


def _named(number: int) -> list[dict[str, object]]:
    return [{"data": f"Name {number}", "locale": "en_US", "scope": None}]
