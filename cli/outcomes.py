"""What an event's outcome means, in the words of who asks at night: pure."""

from storage.letters import ListedEvent

_MEANINGS = {
    "applied": "the PIM was asked, and what it showed was written",
    "unchanged": "the PIM was asked, and showed what the store had already",
    "outdated": "the PIM was not asked",
    "covered": "the PIM was not asked again",
    "coalesced": "the PIM was asked once for several events",
    "gone": "the PIM was asked",
    "filtered": "nothing was to be done",
    "dead": "given up",
    "held": "nothing is deleted until a person decides",
    "waiting": "put off",
    "due": "no drain has looked at it yet",
}

ASKED = frozenset({"applied", "unchanged", "gone"})
"""Outcomes that the event's own run has read the product for."""


def explain_outcome(event: ListedEvent) -> str:
    """Say an event's state, what it means, and the reason that was recorded."""
    meaning = _MEANINGS.get(event.state)
    said = f"{event.state}: {meaning}" if meaning else event.state
    reason = f" ({event.reason})" if event.reason else ""
    tries = f", at attempt {event.attempts}" if event.attempts > 1 else ""
    return f"{said}{tries}{reason}"
