"""How a route gets at the PIM it belongs to."""

from fastapi import Request

from simulator.simulation import Simulation


def simulation_of(request: Request) -> Simulation:
    """The simulation that this application was built around."""
    simulation = request.app.state.simulation
    assert isinstance(simulation, Simulation)  # noqa: S101 - build_simulator put it there
    return simulation
