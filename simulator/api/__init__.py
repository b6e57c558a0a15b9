"""The PIM's REST API: routes, links, errors and who may call.

The application takes `API_ROUTERS` in their order with both layers, and control endpoints answer in
the same JSON; routes and paging are nobody else's.
"""

from simulator.api.answers import JSON, error_response, json_response, refusal
from simulator.api.gate import Gate
from simulator.api.media import router as media_router
from simulator.api.models import router as models_router
from simulator.api.odd_layer import OddLayer
from simulator.api.products import router as products_router
from simulator.api.structure import router as structure_router
from simulator.api.system import router as system_router
from simulator.api.things import router as things_router

__all__ = ["API_ROUTERS", "JSON", "Gate", "OddLayer", "error_response", "json_response", "refusal"]

# In the order in which they are tried: the structure's take what no other has.
API_ROUTERS = (
    system_router,
    products_router,
    models_router,
    media_router,
    things_router,
    structure_router,
)
