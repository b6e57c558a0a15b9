"""Messages to shops: each webhook is sent the feed's changes, signed, from its own position on.

Outside, a run is made, a single message is sent, and who is to be told is asked; Prefect is
imported nowhere here.
"""

from flows.notifying.message import MOST_CHANGES, make_ping
from flows.notifying.posting import Answer, HttpPost
from flows.notifying.report import NotifyReport, describe_notifying
from flows.notifying.run import notify_due, notify_shops, read_notify_key

__all__ = [
    "MOST_CHANGES",
    "Answer",
    "HttpPost",
    "NotifyReport",
    "describe_notifying",
    "make_ping",
    "notify_due",
    "notify_shops",
    "read_notify_key",
]
