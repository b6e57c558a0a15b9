"""How a route gets at the PIM it belongs to, and at the links of its request."""

from fastapi import Request

from simulator.api.paging import Links
from simulator.simulation import Simulation


def simulation_of(request: Request) -> Simulation:
    """The simulation that this application was built around."""
    simulation = request.app.state.simulation
    assert isinstance(simulation, Simulation)  # noqa: S101 - build_simulator put it there
    return simulation


def links_of(request: Request) -> Links:
    """The links of this request, faulty where the PIM's are."""
    simulation = simulation_of(request)
    base_url = simulation.config.base_url
    return Links(base_url, request.url, request.query_params, simulation.link_faults)
