"""What changes a product in the PIM without an event, and how far: everything else is told."""

from enum import Enum

from pim.json_types import JsonObject


class Untold(Enum):
    """A reason, and what of a product it can change."""

    NOTHING = frozenset[str]()
    LABEL = frozenset({"values"})  # an option's label comes along with the value
    # What a value names is gone, or back: an option, a locale, a record, an asset.
    NAMED = frozenset({"values", "completenesses", "quality_scores"})
    TWO_WAY = frozenset({"associations"})  # the other side of an association

    def explains(self, before: JsonObject | None, after: JsonObject | None) -> bool:
        """Whether it can have made this difference."""
        if before is None or after is None:
            return False
        names = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        return names <= self.value
