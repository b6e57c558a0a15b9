"""The state of one simulated PIM: its shop, its stores, its clocks, and what it counts."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from simulator.calls import CallLog
from simulator.config import SimulatorConfig
from simulator.faults import AnswerScripts, LinkFaults, NodeClocks, Oddities, Rights
from simulator.render import Flavour, RenderedEdition, Renderer, ThingRenderer
from simulator.search import SearchContext
from simulator.shop import Assortment, Product, ProductModel, Shop, ThingKind, open_shop
from simulator.store import (
    Database,
    Part,
    SearchIndex,
    ShopFile,
    Snapshot,
    Stock,
    Structure,
    ThingStore,
    collect_parts,
)
from simulator.tokens import TokenDesk

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
        self.assortment = Assortment(
            config.seed, every_identifier=config.identifier_only, extras=shop.extras
        )
        self._file = None if config.shop is None else ShopFile(config.shop, config.kind_of_shop)
        founded = _found(config, self.assortment, shop)
        stock = founded if self._file is None else self._file.shop or founded
        self._life = stock.life
        self.platform_state = stock.platform
        self.fresh_extras = shop.fresh
        self.pools = shop.pools
        self.pools.products.extend(each.uuid for each in founded.products if each.parent is None)
        self.structure = Structure(stock.structure)
        self.things = ThingStore(stock.things, self.structure.touch)
        self.index: SearchIndex[Product] = SearchIndex([], self._seconds, config.index_lag_seconds)
        self.model_index: SearchIndex[ProductModel] = SearchIndex(
            [], self._seconds, config.index_lag_seconds
        )
        self.database = Database(
            stock.products,
            self.index.note,
            models=stock.models,
            model_listener=self.model_index.note,
            is_two_way=self.structure.is_two_way,
        )
        self.rebuild_indexes()
        self.renderer = Renderer(
            self.assortment,
            self.structure,
            self.database,
            config.base_url,
            RenderedEdition(self.things, is_enterprise=config.is_enterprise, saas=config.saas),
        )
        self.thing_renderer = ThingRenderer(
            self.structure, self.things, config.base_url, saas=config.saas
        )
        self.zone = ZoneInfo(config.timezone)
        self._begin_faults()
        self.tokens = TokenDesk(config, clock)
        self.calls = CallLog()
        self.edit_rng = self.chance("edits")
        self._go_on(stock)

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
        scorer, assortment = self.renderer.scorer, self.assortment
        return SearchContext(
            structure=self.structure,
            percents=lambda product: scorer.percents(product, assortment.values(product)),
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

    def chance(self, name: str) -> random.Random:
        """A generator of its own for `name`; a shop that is opened again draws other edits."""
        life = f":{self._life}" if self._life else ""
        return random.Random(f"{self.config.seed}:{name}{life}")

    def keep(self) -> None:
        """Have the shop's file hold what is true now, if it has one: then it may be told."""
        if self._file is None:
            return
        self._file.keep(
            collect_parts(
                products=self.database,
                removed=self.database.removed.values(),
                models=self.database.models,
                structure=self.structure,
                things=(thing for kind in ThingKind for thing in self.things.all(kind)),
                facts={
                    "made_for": self.config.kind_of_shop,
                    "life": self._life,
                    "next_number": self.next_number,
                    "platform": self.platform_state,
                },
            ),
            self._whole,
        )

    def close(self) -> None:
        """Let go of the shop's file."""
        if self._file is not None:
            self._file.close()

    def take_number(self) -> int:
        """The number of a product that did not exist before."""
        self.next_number += 1
        return self.next_number - 1

    def _begin_faults(self) -> None:
        """Nothing is wrong to begin with."""
        self.scripts = AnswerScripts()
        self.rights = Rights()
        self.link_faults = LinkFaults()
        self.oddities = Oddities()
        self.backup: Snapshot | None = None

    def _whole(self, part: Part) -> Part:
        if not isinstance(part, Product) or part.values is not None:
            return part
        return replace(part, values=self.assortment.values(part))

    def _go_on(self, stock: Stock) -> None:
        numbers = (product.number for product in self.database)
        self.next_number = max(max(numbers, default=-1) + 1, stock.next_number)
        self.database.removed.update((product.uuid, product) for product in stock.removed)
        if stock.life > 0:  # which of them were made or removed since is known by the things alone
            for kind in ThingKind:
                for family, codes in self.pools.of(kind).items():
                    codes[:] = [thing.code for thing in self.things.items(kind, family)]
        self.keep()

    def _seconds(self) -> float:
        return self.clock().timestamp()


def _found(config: SimulatorConfig, assortment: Assortment, shop: Shop) -> Stock:
    """What the shop begins with."""
    products = assortment.products(config.products)
    families = assortment.models(config.models, products)
    return Stock(
        products=[*products, *(variant for family in families for variant in family.variants)],
        models=[model for family in families for model in (family.root, *family.subs)],
        structure=[*shop.structure()],
        things=shop.things,
    )
