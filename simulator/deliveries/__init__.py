"""Deliveries of the simulated PIM to a subscriber: payloads, signatures, and their faults.

Everything is asked of the `Dispatcher`; a `Subscription` says whom it tells.
"""

from simulator.deliveries.dispatcher import Dispatcher
from simulator.deliveries.webhook import Subscription

__all__ = ["Dispatcher", "Subscription"]
