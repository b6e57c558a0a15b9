"""Comparison of `why --live`: what the PIM shows now, beside what the store holds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.output import iso, say_count
from cli.views.next_steps import describe_next_sweep
from cli.views.timeline import name_changed
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SyncError
from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.product import SourceProduct
from pim.reads import FailedRead, ProductRead
from settings import Settings
from storage.products import Changed, diff_links, diff_products
from storage.views import History, ProductState

_LONGEST_VALUE = 40
_MOST_SHOWN = 20
_ABSENT = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value or field that the PIM shows otherwise; both sides as short JSON.

    `is_link`: only the link to a file differs, which no drift counts and a full sweep rewrites.
    """

    what: Changed
    stored: str
    live: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class LiveView:
    """One product now. `verdict`: equal, different, absent, missing, unread."""

    key: ProductKey
    verdict: str
    text: str
    stored_updated: datetime | None = None
    live_updated: datetime | None = None
    differences: tuple[Difference, ...] = ()
    repair: str | None = None


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What the PIM says of all products of a story; `error`: it does not answer, and why."""

    views: tuple[LiveView, ...] = ()
    error: str | None = None

    def of(self, key: ProductKey) -> LiveView | None:
        """Give the view of one product."""
        return next((view for view in self.views if view.key == key), None)


def ask_live(settings: Settings, name: str, histories: Sequence[History]) -> LiveAnswer:
    """Read the products from the PIM and compare; a PIM that fails is part of the answer."""
    stored = {each.product.key: each for each in histories if each.product is not None}
    known = {key: each.product.identifier for key, each in stored.items() if each.product}
    # Only now: `why` alone need not wait for the import of the PIM's client.
    from flows.live import read_live  # noqa: PLC0415 -- see above

    try:
        answers = asyncio.run(read_live(settings, name, known))
    except SyncError as error:
        return LiveAnswer(error=str(error))
    views = [compare_live(answer, stored.get(answer.key)) for answer in answers]
    # A name that nobody has is an absence of nothing: said once, by the story's own products.
    return LiveAnswer(tuple(v for v in views if v.verdict != "absent" or v.key in stored))


def compare_live(answer: ProductRead | FailedRead, history: History | None) -> LiveView:
    """Compare one answer with what is stored; tell what will repair a difference."""
    product = None if history is None else history.product
    stored = product if product is not None and product.deleted_at is None else None
    if isinstance(answer, FailedRead) and isinstance(answer.error, InvalidAnswer):
        text = f"the PIM answers, but its answer on this product cannot be read: {answer.error}"
        return LiveView(answer.key, "unread", text)
    if isinstance(answer, FailedRead):
        return LiveView(answer.key, "unread", f"the PIM does not show it: {answer.error}")
    updated = product.updated if product is not None else None
    if answer.product is None:
        return _absent(answer.key, stored, updated, history)
    if stored is None:
        text = "the PIM has it, and the store does not"
        repair = _repair(answer.key, history, changed=True)
        live_updated = answer.product.updated
        return LiveView(answer.key, "missing", text, updated, live_updated, (), repair)
    return _compare(answer.product, stored, history)


def _absent(
    key: ProductKey,
    stored: ProductState | None,
    updated: datetime | None,
    history: History | None,
) -> LiveView:
    if stored is None:
        text = "equal: not in the PIM (404), and not in the store"
        return LiveView(key, "equal", text, updated)
    text = "not in the PIM any more (404), and still in the store"
    return LiveView(key, "absent", text, updated, repair=_repair(key, history, changed=False))


def _compare(live: SourceProduct, stored: ProductState, history: History | None) -> LiveView:
    source = stored.source or {}
    differences = tuple(
        Difference(what, _brief(source, what), _brief(live.body, what))
        for what in diff_products(source, live.body)
    )
    links = tuple(
        Difference(what, before or _ABSENT, now or _ABSENT, is_link=True)
        for what, (before, now) in diff_links(source, live.body).items()
    )
    if not differences and links:
        text = f"different: {say_count(len(links), 'link')} to files, and nothing else"
        repair = _repair(live.key, history, changed=False)
        return LiveView(live.key, "different", text, stored.updated, live.updated, links, repair)
    if not differences:
        text = "equal: the PIM shows what is stored"
        return LiveView(live.key, "equal", text, stored.updated, live.updated)
    before, now = stored.updated, live.updated
    later = now is not None and (before is None or now > before)
    return LiveView(
        live.key,
        "different",
        f"different: {len(differences)} of what the PIM shows is stored otherwise",
        stored.updated,
        live.updated,
        (*differences, *links),
        _repair(live.key, history, changed=later),
    )


def _repair(key: ProductKey, history: History | None, *, changed: bool) -> str:
    """Name what mends it by itself first; a delta sees only what moved `updated`."""
    due = history is not None and any(each.state == "due" for each in history.events)
    by_itself = "the next drain" if due else describe_next_sweep("delta" if changed else "full")
    return f"{by_itself} repairs it, or now: akeneo-sync reconcile --key {key}"


def _brief(body: JsonObject, what: Changed) -> str:
    found = body.get(what.code) if what.field else _value(body, what)
    if found is None:
        return _ABSENT
    text = dump_json(found)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}\u2026"


def _value(body: JsonObject, what: Changed) -> JsonValue:
    for entry in map(as_object, as_list(as_object(body.get("values")).get(what.code))):
        if (entry.get("locale"), entry.get("scope")) == (what.locale, what.scope):
            return entry.get("data")
    return None


def describe_live(view: LiveView) -> list[str]:
    """Say it in lines: the verdict, both dates, each difference, and what mends it."""
    lines = [f"the PIM now: {view.text}"]
    if view.verdict == "different":
        for each in view.differences[:_MOST_SHOWN]:
            name = f"{name_changed(each.what)}{', the link' if each.is_link else ''}"
            lines.append(f"  {name}: stored {each.stored}, in the PIM {each.live}")
        more = len(view.differences) - _MOST_SHOWN
        lines += [f"  and {more} more"] * (more > 0)
    if view.live_updated is not None:
        stored = view.stored_updated
        in_store = f"stored as changed {iso(stored)}" if stored else "not stored"
        lines.append(f"changed in the PIM {iso(view.live_updated)}; {in_store}")
    return lines + ([view.repair] if view.repair else [])


def live_object(view: LiveView) -> JsonObject:
    """Give the comparison for `why --json`."""
    return {
        "key": view.key,
        "verdict": view.verdict,
        "text": view.text,
        "stored_updated": iso(view.stored_updated),
        "live_updated": iso(view.live_updated),
        "differences": [
            {
                **each.what.to_json(),
                "stored": each.stored,
                "live": each.live,
                "link": each.is_link,
            }
            for each in view.differences
        ],
        "repair": view.repair,
    }
