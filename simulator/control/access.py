"""How a control endpoint gets at the director."""

from fastapi import Request

from simulator.control.director import Director


def director_of(request: Request) -> Director:
    """The director that this application was built with."""
    director = request.app.state.director
    assert isinstance(director, Director)  # noqa: S101 - build_simulator put it there
    return director
