import re
from pathlib import Path

from fastapi.routing import APIRoute

from simulator.control import backstock, cabinet, oddities, shelf, stage, trouble

TEXT = (Path(__file__).parents[3] / "simulator" / "CONTROL.md").read_text()
NAMED = set(re.findall(r"`?[A-Z]+ (/_simulator/[\w/{}]+)", TEXT))


def test_every_control_endpoint_is_described_and_no_other() -> None:
    parts = [module.router for module in (shelf, backstock, cabinet, oddities, stage, trouble)]
    routes = {
        route.path.replace(":path", "")
        for part in parts
        for route in part.routes
        if isinstance(route, APIRoute)
    }

    assert routes == NAMED
