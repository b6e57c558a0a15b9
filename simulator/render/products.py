"""Products as JSON, and as bytes that are kept until the product or the structure changes."""

from urllib.parse import quote

import orjson

from pim.json_types import JsonObject, JsonValue
from simulator.render.links import LinkRenderer
from simulator.render.models import ModelRenderer
from simulator.render.scores import Scorer, completenesses, quality_scores
from simulator.render.values import ValueRenderer
from simulator.render.view import Flavour, RenderedEdition, View
from simulator.shop import IDENTIFIER, Assortment, Product, Values, atom_time
from simulator.store import Database, Structure

# 100,000 products with everything that can be asked of them: about 480 MB.
_KEPT_BYTES = 640 * 1024 * 1024

Kept = tuple[Product, int, bytes]


class Renderer:
    """Writes products down in every flavour that the PIM knows."""

    def __init__(
        self,
        assortment: Assortment,
        structure: Structure,
        database: Database,
        base_url: str,
        edition: RenderedEdition,
    ) -> None:
        self.scorer = Scorer(structure)
        self._assortment = assortment
        self._structure = structure
        self._database = database
        self._base_url = base_url
        self._values = ValueRenderer(structure, base_url, edition)
        self._links = LinkRenderer(structure, database)
        self.models = ModelRenderer(
            self._values,
            self._links,
            self.scorer,
            database,
            base_url,
            is_enterprise=edition.is_enterprise,
        )
        self._edition = edition
        self._kept: dict[tuple[str, View], Kept] = {}
        self._kept_bytes = 0

    def body(self, product: Product, view: View) -> JsonObject:
        """The product as a single GET answers it; a variant with all that it inherits."""
        product = self._database.merged(product)
        values = self._assortment.values(product)
        body = self._names(product, view.flavour)
        body.update(
            enabled=product.enabled,
            family=product.family,
            categories=[*product.categories],
            groups=[*product.groups],
            parent=product.parent,
            values=self._shown_values(product, values, view),
            created=atom_time(product.created),
            updated=atom_time(product.updated),
            associations=self._links.plain(product, view.flavour),
            quantified_associations=self._links.quantified(product, view.flavour),
        )
        if view.with_scores or view.with_completenesses:
            body.update(self._scores(product, values, view))
        if self._edition.is_enterprise:
            body["metadata"] = {"workflow_status": "working_copy"}
        return body

    def _scores(self, product: Product, values: Values, view: View) -> JsonObject:
        percents = self.scorer.percents(product, values)
        scores: JsonObject = {}
        if view.with_scores:
            scores["quality_scores"] = [*quality_scores(product, percents)]
        if view.with_completenesses:
            scores["completenesses"] = [*completenesses(percents)]
        return scores

    def item(self, product: Product, view: View) -> bytes:
        """The product as an item of a list: its body with a link to itself in front."""
        name, path = product.uuid, "products-uuid"
        if view.flavour is not Flavour.UUID:
            name, path = quote(product.identifier or ""), "products"
        href = orjson.dumps(f"{self._base_url}/api/rest/v1/{path}/{name}")
        return b"".join(
            (b'{"_links":{"self":{"href":', href, b"}},", self.encoded(product, view)[1:])
        )

    def encoded(self, product: Product, view: View) -> bytes:
        """The body as JSON, kept for the next reader of the same view unless that is narrowed.

        A variant is another object, and written down anew, as soon as one of its models changes.
        """
        product = self._database.merged(product)
        if view.is_narrowed:
            return orjson.dumps(self.body(product, view))
        key = (product.uuid, view)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is product and kept[1] == self._structure.version:
            return kept[2]
        made = orjson.dumps(self.body(product, view))
        self._keep(key, (product, self._structure.version, made))
        return made

    def _keep(self, key: tuple[str, View], kept: Kept) -> None:
        self._kept_bytes -= len(self._kept.pop(key, kept)[2]) if key in self._kept else 0
        self._kept[key] = kept
        self._kept_bytes += len(kept[2])
        while self._kept_bytes > _KEPT_BYTES:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._kept_bytes -= len(oldest[2])

    def _names(self, product: Product, flavour: Flavour) -> JsonObject:
        match flavour:
            case Flavour.UUID:
                return {"uuid": product.uuid}
            case Flavour.IDENTIFIER:
                return {"uuid": product.uuid, "identifier": product.identifier}
            case Flavour.LEGACY:
                return {"identifier": product.identifier}

    def _shown_values(self, product: Product, values: Values, view: View) -> JsonValue:
        shown: JsonObject = {}
        names_itself = view.attributes is None or IDENTIFIER in view.attributes
        if view.flavour is Flavour.UUID and product.identifier is not None and names_itself:
            shown[IDENTIFIER] = [*self._values.identifier(product.identifier)]
        for code, entries in self._values.render(values, view).items():
            shown[code] = [*entries]
        return shown
