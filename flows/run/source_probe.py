"""Probe of a failing source: one small call, in place of a run that fails."""

from enum import Enum, auto

from flows.run.call_budget import counted_calls
from flows.run.session import pim_connection
from flows.run.source_facts import load_facts
from flows.run.source_health import note_success, translate_failure
from flows.run.threads import in_thread, read_in, write_in
from pim.errors import SourceError
from pim.ids import OrderNumber
from pim.reading import PimClient
from pim.vocabulary import CallCause
from settings import SourceSettings
from storage import Store
from storage.state import claim_probe, read_breaker, record_probe


class Probe(Enum):
    """What became of a look at the breaker."""

    NOT_DUE = auto()
    FAILED = auto()
    ANSWERED = auto()


async def probe_if_due(store: Store, source: SourceSettings) -> Probe:
    """Ask the source if it fails and a probe is due; of several workers, one does.

    The call is made beside the call budget's three: nobody else asks while the source is blocked.

    Raises:
        StoreError: the store does not answer.
    """
    # Nearly always nothing fails: that takes a read, and no turn to write.
    breaker = await read_in(store, read_breaker)
    if breaker.failing_since is None or not await write_in(store, claim_probe):
        return Probe.NOT_DUE
    try:
        await _ask(store, source)
    except SourceError as error:
        await write_in(store, record_probe, translate_failure(error))
        return Probe.FAILED
    await note_success(store)
    return Probe.ANSWERED


async def _ask(store: Store, source: SourceSettings) -> None:
    async def draw_number() -> OrderNumber:
        return await in_thread(store.draw_number)

    facts = await load_facts(store)
    connection = pim_connection(source)
    async with (
        counted_calls(store, CallCause.PROBE) as counts,
        PimClient(
            connection, draw_number=draw_number, facts=facts, observe=counts.observe
        ) as client,
    ):
        await client.probe()
