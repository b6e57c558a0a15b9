"""Means of one run: settings, the store, a PIM client inside the call budget."""

import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Concatenate, ParamSpec, TypeVar

from flows.run.call_budget import Calls, SharedGate, counted_calls, shared_gate
from flows.run.catalog_cache import CatalogCache
from flows.run.pace import Pace
from flows.run.refused_kinds import noting_refusals
from flows.run.source_facts import discover, load_facts, look_again
from flows.run.source_health import noting_clocks
from flows.run.threads import in_thread, read_in, write_in
from pim.errors import SyncError
from pim.http import AppToken, PasswordCredentials, PimConnection
from pim.ids import OrderNumber, RunId
from pim.reading import PimClient, SourceFacts
from pim.vocabulary import CallCause
from settings import PasswordLogin, Settings, SourceSettings, TokenLogin
from storage import Store, Transaction, open_store
from storage.products import Cause
from storage.state import CallerKind

P = ParamSpec("P")
T = TypeVar("T")

_COLLECT_AFTER = 50_000  # new objects; one page of products is as many, and no cycle is in it


_CAUSES = {CallerKind.DRAIN: CallCause.EVENT, CallerKind.SWEEP: CallCause.SWEEP}
"""What calls are made for of which nothing else is said."""


class NoSource(SyncError):  # noqa: N818 - named like the fact it reports
    """No PIM is configured."""


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """One run's means. `cause` is written with every change; `now` is this machine's clock.

    `news`: what has changed about the source, as the session's beginning found. `calls`: those
    made so far, by what for. `pace`: of writes of products.
    """

    settings: Settings
    store: Store
    client: PimClient
    gate: SharedGate
    catalog: CatalogCache
    cause: Cause
    now: Callable[[], datetime] = field(default=utc_now)
    news: tuple[str, ...] = ()
    calls: Calls = field(default_factory=Counter)
    pace: Pace = field(default_factory=Pace)

    @property
    def facts(self) -> SourceFacts:
        """What the source is, as far as this session has found out by now."""
        return self.client.facts

    @property
    def run_id(self) -> RunId:
        """The run that all writes of this session name."""
        if self.cause.run_id is None:
            raise RuntimeError("a session always has a run")
        return self.cause.run_id

    async def read(
        self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do `work`, which writes nothing, in a transaction that sees one snapshot of the store."""
        return await read_in(self.store, work, *args, **kwargs)

    async def write(
        self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do `work` in a write transaction; once more after a lost race."""
        return await write_in(self.store, work, *args, **kwargs)

    def caused_by(self, name: str) -> "Session":
        """The same session, writing for another cause."""
        return replace(self, cause=Cause(name, self.cause.run_id))


def open_settings_store(settings: Settings) -> Store:
    """Open the store that the settings name."""
    return open_store(
        settings.database_url, busy_timeout=timedelta(seconds=settings.busy_timeout_seconds)
    )


def pim_connection(source: SourceSettings, *, seconds: float | None = None) -> PimConnection:
    """Translate the settings into the client's terms; `seconds`: a call's time, if not theirs."""
    credentials: PasswordCredentials | AppToken
    match source.login:
        case PasswordLogin() as login:
            credentials = PasswordCredentials(
                client_id=login.client_id,
                client_secret=login.client_secret,
                username=login.username,
                password=login.password,
            )
        case TokenLogin() as login:
            credentials = AppToken(login.access_token)
    return PimConnection(source.base_url, credentials, seconds or source.timeout_seconds)


class Asking(Enum):
    """When a session asks a known source anew what it is."""

    ONCE = auto()  # if it is the first of its process
    ALWAYS = auto()
    NEVER = auto()  # as what must not change the store


_ASKED: set[tuple[str, str]] = set()
"""The sources, each with its store, that this process has asked what they are."""


def spare_the_collector() -> None:
    """Have this process collect garbage more rarely: for processes that read pages, at their start.

    Each full collection walks all that Prefect and we imported.
    """
    gc.set_threshold(_COLLECT_AFTER)


@asynccontextmanager
async def open_session(
    settings: Settings,
    store: Store,
    *,
    kind: CallerKind,
    cause: Cause,
    asking: Asking = Asking.ONCE,
) -> AsyncIterator[Session]:
    """Log in to the source and know what it is; the store stays the caller's.

    Raises:
        NoSource: no PIM is configured.
        SourceError: the source does not answer, or refuses the credentials.
    """
    if settings.source is None:
        raise NoSource("no PIM is configured: set AKENEO_BASE_URL and its credentials")

    async def draw_number() -> OrderNumber:
        return await in_thread(store.draw_number)

    async with (
        shared_gate(store, holder=str(cause.run_id), kind=kind) as gate,
        counted_calls(store, _CAUSES[kind]) as counts,
        PimClient(
            pim_connection(settings.source),
            draw_number=draw_number,
            gate=gate,
            facts=await load_facts(store),
            observe=counts.observe,
        ) as client,
    ):
        source = (settings.source.base_url, settings.database_url)
        news = await _know_source(client, store, source, asking)
        doubt = timedelta(seconds=settings.clock_doubt_seconds)
        async with (
            noting_clocks(store, client.clock_spread, doubt=doubt, now=utc_now),
            noting_refusals(store, client.refused, now=utc_now),
        ):
            catalog = CatalogCache(store, client)
            yield Session(
                settings, store, client, gate, catalog, cause, news=news, calls=counts.made
            )


async def _know_source(
    client: PimClient, store: Store, source: tuple[str, str], asking: Asking
) -> tuple[str, ...]:
    """Find out what the source is, or ask again; answers what has changed."""
    news: tuple[str, ...] | None = ()
    if not client.is_discovered:
        await discover(client, store, utc_now())
    elif asking is Asking.NEVER or (asking is Asking.ONCE and source in _ASKED):
        return ()
    else:
        news = await look_again(client, store, utc_now())
    if news is None:  # it did not answer: the next session asks
        return ()
    _ASKED.add(source)
    return news


async def ask_anew(session: Session) -> bool:
    """Ask the source again what it calls products, since it was not as known; whether it changed.

    The session goes by the answer from then on.
    """
    was = session.facts.identity
    await look_again(session.client, session.store, session.now())
    return session.facts.identity is not was
