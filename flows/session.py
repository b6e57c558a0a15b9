"""What one run works with: settings, the store, a PIM client inside the call budget."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flows.budget import SharedGate, shared_gate
from flows.call_counts import counted_calls
from flows.catalog_cache import CatalogCache
from flows.node_clocks import noting_clocks
from flows.threads import in_thread
from pim.client import PimClient
from pim.connection import AppToken, PasswordCredentials, PimConnection, SourceFacts
from pim.errors import SourceError, SyncError
from pim.ids import OrderNumber, RunId
from pim.vocabulary import Identity
from settings import Settings
from settings.model import PasswordLogin, SourceSettings, TokenLogin
from storage import open_store
from storage.budget import CallerKind
from storage.engine import Store, Transaction
from storage.facts import read_facts, save_fact
from storage.products import Cause

log = logging.getLogger(__name__)


class NoSource(SyncError):  # noqa: N818 - named like the fact it reports
    """No PIM is configured."""


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """One run's means. `cause` is written with every change; `now` is this machine's clock."""

    settings: Settings
    store: Store
    client: PimClient
    gate: SharedGate
    facts: SourceFacts
    catalog: CatalogCache
    cause: Cause
    now: Callable[[], datetime] = field(default=utc_now)

    @property
    def run_id(self) -> RunId:
        """The run that all writes of this session name."""
        if self.cause.run_id is None:
            raise RuntimeError("a session always has a run")
        return self.cause.run_id

    def caused_by(self, name: str) -> "Session":
        """The same session, writing for another cause."""
        return replace(self, cause=Cause(name, self.cause.run_id))


def open_settings_store(settings: Settings) -> Store:
    """Open the store that the settings name."""
    return open_store(
        settings.database_url, busy_timeout=timedelta(seconds=settings.busy_timeout_seconds)
    )


def pim_connection(source: SourceSettings) -> PimConnection:
    """Translate the settings into the client's terms."""
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
    return PimConnection(source.base_url, credentials, source.timeout_seconds)


@asynccontextmanager
async def open_session(
    settings: Settings, store: Store, *, kind: CallerKind, cause: Cause, anew: bool = False
) -> AsyncIterator[Session]:
    """Log in to the source and know what it is; the store stays the caller's.

    `anew`: ask again which attribute is the main identifier, which a SaaS PIM can switch.

    Raises:
        NoSource: no PIM is configured.
        SourceError: the source does not answer, or refuses the credentials.
    """
    if settings.source is None:
        raise NoSource("no PIM is configured: set AKENEO_BASE_URL and its credentials")

    async def draw_number() -> OrderNumber:
        return await in_thread(store.draw_number)

    stored = await in_thread(load_facts, store)
    async with (
        shared_gate(store, holder=str(cause.run_id), kind=kind) as gate,
        counted_calls(store) as observe,
        PimClient(
            pim_connection(settings.source),
            draw_number=draw_number,
            gate=gate,
            facts=stored,
            observe=observe,
        ) as client,
    ):
        facts = stored or await _discover(client, store)
        if anew and stored is not None:
            facts = await _look_again(client, store, stored)
        doubt = timedelta(seconds=settings.clock_doubt_seconds)
        async with noting_clocks(store, client.clock_spread, doubt=doubt, now=utc_now):
            yield Session(settings, store, client, gate, facts, CatalogCache(store, client), cause)


def load_facts(store: Store) -> SourceFacts | None:
    """What was found out about the source before; None: nothing yet."""
    with store.read() as tx:
        facts = read_facts(tx)
    if "identity" not in facts:
        return None
    return SourceFacts(
        identity=Identity(facts["identity"]),
        main_identifier=facts.get("main_identifier"),
        version=facts.get("version"),
        edition=facts.get("edition"),
    )


async def _discover(client: PimClient, store: Store) -> SourceFacts:
    facts = await client.discover()
    found = {
        "identity": facts.identity.value,
        "main_identifier": facts.main_identifier,
        "version": facts.version,
        "edition": facts.edition,
    }

    def save(tx: Transaction) -> None:
        for name, value in found.items():
            if value is not None:
                save_fact(tx, name=name, value=value, now=utc_now())

    await in_thread(store.run, save)
    return facts


async def _look_again(client: PimClient, store: Store, stored: SourceFacts) -> SourceFacts:
    """The facts with the main identifier of now; what products are called by is found out once."""
    try:
        found = await client.find_main_identifier()
    except SourceError as error:  # what was known will do; a source that is away shows at once
        log.info("the main identifier could not be asked for: %s", error)
        return stored
    if found is None or found == stored.main_identifier:
        return stored
    log.warning("the main identifier is %s now, no more %s", found, stored.main_identifier)

    def save(tx: Transaction) -> None:
        save_fact(tx, name="main_identifier", value=found, now=utc_now())

    await in_thread(store.run, save)
    return replace(stored, main_identifier=found)
