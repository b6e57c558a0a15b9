import re
from pathlib import Path

from fastapi.routing import APIRoute

from simulator.control import CONTROL_ROUTERS

TEXT = (Path(__file__).parents[3] / "simulator" / "CONTROL.md").read_text()
NAMED = set(re.findall(r"`?[A-Z]+ (/_simulator/[\w/{}]+)", TEXT))


def test_every_control_endpoint_is_described_and_no_other() -> None:
    routes = {
        route.path.replace(":path", "")
        for router in CONTROL_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
    }

    assert routes == NAMED
