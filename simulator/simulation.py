"""The simulated PIM put together: its shop, its stores, and what it counts."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from simulator.api.paging import LinkFaults
from simulator.api.tokens import TokenDesk
from simulator.calls import CallLog
from simulator.clocks import NodeClocks
from simulator.config import SimulatorConfig
from simulator.oddities.standing import Oddities
from simulator.render.edition import RenderedEdition
from simulator.render.renderer import Renderer
from simulator.render.things import ThingRenderer
from simulator.render.view import Flavour
from simulator.rights import Rights
from simulator.scripts import AnswerScripts
from simulator.search.context import SearchContext
from simulator.shop.catalogue import Catalogue
from simulator.shop.model import ProductModel
from simulator.shop.opening import open_shop
from simulator.shop.product import Product
from simulator.store.database import Database, Snapshot
from simulator.store.index import SearchIndex
from simulator.store.structure import Structure
from simulator.store.things import ThingStore

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


class Simulation:
    """State of one simulated PIM. Everything in it is used from one event loop."""

    def __init__(self, config: SimulatorConfig, clock: Clock = wall_clock) -> None:
        self.config = config
        self.clock = clock
        self.node_clocks = NodeClocks(clock)
        shop = open_shop(config)
        self.catalogue = Catalogue(
            config.seed, every_identifier=config.identifier_only, extras=shop.extras
        )
        products = self.catalogue.products(config.products)
        families = self.catalogue.models(config.models, products)
        variants = [variant for family in families for variant in family.variants]
        self.fresh_extras = shop.fresh
        self.pools = shop.pools
        self.pools.products.extend(product.uuid for product in products)
        self.structure = Structure(shop.structure())
        self.things = ThingStore(shop.things, self.structure.touch)
        self.index: SearchIndex[Product] = SearchIndex([], self._seconds, config.index_lag_seconds)
        self.model_index: SearchIndex[ProductModel] = SearchIndex(
            [], self._seconds, config.index_lag_seconds
        )
        self.database = Database(
            [*products, *variants],
            self.index.note,
            models=[model for family in families for model in (family.root, *family.subs)],
            model_listener=self.model_index.note,
            is_two_way=self.structure.is_two_way,
        )
        self.rebuild_indexes()
        self.renderer = Renderer(
            self.catalogue,
            self.structure,
            self.database,
            config.base_url,
            RenderedEdition(self.things, is_enterprise=config.is_enterprise, saas=config.saas),
        )
        self.thing_renderer = ThingRenderer(
            self.structure, self.things, config.base_url, saas=config.saas
        )
        self.tokens = TokenDesk(config, clock)
        self.calls = CallLog()
        self.scripts = AnswerScripts()
        self.rights = Rights()
        self.link_faults = LinkFaults()
        self.oddities = Oddities()
        self.backup: Snapshot | None = None
        self.zone = ZoneInfo(config.timezone)
        numbers = (product.number for product in self.database)
        self.next_number = max(numbers, default=-1) + 1
        self.edit_rng = random.Random(f"{config.seed}:edits")

    @property
    def own_flavour(self) -> Flavour:
        """How this PIM names products best: by uuid, or before version 7 by identifier."""
        return Flavour.LEGACY if self.config.identifier_only else Flavour.UUID

    @property
    def has_models(self) -> bool:
        """Whether this is a shop with product models, even if all of them are gone by now."""
        return self.config.models > 0 or len(self.database.models) > 0

    def now_seconds(self) -> int:
        """The time of the node that saves next, in whole seconds, as it stamps what it saves."""
        return int(self.node_clocks.save_time().timestamp())

    def search_context(self) -> SearchContext:
        """What filters need to know, as of now."""
        scorer, catalogue = self.renderer.scorer, self.catalogue
        return SearchContext(
            structure=self.structure,
            percents=lambda product: scorer.percents(product, catalogue.values(product)),
            variants=self.database.variants_of,
            zone=self.zone,
            now=self.clock(),
            legacy=self.config.identifier_only,
        )

    def visible(self, product: Product | None) -> Product | None:
        """The product, if there is one and the connection may see it."""
        return None if product is None or self.rights.hides(product.uuid) else product

    def visible_model(self, model: ProductModel | None) -> ProductModel | None:
        """The model, if there is one and the connection may see it."""
        return None if model is None or self.rights.hides(model.code) else model

    def rebuild_indexes(self) -> None:
        """Index everything anew, as it is in the database."""
        self.index.rebuild(map(self.database.merged, self.database))
        self.model_index.rebuild(map(self.database.merged_model, self.database.models))

    def take_number(self) -> int:
        """The number of a product that did not exist before."""
        self.next_number += 1
        return self.next_number - 1

    def _seconds(self) -> float:
        return self.clock().timestamp()
