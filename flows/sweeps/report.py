"""Report of a reconcile: the drift that was found, its names, and how it is read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flows.run import as_code, format_span, table_cell
from pim.decision import StoredMark, is_rewound
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.reads import ProductRead
from pim.vocabulary import CatalogKind, Drift
from storage.products import Compared

NO_FAMILY = "(no family)"
MOST_LISTED = 50
NAMED_KINDS = 3
NAMED_ODD = 5

MEANINGS = {
    Drift.MISSING: "the PIM has it, the store had not",
    Drift.OUTDATED: "the PIM's is newer: its event did not come, or not yet",
    Drift.DIFFERENT: "same `updated`, other content: a change that raises no event",
    Drift.ORPHAN: "the store had it, the PIM has it no more",
    Drift.REWOUND: "the PIM went back to an older state",
}


@dataclass(frozen=True, slots=True)
class FoundDrift:
    """One product that differed. `age`: how long it had differed, where that can be told."""

    drift: Drift
    key: ProductKey
    identifier: str | None
    family: str | None
    age: timedelta | None = None


@dataclass(slots=True)
class ReconcileReport:
    """One reconcile, as it goes; counts are products but for `structure`.

    `missed`: those that a delta repaired and whose events never came; `too_fresh`: their events
    may still be under way. `not_whole`: why what was seen is not all of it, though the run ended.
    `ended_early`: what broke it off. `stood_by`: why it left the work undone on purpose, to the run
    that is at it, or because the source is known to be away (`source_away`).
    `restated`: told otherwise than stored (links, new keys) and meaning the same, so written anew
    without being drift. `odd`: those with an oddity that costs only itself.
    """

    mode: str
    dry_run: bool
    drift: Counter[tuple[Drift, str]] = field(default_factory=Counter)
    listed: list[FoundDrift] = field(default_factory=list)
    structure: Counter[CatalogKind] = field(default_factory=Counter)
    oldest: timedelta | None = None
    products: int = 0
    repaired: int = 0
    rendered: int = 0
    held: int = 0
    missed: int = 0
    too_fresh: int = 0
    restated: int = 0
    odd: int = 0
    odd_named: list[str] = field(default_factory=list)
    failed: list[tuple[ProductKey, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_whole: list[str] = field(default_factory=list)
    ended_early: str | None = None
    stood_by: str | None = None
    source_away: bool = False
    calls: int = 0
    seconds: float = 0.0

    @property
    def has_drift(self) -> bool:
        """Whether store and source differed in any product or structure item."""
        return bool(self.drift or self.structure)

    def found(self, drift: FoundDrift) -> None:
        """Count a difference; the first ones are listed by name."""
        self.drift[drift.drift, drift.family or NO_FAMILY] += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(drift)
        if drift.age is not None:
            self.oldest = max(self.oldest or drift.age, drift.age)

    def by_kind(self) -> Counter[Drift]:
        """Drift by kind, all families together."""
        kinds: Counter[Drift] = Counter()
        for (drift, _), count in self.drift.items():
            kinds[drift] += count
        return kinds

    def summary(self) -> str:
        """One line: `2,000 products compared: 3 missing, 1 orphan; 4 repaired`."""
        if self.stood_by is not None:
            return f"stood by: {self.stood_by}"
        parts = [f"{count} {drift}" for drift, count in sorted(self.by_kind().items())]
        parts += self._structure_parts()
        verb = "would be repaired (dry run)" if self.dry_run else f"{self.repaired} repaired"
        found = f"{', '.join(parts)}; {verb}" if parts else "no drift"
        extra = [f"{self.held} deletions held"] * bool(self.held)
        extra += [f"{len(self.failed)} could not be read"] * bool(self.failed)
        extra += ["not whole"] * bool(self.not_whole)
        done = "; ".join([f"{self.products:,} products compared: {found}", *extra])
        return done if self.ended_early is None else f"ended early: {self.ended_early}; {done}"

    def tell_not_whole(self, why: str) -> None:
        """Say, once, that what this reconcile saw is not all of it: an alarm, until one is."""
        if why not in self.not_whole:
            self.not_whole.append(why)
            self.notes.append(f"not whole: {why}")

    def found_odd(self, name: str) -> None:
        """Count a product that has something odd; the first ones are named."""
        self.odd += 1
        if len(self.odd_named) < NAMED_ODD:
            self.odd_named.append(name)

    def all_notes(self) -> list[str]:
        """The notes, and those on what was counted, each said once for all of it."""
        counted = []
        if self.restated:
            verb = "would be" if self.dry_run else "were"
            counted.append(
                f"{self.restated:,} products came in another form, or with other links, and mean "
                f"what is stored: they {verb} written anew, which is no drift"
            )
        if self.odd:
            more = "" if self.odd == len(self.odd_named) else ", and others"
            counted.append(
                f"{self.odd:,} products hold something odd, which costs only itself "
                f"(`akeneo-sync why KEY` tells): {', '.join(self.odd_named)}{more}"
            )
        return [*self.notes, *counted]

    def _structure_parts(self) -> list[str]:
        """Each kind by name, unless they are so many that no run's name could hold them."""
        if len(self.structure) > NAMED_KINDS:
            return [f"{self.structure.total()} items of {len(self.structure)} kinds changed"]
        return [f"{count} {kind} changed" for kind, count in sorted(self.structure.items())]

    def as_json(self) -> JsonObject:
        """The report as it is stored, and printed with --json."""
        return {
            "mode": self.mode,
            "dry_run": self.dry_run,
            "summary": self.summary(),
            "products": self.products,
            "drift": {kind.value: count for kind, count in self.by_kind().items()},
            "drift_by_family": {
                f"{drift.value} {family}": count for (drift, family), count in self.drift.items()
            },
            "listed": [
                {"drift": each.drift.value, "key": each.key, "identifier": each.identifier}
                for each in self.listed
            ],
            "structure": {kind.value: count for kind, count in self.structure.items()},
            "oldest_drift_seconds": self.oldest.total_seconds() if self.oldest else None,
            "repaired": self.repaired,
            "rendered": self.rendered,
            "held": self.held,
            "missed_events": self.missed,
            "failed": [{"key": key, "reason": reason} for key, reason in self.failed],
            "restated": self.restated,
            "odd": self.odd,
            "notes": [*self.all_notes()],
            "not_whole": [*self.not_whole],
            "ended_early": self.ended_early,
            "stood_by": self.stood_by,
            "source_away": self.source_away,
            "calls": self.calls,
            "seconds": round(self.seconds, 3),
        }


