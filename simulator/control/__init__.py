"""`/_simulator/`: what tests, benchmarks and the demo ask of the PIM behind its back.

The application takes `CONTROL_ROUTERS` and the `Director` that they lead to, and has products
written down ahead.
"""

from simulator.control.deliveries import router as deliveries_router
from simulator.control.director import Director
from simulator.control.faults import router as faults_router
from simulator.control.models import router as models_router
from simulator.control.oddities import router as oddities_router
from simulator.control.platform import router as platform_router
from simulator.control.products import encode_ahead
from simulator.control.products import router as products_router
from simulator.control.things import router as things_router

__all__ = ["CONTROL_ROUTERS", "Director", "encode_ahead"]

CONTROL_ROUTERS = (
    deliveries_router,
    products_router,
    models_router,
    things_router,
    faults_router,
    oddities_router,
    platform_router,
)
