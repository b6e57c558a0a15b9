"""The Event Platform beside the simulated PIM: its management API, deliveries and notices.

The application takes the router and the handler of its refusals; everything else is asked of the
`Platform`.
"""

from simulator.platform.platform import Platform
from simulator.platform.ready import check_ready_made
from simulator.platform.refusals import PlatformRefusal, refusal_response
from simulator.platform.registry import Status, Subscription
from simulator.platform.routes import ROOT, router

__all__ = [
    "ROOT",
    "Platform",
    "PlatformRefusal",
    "Status",
    "Subscription",
    "check_ready_made",
    "refusal_response",
    "router",
]
