"""What values may name: codes of records and assets, uuids of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pools:
    """Codes by entity or family; `products` is filled once there are any."""

    records: Mapping[str, Sequence[str]]
    assets: Mapping[str, Sequence[str]]
    products: list[str] = field(default_factory=list)
