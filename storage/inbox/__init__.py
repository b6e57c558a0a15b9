"""The inbox: deliveries and their events, the door of the drain, and refusals.

Outside, a receiver stores batches, a drain opens the door, takes chunks and settles them, and
operators list events; the conditions on events are for the other rooms of this package.
"""

from storage.inbox.batches import (
    Stored,
    identifier_resource,
    item_resource,
    model_resource,
    store_batch,
    store_notice,
    store_rejected,
)
from storage.inbox.conditions import is_due, is_open, is_put_off, require_door
from storage.inbox.deliveries import (
    SILENCE_ALARM,
    Delivery,
    SourceChange,
    end_silence,
    list_deliveries,
    list_told,
    read_delays,
    read_last_deliveries,
    read_last_delivery,
)
from storage.inbox.door import (
    DoorAlive,
    DoorView,
    DrainNeed,
    Opened,
    Predecessor,
    close_door,
    open_door,
    raise_attempt,
    read_door,
    read_drain_need,
    renew_lease,
    reopen_door,
)
from storage.inbox.due_events import (
    Chunk,
    DueEvent,
    count_due_events,
    count_due_products,
    take_chunk,
)
from storage.inbox.listed_events import (
    ListedEvent,
    discard_events,
    list_events,
    replay_events,
    select_events,
)
from storage.inbox.refusals import CONNECTIONS_ONLY, Refusals, count_refusal, list_refusals
from storage.inbox.settling import (
    EventRowId,
    Settlement,
    give_back_all,
    put_off_events,
    settle_events,
)

__all__ = [
    "CONNECTIONS_ONLY",
    "SILENCE_ALARM",
    "Chunk",
    "Delivery",
    "DoorAlive",
    "DoorView",
    "DrainNeed",
    "DueEvent",
    "EventRowId",
    "ListedEvent",
    "Opened",
    "Predecessor",
    "Refusals",
    "Settlement",
    "SourceChange",
    "Stored",
    "close_door",
    "count_due_events",
    "count_due_products",
    "count_refusal",
    "discard_events",
    "end_silence",
    "give_back_all",
    "identifier_resource",
    "is_due",
    "is_open",
    "is_put_off",
    "item_resource",
    "list_deliveries",
    "list_events",
    "list_refusals",
    "list_told",
    "model_resource",
    "open_door",
    "put_off_events",
    "raise_attempt",
    "read_delays",
    "read_door",
    "read_drain_need",
    "read_last_deliveries",
    "read_last_delivery",
    "renew_lease",
    "reopen_door",
    "replay_events",
    "require_door",
    "select_events",
    "settle_events",
    "store_batch",
    "store_notice",
    "store_rejected",
    "take_chunk",
]
