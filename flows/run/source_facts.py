"""Facts of the source, kept and asked anew: a PIM is upgraded, and may become another one.

Asked at the first session of each process, with each full sweep, and when an event does not
fit what is known. Only what the source says for sure changes what is stored.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flows.run.threads import read_in, write_in
from pim.reading import FoundFacts, PimClient, SourceFacts
from pim.vocabulary import Identity
from storage import Store, Transaction
from storage.products import begin_move, read_move
from storage.state import clear_alarm, forget_facts, raise_alarm, read_facts, save_fact

log = logging.getLogger(__name__)

IDENTITY_ALARM = "source-identity"
LISTS = "list "
"""How the names of the facts begin that say which lists an edition lacks."""

NO_UUIDS = (
    "the PIM lists products by identifier only, and the store knows them by uuid: an older version "
    "was put in its place, or AKENEO_BASE_URL leads to another PIM; nothing is moved back, and "
    "until products are listed by uuid again nothing can be read"
)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What to go by now. `news`: what has changed, a line each."""

    facts: SourceFacts
    news: tuple[str, ...] = ()
    begins_move: bool = False
    lost_uuids: bool = False


def renew_facts(stored: SourceFacts, found: FoundFacts) -> Renewed:
    """Lay what was found over what is stored: pure. The way back from uuids is not gone by itself.

    `version`, `edition`, `main_identifier`: the words of the report and of the stored facts.
    """
    news = [
        f"the {name.replace('_', ' ')} of the PIM is {now} now, no more {was or 'untold'}"
        for name, was, now in (
            ("version", stored.version, found.version),
            ("edition", stored.edition, found.edition),
            ("main_identifier", stored.main_identifier, found.main_identifier),
        )
        if now is not None and now != was
    ]
    begins = stored.identity is Identity.IDENTIFIER and found.identity is Identity.UUID
    facts = SourceFacts(
        identity=Identity.UUID if begins else stored.identity,
        main_identifier=found.main_identifier or stored.main_identifier,
        version=found.version or stored.version,
        edition=found.edition or stored.edition,
    )
    if begins:
        news.append("the PIM lists products by uuid now, no more by identifier alone")
    lost = stored.identity is Identity.UUID and found.identity is Identity.IDENTIFIER
    return Renewed(facts, (*news, NO_UUIDS) if lost else tuple(news), begins, lost)


def stored_facts(facts: Mapping[str, str]) -> SourceFacts | None:
    """What was found out about the source before; None: nothing yet."""
    if "identity" not in facts:
        return None
    return SourceFacts(
        identity=Identity(facts["identity"]),
        main_identifier=facts.get("main_identifier"),
        version=facts.get("version"),
        edition=facts.get("edition"),
    )


async def load_facts(store: Store) -> SourceFacts | None:
    """What the store has of them; None: nothing was found out yet."""
    return stored_facts(await read_in(store, read_facts))


async def discover(client: PimClient, store: Store, now: datetime) -> None:
    """Ask a source of which nothing is known, go by the answer, and keep it; raises SourceError."""
    facts = await client.discover()
    await write_in(store, _save, facts, now)


async def look_again(client: PimClient, store: Store, now: datetime) -> tuple[str, ...] | None:
    """Ask a known source anew, go by what it is, and answer what has changed; None: no answer.

    Where it has begun to call its products by uuid, the store's keys begin to move. A source that
    does not answer, or answers oddly, changes nothing.
    """
    found = await client.look_again()
    if found.is_nothing:
        return None
    renewed = await write_in(store, _renew, client.facts, found, now)
    for line in renewed.news:
        log.warning("%s", line)
    client.go_by(renewed.facts)
    return renewed.news


def _renew(tx: Transaction, known: SourceFacts, found: FoundFacts, now: datetime) -> Renewed:
    renewed = renew_facts(stored_facts(read_facts(tx)) or known, found)
    if renewed.begins_move:
        begin_move(tx, now=now)
        move = read_move(tx)
        if move is not None:
            renewed = replace(renewed, news=(*renewed.news, str(move)))
    _save(tx, renewed.facts, now)
    if renewed.news and not renewed.lost_uuids:
        forget_facts(tx, LISTS)  # another edition may have other lists
    if renewed.lost_uuids:
        raise_alarm(tx, name=IDENTITY_ALARM, text=NO_UUIDS, now=now)
    elif found.identity is not None:
        clear_alarm(tx, name=IDENTITY_ALARM)
    return renewed


def _save(tx: Transaction, facts: SourceFacts, now: datetime) -> None:
    for name, value in (
        ("identity", facts.identity.value),
        ("main_identifier", facts.main_identifier),
        ("version", facts.version),
        ("edition", facts.edition),
    ):
        if value is not None:
            save_fact(tx, name=name, value=value, now=now)
