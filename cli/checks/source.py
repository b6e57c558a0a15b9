"""The PIM: reachable, the login, the rights, its version, its clock and its time zone."""

import asyncio
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from urllib.parse import urlsplit

from cli.checks.finding import Findings
from cli.cures import RIGHTS, find_cure, find_list_cure, is_of_another
from cli.output import say_span
from flows.run import NO_UUIDS, pim_connection, renew_facts, stored_facts
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceServerError,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from pim.http import SemaphoreGate
from pim.ids import OrderNumber
from pim.printed_time import Printing
from pim.reading import (
    CheckedList,
    FoundFacts,
    PimClient,
    SourceFacts,
    ZoneFinding,
    describe_offset,
)
from pim.signature import TOLERANCE
from pim.vocabulary import Identity
from settings import Settings, SourceSettings, proxy_for, read_environment
from storage import StoreError, open_store
from storage.products import KeyMove, read_move
from storage.state import read_facts

PART = "PIM"
_CALL_SECONDS = 5.0
_LATE = timedelta(seconds=30)
_ROUNDING = timedelta(seconds=2)  # a Date header has whole seconds
_COMMUNITY = frozenset({"CE"})


def check_source(settings: Settings, found: Findings) -> None:
    """Ask the configured PIM; without one there is nothing to ask."""
    if settings.source is None:
        found.note("reachable", "no PIM is configured")
        return
    asyncio.run(_check(settings, settings.source, found))


async def _check(settings: Settings, source: SourceSettings, found: Findings) -> None:
    connection = replace(pim_connection(source), timeout_seconds=_CALL_SECONDS)
    numbers = count(1)

    async def draw_number() -> OrderNumber:
        return OrderNumber(next(numbers))  # nothing that we read is written

    # One call at a time: a running sync uses three of the four that the PIM allows.
    async with PimClient(connection, draw_number=draw_number, gate=SemaphoreGate(1)) as client:
        try:
            await client.source_check().connect()
        except SourceUnauthorized as error:
            found.ok("reachable", source.base_url)
            found.broken("login", str(error), _advice(error, source))
            return
        except SourceError as error:
            found.broken("reachable", str(error), _advice(error, source))
            return
        found.ok("reachable", f"{source.base_url}, and the login is taken")
        try:
            await _check_inside(client, settings, found)
        except SourceError as error:
            found.broken("answers", str(error), _advice(error, source))


def _advice(error: SourceError, source: SourceSettings) -> str:
    """What to do, and which variable leads the calls through a proxy: it may be the reason."""
    cure = find_cure(error) or "look at the PIM's own log"
    proxy = proxy_for(source.base_url, read_environment())
    if proxy is None or not _may_be_of_a_proxy(error):
        return cure
    host = urlsplit(source.base_url).hostname
    return f"{cure}; {proxy} sends this call through a proxy (NO_PROXY={host}: directly)"


def _may_be_of_a_proxy(error: SourceError) -> bool:
    """Whether the PIM itself has not said this."""
    no_answer = SourceUnreachable | SourceTimeout | SourceUnexpectedNotFound | InvalidAnswer
    return is_of_another(error) or isinstance(error, no_answer | SourceServerError)


async def _check_inside(client: PimClient, settings: Settings, found: Findings) -> None:
    lists = [each async for each in client.source_check().lists()]
    report_clock([each.clock_ahead for each in lists if each.clock_ahead is not None], found)
    if any(each.name == "products" and each.error for each in lists):
        report_lists(lists, None, found)  # nothing more can be found out
        return
    facts = await client.discover()
    report_facts(facts, found)
    report_stored(*await asyncio.to_thread(_read_stored, settings), facts, found)
    report_lists(lists, facts, found)
    zone = await (await client.zone_check()).ask(settings.timezone)
    report_zone(zone, settings.timezone.key, found)


def report_facts(facts: SourceFacts, found: Findings) -> None:
    """Say what kind of PIM it is."""
    version = f"version {facts.version}" if facts.version else "a version that it does not tell"
    edition = f", edition {facts.edition}" if facts.edition else ""
    by_uuid = facts.identity is Identity.UUID
    known_by = "products are known by uuid" if by_uuid else "products are known by identifier"
    found.ok("version", f"{version}{edition}; {known_by}")


def _read_stored(settings: Settings) -> tuple[SourceFacts | None, KeyMove | None]:
    """What runs go by; nothing where the store cannot be read, which its own part says."""
    try:
        with closing(open_store(settings.database_url)) as store, store.read() as tx:
            return stored_facts(read_facts(tx)), read_move(tx)
    except StoreError:
        return None, None


