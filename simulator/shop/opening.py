"""Which shop a configuration opens: its structure, its extra attributes, its records and assets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.config import SimulatorConfig
from simulator.shop.all_types import IDENTIFIER_TYPE
from simulator.shop.all_values import every_type
from simulator.shop.asset_families import asset_structure
from simulator.shop.assets import asset_codes, make_assets
from simulator.shop.attributes import IDENTIFIER
from simulator.shop.enterprise import enterprise_extras
from simulator.shop.entities import entity_structure
from simulator.shop.extras import NO_EXTRAS, Extras
from simulator.shop.pools import Pools
from simulator.shop.records import make_records, record_codes
from simulator.shop.structure import StructureItem, make_structure
from simulator.shop.tables import table_extras
from simulator.shop.things import Thing


@dataclass(frozen=True, slots=True)
class Shop:
    """What there is in the shop before its products.

    `extras` make the values that products begin with, out of what there is now: a record that is
    made later is in none of them. `fresh` make those of later edits, out of what there is then.
    """

    extras: Extras
    fresh: Extras
    pools: Pools
    things: list[Thing]
    is_enterprise: bool
    saas: bool
    with_variants: bool

    def structure(self) -> Iterator[StructureItem]:
        """Everything but products, records and assets."""
        for item in make_structure(self.extras, with_variants=self.with_variants):
            yield _said_in_the_cloud(item) if self.saas else item
        if self.is_enterprise:
            yield from entity_structure()
            yield from asset_structure()


def open_shop(config: SimulatorConfig) -> Shop:
    """The shop of this configuration; a Community shop has no records and assets."""
    pools, things = Pools({}, {}), []
    if config.is_enterprise:
        pools = Pools(record_codes(config.records), asset_codes(config.assets))
        things += make_records(config.seed, pools.records)
        things += make_assets(config.seed, pools.assets)
    return Shop(
        _extras(config, pools.as_they_are()),
        _extras(config, pools),
        pools,
        things,
        is_enterprise=config.is_enterprise,
        saas=config.saas,
        with_variants=config.models > 0,
    )


def _extras(config: SimulatorConfig, pools: Pools) -> Extras:
    extras = NO_EXTRAS
    if config.is_enterprise:
        extras = enterprise_extras(pools).joined(
            table_extras(pools, saas=config.saas, legacy=config.identifier_only)
        )
    if config.is_enterprise or config.every_type:
        extras = every_type(saas=config.saas).joined(extras)
    return extras


def _said_in_the_cloud(item: StructureItem) -> StructureItem:
    """Where several attributes may be identifiers, each says whether it is the main one."""
    if item.kind != "attributes" or item.body["type"] != IDENTIFIER_TYPE:
        return item
    return replace(item, body={**item.body, "is_main_identifier": item.code == IDENTIFIER})
