"""What only a PIM of the cloud says beside a value: its type, what it links to, a unit's symbol."""

from pim.json_types import JsonObject, as_object, as_text
from simulator.store.structure import Structure

_METRIC = "pim_catalog_metric"


class CloudWords:
    """Adds to the entries of an attribute what the cloud says of them."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure

    def added(self, code: str, entries: list[JsonObject]) -> list[JsonObject]:
        """The entries with `attribute_type`, and with what their type has besides."""
        item = self._structure.get("attributes", code)
        if item is None:
            return entries
        said: JsonObject = {"attribute_type": item.body["type"]}
        linked = as_text(item.body.get("reference_data_name"))
        if linked is not None:
            said["reference_data_name"] = linked
        if item.body["type"] == _METRIC:
            family = str(item.body.get("metric_family"))
            entries = [self._with_symbol(family, entry) for entry in entries]
        return [{**entry, **said} for entry in entries]

    def _with_symbol(self, family: str, entry: JsonObject) -> JsonObject:
        item = self._structure.get("measurement-families", family)
        units = {} if item is None else as_object(item.body.get("units"))
        data = as_object(entry["data"])
        symbol = as_object(units.get(str(data.get("unit")))).get("symbol")
        return {**entry, "data": {**data, "symbol": symbol}}
