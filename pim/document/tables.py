"""Values of table attributes: their rows stay as they are; what their codes mean stands beside.

A column of type `select` holds codes of the column's own options, one of type `reference_entity`
codes of records, one of type `measurement` units of a family of measures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pim.document.lookups import CatalogView, unit_labels, view_record
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object
from pim.structure import Reference, labels_of, text_of
from pim.vocabulary import CatalogKind

TABLE = "pim_catalog_table"


@dataclass(frozen=True, slots=True)
class _Column:
    code: str
    body: JsonObject

    @property
    def entity(self) -> str | None:
        """The reference entity whose records it names."""
        return text_of(self.body, "reference_entity_identifier")

    @property
    def measures(self) -> str | None:
        """The measurement family of its units."""
        return text_of(self.body, "measurement_family_code")


def table_references(attribute: JsonObject | None, entry: JsonObject) -> Iterator[Reference]:
    """The records and measurement families that a table's value names."""
    for column in _columns(attribute):
        if column.entity is not None:
            for code in _cells(entry, column):
                yield Reference(CatalogKind.RECORD, column.entity, code)
        if column.measures is not None:
            yield Reference(CatalogKind.MEASUREMENT_FAMILY, "", column.measures)


def explain_table(
    attribute: JsonObject | None, entry: JsonObject, catalog: CatalogView
) -> JsonObject:
    """`labels` and `record` of a table's value, each by column.

    `labels`: {column: {"labels": by locale, "options": {code: by locale}}}, where a unit of measure
    counts as an option. `record`: {column: {code: record}}. What is not known is left out.
    """
    labels: JsonObject = {}
    records: JsonObject = {}
    for column in _columns(attribute):
        options = _options(column, entry, catalog)
        labels[column.code] = {
            "labels": labels_of(column.body),
            **({"options": options} if options else {}),
        }
        if known := _records(column, entry, catalog):
            records[column.code] = known
    return {
        **({"labels": labels} if labels else {}),
        **({"record": records} if records else {}),
    }


def _columns(attribute: JsonObject | None) -> Iterator[_Column]:
    for column in as_list(None if attribute is None else attribute.get("table_configuration")):
        body = as_object(column)
        code = text_of(body, "code")
        if code is not None:
            yield _Column(code, body)


def _options(column: _Column, entry: JsonObject, catalog: CatalogView) -> JsonObject:
    if column.measures is not None:
        family = catalog.get(CatalogKind.MEASUREMENT_FAMILY, "", column.measures)
        known = {unit: unit_labels(family, unit) for unit in _cells(entry, column)}
    else:
        listed = {
            (text_of(option, "code") or "").casefold(): labels_of(option)
            for option in map(as_object, as_object(column.body.get("options")).values())
        }
        known = {code: listed.get(code.casefold(), {}) for code in _cells(entry, column)}
    return {code: labels for code, labels in known.items() if labels}


def _records(column: _Column, entry: JsonObject, catalog: CatalogView) -> JsonObject:
    if column.entity is None:
        return {}
    known = {
        code: catalog.get(CatalogKind.RECORD, column.entity, code) for code in _cells(entry, column)
    }
    return {code: view_record(body, code) for code, body in known.items() if body is not None}


def _cells(entry: JsonObject, column: _Column) -> list[str]:
    """The codes in a column, each once, in the order of the rows."""
    wanted = column.code.casefold()
    cells = [
        _code(cell)
        for row in as_list(entry.get("data"))
        for name, cell in as_object(row).items()
        if name.casefold() == wanted
    ]
    return list(dict.fromkeys(code for code in cells if code))


def _code(cell: JsonValue) -> str | None:
    code = as_code(cell)
    return text_of(as_object(cell), "unit") if code is None else code
