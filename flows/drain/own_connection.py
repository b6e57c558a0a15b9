"""Events of our own connection: echoes of what it wrote, and news of its end.

Only the Event Platform tells of these; the Events API leaves a connection's own changes out.
"""

from collections.abc import Sequence
from datetime import datetime

from flows.drain.report import ChunkOutcome
from flows.drain.settle import Fence
from pim.event_platform import is_platform_type, short_type
from pim.vocabulary import Outcome
from settings import Settings
from storage import Transaction
from storage.inbox import DueEvent, Settlement
from storage.state import clear_alarm, list_alarms, raise_alarm

CONNECTION_ALARM = "connection-deleted"
ECHO = "our own client wrote it, and SYNC_SKIP_OWN_EVENTS is set"

_ENDS = frozenset({"app.deleted", "connection.deleted"})
_API = "api"  # the author's type where a client of the REST API wrote


def own_client(settings: Settings) -> str | None:
    """The client id of our connection; an App's is known where AKENEO_CLIENT_ID says it."""
    return settings.source.login.client_id if settings.source is not None else None


async def settle_own(
    fence: Fence, events: Sequence[DueEvent]
) -> tuple[list[DueEvent], ChunkOutcome]:
    """Settle echoes, where the operator wants that, and sound the alarm if our connection is gone.

    Answers the events that are left.

    Raises:
        FenceLost: another drain took over.
    """
    settings = fence.session.settings
    client = own_client(settings)
    if client is None:
        return list(events), ChunkOutcome()
    if any(_tells_our_end(event, client) for event in events):
        await fence.session.write(_raise, client, fence.session.now())
    if not settings.event_platform.skips_own_events:
        return list(events), ChunkOutcome()
    echoes = {event.row_id for event in events if _is_echo(event, client)}
    outcome = await fence.settle(
        [Settlement(row_id, Outcome.FILTERED, ECHO) for row_id in sorted(echoes)]
    )
    return [event for event in events if event.row_id not in echoes], outcome


def end_connection_alarm(tx: Transaction, client: str | None) -> None:
    """Clear the alarm once another connection has taken the place of the one that is gone."""
    for alarm in list_alarms(tx):
        if alarm.name == CONNECTION_ALARM and f"({client})" not in alarm.text:
            clear_alarm(tx, name=CONNECTION_ALARM)


def _raise(tx: Transaction, client: str, now: datetime) -> None:
    text = (
        f"the PIM told that our own connection ({client}) was deleted: once its token has run out, "
        "nothing can be read any more"
    )
    raise_alarm(tx, name=CONNECTION_ALARM, text=text, now=now)


def _tells_our_end(event: DueEvent, client: str) -> bool:
    return (
        is_platform_type(event.action)
        and short_type(event.action) in _ENDS
        and event.code == client
    )


def _is_echo(event: DueEvent, client: str) -> bool:
    return is_platform_type(event.action) and event.author_type == _API and event.author == client
