"""The truth about every product, as the PIM would answer now."""

import asyncio
from collections.abc import AsyncIterator

from simulator.render.view import Flavour, full_view
from simulator.simulation import Simulation

_LINES_AT_ONCE = 100
_ENCODED_AT_ONCE = 10


async def truth_lines(simulation: Simulation, flavour: Flavour) -> AsyncIterator[bytes]:
    """Every product in the order of uuids, one JSON object a line, in chunks of lines.

    By identifier, products without one are left out, as in the PIM's own list.
    """
    view = full_view(flavour)
    lines: list[bytes] = []
    for product in simulation.database:
        if flavour is Flavour.UUID or product.identifier is not None:
            lines.append(simulation.renderer.encoded(product, view))
        if len(lines) == _LINES_AT_ONCE:
            yield b"\n".join((*lines, b""))
            lines.clear()
            # Others want their turn: 100,000 products take some seconds.
            await asyncio.sleep(0)
    if lines:
        yield b"\n".join((*lines, b""))


async def encode_ahead(simulation: Simulation) -> None:
    """Write every product down once, between other work, so that no sweep waits for it.

    The first sight of a product costs ten times what showing it again does.
    """
    view = full_view(simulation.own_flavour)
    for position, product in enumerate(simulation.database):
        simulation.renderer.encoded(product, view)
        if position % _ENCODED_AT_ONCE == 0:
            await asyncio.sleep(0)
