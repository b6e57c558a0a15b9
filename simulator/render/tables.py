"""Tables as a reader sees them: without columns, options and records that are gone."""

from collections.abc import Iterable

from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from simulator.shop import ThingKind
from simulator.store import Structure, ThingStore

_Column = JsonObject


class TableRenderer:
    """Leaves out cells that name nothing any more, and rows whose first cell is gone."""

    def __init__(self, structure: Structure, things: ThingStore) -> None:
        self._structure = structure
        self._things = things

    def shown(self, attribute: str, entries: list[JsonObject]) -> Iterable[JsonObject]:
        """The entries of one attribute, each with the rows that are left."""
        item = self._structure.get("attributes", attribute)
        columns = read_columns({} if item is None else item.body)
        for entry in entries:
            rows = [self._row(as_object(row), columns) for row in as_list(entry["data"])]
            kept = [row for row in rows if row]
            if kept:
                yield {**entry, "data": [*kept]}

    def _row(self, row: JsonObject, columns: list[_Column]) -> JsonObject:
        cells: JsonObject = {}
        for position, column in enumerate(columns):
            code = str(column["code"])
            cell = self._cell(column, row.get(code))
            if cell is None and position == 0:
                return {}
            if cell is not None:
                cells[code] = cell
        return cells

    def _cell(self, column: _Column, cell: JsonValue) -> JsonValue:
        if not isinstance(cell, str):
            return cell
        match column["data_type"]:
            case "select":
                options = {
                    code.casefold(): code
                    for option in as_list(column.get("options"))
                    if (code := as_text(as_object(option).get("code"))) is not None
                }
                return options.get(cell.casefold())
            case "reference_entity":
                entity = str(column.get("reference_entity_identifier"))
                record = self._things.get(ThingKind.RECORD, entity, cell)
                return None if record is None else record.code
            case _:
                return cell


def read_columns(attribute: JsonObject) -> list[_Column]:
    """The columns of a table, or none for any other attribute."""
    return [as_object(column) for column in as_list(attribute.get("table_configuration"))]


def without_options(attribute: JsonObject) -> JsonObject:
    """The attribute as it is shown to who did not ask for the options of its columns."""
    columns = read_columns(attribute)
    if not columns:
        return attribute
    bare: list[JsonValue] = [
        {name: value for name, value in column.items() if name != "options"} for column in columns
    ]
    return {**attribute, "table_configuration": bare}
