"""Subscriptions of the Event Platform: which are ours and how they are.

Outside, the client is opened here, and what it shows is looked through here.
"""

from flows.subscriptions.management import (
    Overview,
    choose_ours,
    open_management,
    read_overview,
)

__all__ = ["Overview", "choose_ours", "open_management", "read_overview"]
