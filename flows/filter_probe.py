"""Whether the source's `updated` filter can be trusted, asked with products that we know."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flows.lookback import Probed, Verdict
from flows.session import Session
from flows.sweep import Sweep
from flows.threads import in_thread
from pim.by_identifier import is_uuid
from pim.json_types import JsonObject
from pim.reads import ProductRead
from pim.search import identifier_in, updated_at, updated_since, uuid_in
from pim.texts import moved
from pim.vocabulary import Identity
from storage.probes import Probe, list_probes

CANDIDATES = 100  # one call; many may have been edited since, and then say nothing
ASKED = 5


@dataclass(frozen=True, slots=True)
class FilterAnswer:
    """What the filter did with a product of known `updated`.

    `exact`: it let it through when asked for that very second; `since`: when asked for all that
    changed from then on. `simple`: no model's later date can have played a part.
    """

    updated: datetime
    simple: bool
    exact: bool
    since: bool


def judge_filter(answers: Sequence[FilterAnswer]) -> Probed:
    """What the answers say together: pure.

    One product in its very second is proof. A variant that only the open question lets through may
    owe it to its models; one that it does not let through is proof of the contrary.
    """
    exact = [answer for answer in answers if answer.exact]
    if exact:
        return Probed(Verdict.WORKS, exact[0].updated)
    early = [answer for answer in answers if answer.simple and answer.since]
    if early:
        return Probed(Verdict.EARLY, early[0].updated)
    if any(not answer.since for answer in answers):
        return Probed(Verdict.BROKEN)
    return Probed(Verdict.UNKNOWN)


async def probe_filter(session: Session, settled: datetime) -> Probed:
    """Ask the filter for products by the `updated` that they have now: it must return them.

    A wrong time zone or a damaged index shows here, instead of as a green sweep of nothing.
    `settled`: what changed before has reached the search index. Unknown: every candidate was
    edited later than that, or owes its place to its models.
    """
    answers: list[FilterAnswer] = []
    known, rewound = await _known(session, settled)
    for probe in known:
        answers.append(await _ask(session, probe))
        if answers[-1].exact:
            break
    return replace(judge_filter(answers), rewound=rewound)


async def probe_once(sweep: Sweep, settled: datetime) -> Probed:
    """Probe the filter once a run: products and models are filtered by the same reading of time."""
    if sweep.probed is None:
        sweep.probed = await probe_filter(sweep.session, settled)
    return sweep.probed


async def _known(session: Session, settled: datetime) -> tuple[list[Probe], int]:
    """Products with their `updated` as the source says it now, and how many are older than stored.

    Older by less than the clock doubt is what two nodes make of one product.
    """
    candidates = await in_thread(_candidates, session, settled)
    if not candidates:
        return [], 0
    answers = await session.client.read_products(
        [probe.key for probe in candidates],
        identifiers={p.key: p.identifier for p in candidates if p.identifier is not None},
    )
    now = {
        answer.key: answer.product
        for answer in answers
        if isinstance(answer, ProductRead) and answer.product is not None
    }
    read = [
        Probe(p.key, product.identifier, product.updated, product.parent is None)
        for p in candidates
        if (product := now.get(p.key)) is not None
        and product.updated is not None
        and product.updated < settled
    ]
    doubt = timedelta(seconds=session.settings.clock_doubt_seconds)
    stored = {probe.key: probe.updated for probe in candidates}
    rewound = sum(
        product.updated is not None and moved(product.updated, doubt) < stored[key]
        for key, product in now.items()
    )
    return read[:ASKED], rewound


def _candidates(session: Session, before: datetime) -> list[Probe]:
    with session.store.read() as tx:
        found = list_probes(tx, before=before, limit=CANDIDATES)
    if session.facts.identity is Identity.IDENTIFIER:
        return found
    return [probe for probe in found if is_uuid(probe.key)]  # others are called otherwise by now


async def _ask(session: Session, probe: Probe) -> FilterAnswer:
    zone = session.settings.timezone
    exact = await _is_returned(session, probe, updated_at(probe.updated, zone))
    since = exact or await _is_returned(session, probe, updated_since(probe.updated, zone))
    return FilterAnswer(probe.updated, probe.simple, exact, since)


async def _is_returned(session: Session, probe: Probe, changed: JsonObject) -> bool:
    search = {**changed, **_only(session, probe)}
    pages = session.client.product_pages(search=search)
    return any([read.key == probe.key async for page in pages for read in page.reads])


def _only(session: Session, probe: Probe) -> JsonObject:
    if session.facts.identity is Identity.UUID:
        return uuid_in([probe.key])
    return identifier_in([probe.identifier or probe.key])