def drift_age(drift: Drift, updated: datetime | None, now: datetime) -> timedelta | None:
    """How long the store has been behind; only an outdated product tells (by its `updated`)."""
    if drift is not Drift.OUTDATED or updated is None:
        return None
    return max(timedelta(0), now - updated)


def tell_drift(
    read: ProductRead, stored: StoredMark | None, compared: Compared | None = None
) -> Drift:
    """Name how a product that differs stands against the store."""
    live = stored is not None and not stored.deleted
    if read.product is None:
        return Drift.ORPHAN
    if compared is Compared.REWOUND or is_rewound(read.product.updated, stored):
        return Drift.REWOUND
    if compared is Compared.MISSING or stored is None or not live:
        return Drift.MISSING
    before, now = stored.updated, read.product.updated
    is_older = before is not None and now is not None and before < now
    return Drift.OUTDATED if is_older else Drift.DIFFERENT


def has_drifted(read: ProductRead, stored: StoredMark | None) -> bool:
    """Whether the store shows another state than the one read."""
    shown = stored.content_hash if stored is not None and not stored.deleted else None
    return shown != (read.product.content_hash if read.product is not None else None)


def describe_reconcile(report: ReconcileReport) -> str:
    """The artifact of a reconcile, in markdown."""
    lines = [f"## {table_cell(report.summary())}", ""]
    if report.drift:
        lines += ["| drift | family | products | meaning |", "|---|---|---|---|"]
        lines += [
            f"| {drift} | {table_cell(family)} | {count} | {MEANINGS[drift]} |"
            for (drift, family), count in sorted(report.drift.items())
        ]
        lines.append("")
    lines += [f"- {kind}: {count} changed" for kind, count in sorted(report.structure.items())]
    lines += _figures(report)
    lines += [f"- Note: {table_cell(note)}" for note in report.all_notes()]
    if report.held:
        lines.append(f"- {report.held} deletions wait for `akeneo-sync approve`")
    return "\n".join([*lines, *_listed(report), *_failed(report)])


def _figures(report: ReconcileReport) -> list[str]:
    oldest = f"- The store had been behind for up to {format_span(report.oldest or timedelta(0))}"
    return [
        *([oldest] if report.oldest is not None else []),
        f"- Repaired: {'nothing, dry run' if report.dry_run else report.repaired}",
        f"- Documents rendered again: {report.rendered}",
        f"- Calls to the PIM: {report.calls}",
        f"- Took: {format_span(timedelta(seconds=report.seconds))}",
    ]


def _listed(report: ReconcileReport) -> list[str]:
    if not report.listed:
        return []
    total = sum(report.drift.values())
    title = f"### The first {MOST_LISTED} of {total}" if total > MOST_LISTED else "### Products"
    rows = [
        f"| {each.drift} | {table_cell(each.identifier or '')} | {as_code(each.key)} |"
        for each in report.listed
    ]
    return ["", title, "", "| drift | identifier | key |", "|---|---|---|", *rows]


def _failed(report: ReconcileReport) -> list[str]:
    if not report.failed:
        return []
    rows = [
        f"| {as_code(key)} | {table_cell(reason)} |" for key, reason in report.failed[:MOST_LISTED]
    ]
    return ["", "### Could not be read", "", "| product | reason |", "|---|---|", *rows]
