"""The forms in which the simulated PIM writes things down: REST bodies, items, scores.

Outside are used the two renderers and what they are asked for (`View`, `Narrowing`); values, tables
and associations are theirs alone.
"""

from simulator.render.models import MODEL_VIEW
from simulator.render.products import Renderer
from simulator.render.scores import Percent, grade_product
from simulator.render.tables import without_options
from simulator.render.things import Narrowing, ThingRenderer
from simulator.render.view import Flavour, RenderedEdition, View, asked_view, full_view

__all__ = [
    "MODEL_VIEW",
    "Flavour",
    "Narrowing",
    "Percent",
    "RenderedEdition",
    "Renderer",
    "ThingRenderer",
    "View",
    "asked_view",
    "full_view",
    "grade_product",
    "without_options",
]
