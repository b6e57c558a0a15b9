"""Subscriptions of the Event Platform: which are ours, how they are, and what follows from it.

Outside, the client is opened and looked through here, and one look is made; who asks for sweeps is
handed over.
"""

from flows.subscriptions.catch_up import ACTIVATION_DELAY
from flows.subscriptions.management import (
    Overview,
    choose_ours,
    open_management,
    read_overview,
)
from flows.subscriptions.watching import WatchReport, watch_subscriptions

__all__ = [
    "ACTIVATION_DELAY",
    "Overview",
    "WatchReport",
    "choose_ours",
    "open_management",
    "read_overview",
    "watch_subscriptions",
]
