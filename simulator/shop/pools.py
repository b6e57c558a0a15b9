"""What values may name: codes of records and assets, uuids of products."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.shop.things import ThingKind


@dataclass(frozen=True, slots=True)
class Pools:
    """Codes by entity or family; `products` is filled once there are any."""

    records: Mapping[str, list[str]]
    assets: Mapping[str, list[str]]
    products: list[str] = field(default_factory=list)

    def of(self, kind: ThingKind) -> Mapping[str, list[str]]:
        """The codes of a kind."""
        return self.records if kind is ThingKind.RECORD else self.assets

    def as_they_are(self) -> "Pools":
        """The codes of records and assets as of now, whatever is made or removed later."""
        records = {entity: [*codes] for entity, codes in self.records.items()}
        assets = {family: [*codes] for family, codes in self.assets.items()}
        return Pools(records, assets, self.products)