def report_stored(
    stored: SourceFacts | None, move: KeyMove | None, facts: SourceFacts, found: Findings
) -> None:
    """Say where what runs go by is not what the PIM is now, and what becomes of it."""
    if stored is None:
        return
    now = FoundFacts(facts.identity, facts.main_identifier, facts.version, facts.edition)
    renewed = renew_facts(stored, now)
    if renewed.lost_uuids:
        cure = "check AKENEO_BASE_URL; for another PIM, begin with an empty store"
        found.broken("as stored", NO_UUIDS, cure)
    elif renewed.begins_move:
        how = "the PIM lists products by uuid, and runs know them by identifier as before"
        cure = (
            "`akeneo-sync reconcile --full` moves the store's keys; so does the next worker start"
        )
        found.warn("as stored", how, cure)
    elif renewed.news:
        how = f"{'; '.join(renewed.news)}: noticed with the next full sweep"
        found.note("as stored", how)
    elif move is not None:
        found.note("as stored", str(move), "the next sweeps finish it: look with `status`")
    else:
        found.ok("as stored", "runs take the PIM for what it is")


def report_lists(lists: Iterable[CheckedList], facts: SourceFacts | None, found: Findings) -> None:
    """Say of each list that does not answer what to tick; the others in one line."""
    readable = []
    for each in lists:
        if each.error is None:
            readable.append(each.name)
        elif each.optional and (each.is_absent or _may_lack(facts)):
            _report_lacking(each, facts, found)
        else:
            _report_unreadable(each, each.error, found)
    if readable:
        found.ok("rights", f"may read {', '.join(readable)}")


def _may_lack(facts: SourceFacts | None) -> bool:
    """Whether a refusal may mean that the edition has no such list."""
    return facts is None or facts.edition is None or facts.edition in _COMMUNITY


def _report_lacking(each: CheckedList, facts: SourceFacts | None, found: Findings) -> None:
    """Absent is absent; a refusal may mean a right as well, where the edition is not told."""
    edition = None if facts is None else facts.edition
    community = "Community" if edition in _COMMUNITY else "a Community Edition has none"
    if each.is_absent or edition in _COMMUNITY:
        found.note(each.name, f"not in this PIM ({community}): nothing is missed")
        return
    how = f"403: the connection may not read them, or they are not in this PIM ({community})"
    found.note(each.name, how, f'if the PIM has them: {RIGHTS}: tick "List {each.name}"')


def _report_unreadable(each: CheckedList, error: SourceError, found: Findings) -> None:
    """Without products nothing works; without another list, labels are left out."""
    is_right = each.is_forbidden and not is_of_another(error)
    how = "403: the connection may not read them" if is_right else str(error)
    advice = find_list_cure(each.name, error)
    if each.name == "products":
        found.broken(each.name, how, advice)
    elif not each.is_absent:  # an older PIM has no such list
        found.warn(each.name, f"{how}; documents are without them", advice)


def report_clock(ahead: list[timedelta], found: Findings) -> None:
    """Compare clocks: the PIM signs with its own, and a delivery is good for five minutes."""
    if not ahead:
        return
    # Of several answers the one nearest to ours: waiting in a queue looks like a clock behind.
    off = min(ahead, key=abs)
    side = "ahead of" if off > timedelta(0) else "behind"
    how = f"the PIM's clock is {say_span(abs(off))} {side} this machine's"
    if abs(off) >= TOLERANCE:
        found.broken("clock", f"{how}: every delivery is refused", "set both clocks by NTP")
    elif abs(off) > _LATE:
        found.warn("clock", how, "set both by NTP: from 5 min on, deliveries are refused")
    elif abs(off) > _ROUNDING:
        found.ok("clock", how)
    else:
        found.ok("clock", "the PIM's clock agrees with this machine's")


def report_zone(zone: ZoneFinding | None, configured: str, found: Findings) -> None:
    """Say whether AKENEO_TIMEZONE is what the PIM reads."""
    if zone is None:
        how = "no product that had been left alone for a while could tell"
        found.note("time zone", how, "ask again later")
        return
    seems = f"; it seems to be {describe_offset(zone.offset)}" if zone.offset is not None else ""
    advice = f"set AKENEO_TIMEZONE to the PIM server's own zone{seems}"
    if zone.misses:
        how = f"the PIM reads its `updated` filter in another zone than {configured}: deltas miss"
        found.broken("time zone", how, advice)
    elif zone.overreaches:
        how = f"the PIM reads its `updated` filter in another zone than {configured}"
        found.warn("time zone", f"{how}: deltas read hours too much", advice)
    elif zone.printing is not Printing.AS_MEANT:
        how = f"the `updated` filter reads {configured}; `updated` is printed as {zone.printing}"
        found.ok("time zone", f"{how}, which is known and allowed for")
    else:
        found.ok("time zone", f"the `updated` filter reads {configured}")
