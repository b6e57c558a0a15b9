"""Edits of people and systems in the simulated PIM, and the events that they raise.

Outside are used sessions, single saves and what changes of the structure bring along; the kinds of
edits that sessions draw from stay inside.
"""

from simulator.edits.changes import parse_instant
from simulator.edits.consequences import follow_change, remove_item
from simulator.edits.editor import (
    Author,
    AuthorType,
    Editor,
    EventAction,
    PimEvent,
    Save,
    make_event,
    make_model_event,
)
from simulator.edits.item_events import (
    AnyEvent,
    ItemAction,
    ItemEvent,
    ItemKind,
    make_structure_event,
    make_thing_event,
)
from simulator.edits.sessions import EditSessions
from simulator.edits.variants import merge_model, merge_product, new_model

__all__ = [
    "AnyEvent",
    "Author",
    "AuthorType",
    "EditSessions",
    "Editor",
    "EventAction",
    "ItemAction",
    "ItemEvent",
    "ItemKind",
    "PimEvent",
    "Save",
    "follow_change",
    "make_event",
    "make_model_event",
    "make_structure_event",
    "make_thing_event",
    "merge_model",
    "merge_product",
    "new_model",
    "parse_instant",
    "remove_item",
]
