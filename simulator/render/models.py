"""Product models as JSON, with what they inherit from their root."""

import zlib
from dataclasses import replace
from urllib.parse import quote

import orjson

from pim.json_types import JsonObject
from simulator.render.links import LinkRenderer
from simulator.render.scores import Scorer, quality_scores
from simulator.render.values import ValueRenderer
from simulator.render.view import Flavour, View
from simulator.shop import ProductModel, atom_time, stand_in
from simulator.store import Database

MODEL_VIEW = View(Flavour.IDENTIFIER)
"""Models name products by identifier, in lists by uuid too, and never show labels of options."""


class ModelRenderer:
    """Writes product models down."""

    def __init__(
        self,
        values: ValueRenderer,
        links: LinkRenderer,
        scorer: Scorer,
        database: Database,
        base_url: str,
        *,
        is_enterprise: bool,
    ) -> None:
        self._values = values
        self._scorer = scorer
        self._is_enterprise = is_enterprise
        self._links = links
        self._database = database
        self._base_url = base_url

    def body(self, model: ProductModel, view: View = MODEL_VIEW) -> JsonObject:
        """The model as a single GET answers it."""
        model = self._database.merged_model(model)
        shown = self._values.render(model.values, view)
        body: JsonObject = {
            "code": model.code,
            "family": model.family,
            "family_variant": model.family_variant,
            "parent": model.parent,
            "categories": [*model.categories],
            "values": {code: [*entries] for code, entries in shown.items()},
            "created": atom_time(model.created),
            "updated": atom_time(model.updated),
            "associations": self._links.plain(model, view.flavour),
            "quantified_associations": self._links.quantified(model, view.flavour),
        }
        if self._is_enterprise:
            body["metadata"] = {"workflow_status": "working_copy"}
        if view.with_scores:
            body["quality_scores"] = [*self._scores(model)]
        return body

    def encoded(self, model: ProductModel, view: View = MODEL_VIEW) -> bytes:
        """The body as JSON."""
        return orjson.dumps(self.body(model, view))

    def _scores(self, model: ProductModel) -> list[JsonObject]:
        # Scores ask for a number: some products, and so some models, have none yet.
        like = replace(stand_in(model), number=zlib.crc32(model.key.encode()))
        return quality_scores(like, self._scorer.percents(like, model.values))

    def item(self, model: ProductModel, view: View) -> bytes:
        """The model as an item of a list: its body with a link to itself in front."""
        href = f"{self._base_url}/api/rest/v1/product-models/{quote(model.code)}"
        links: JsonObject = {"_links": {"self": {"href": href}}}
        return orjson.dumps({**links, **self.body(model, view)})
