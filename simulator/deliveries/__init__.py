"""Deliveries of the simulated PIM to a subscriber: payloads, signatures, and their faults.

Everything is asked of the `Dispatcher`; a `Subscription` says whom it tells. Fates are drawn for
deliveries of the Event Platform too.
"""

from simulator.deliveries.dispatcher import Dispatcher
from simulator.deliveries.faults import FORGED_SECRET, Fate, FateDrawer
from simulator.deliveries.webhook import Subscription

__all__ = ["FORGED_SECRET", "Dispatcher", "Fate", "FateDrawer", "Subscription"]
