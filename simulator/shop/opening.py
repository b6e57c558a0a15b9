"""Which shop a configuration opens: its structure, its extra attributes, its records and assets."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.config import SimulatorConfig
from simulator.shop.asset_families import asset_structure
from simulator.shop.assets import asset_codes, make_assets
from simulator.shop.enterprise import enterprise_extras
from simulator.shop.entities import entity_structure
from simulator.shop.extras import NO_EXTRAS, Extras
from simulator.shop.pools import Pools
from simulator.shop.records import make_records, record_codes
from simulator.shop.structure import StructureItem, make_structure
from simulator.shop.things import Thing


@dataclass(frozen=True, slots=True)
class Shop:
    """What there is in the shop before its products."""

    extras: Extras
    pools: Pools
    things: list[Thing]
    is_enterprise: bool
    with_variants: bool

    def structure(self) -> Iterator[StructureItem]:
        """Everything but products, records and assets."""
        yield from make_structure(self.extras, with_variants=self.with_variants)
        if self.is_enterprise:
            yield from entity_structure()
            yield from asset_structure()


def open_shop(config: SimulatorConfig) -> Shop:
    """The shop of this configuration; a Community shop has no records and assets."""
    extras, pools, things = NO_EXTRAS, Pools({}, {}), []
    if config.is_enterprise:
        pools = Pools(record_codes(config.records), asset_codes(config.assets))
        things += make_records(config.seed, pools.records)
        things += make_assets(config.seed, pools.assets)
        extras = enterprise_extras(pools)
    return Shop(
        extras,
        pools,
        things,
        is_enterprise=config.is_enterprise,
        with_variants=config.models > 0,
    )
