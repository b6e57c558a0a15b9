"""Values of table attributes: their rows stay as they are; what their codes mean stands beside.

A column of type `select` holds codes of the column's own options, one of type `reference_entity`
codes of records, one of type `measurement` units of a family of measures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object
from pim.structure import labels_of, text_of

TABLE = "pim_catalog_table"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: `name` is its code casefolded, `options` the labels of its options, by such codes.

    `entity`: the reference entity whose records it names. `measures`: the measurement family of its
    units.
    """

    code: str
    name: str
    labels: JsonObject
    options: Mapping[str, JsonObject]
    entity: str | None
    measures: str | None


def columns_of(attribute: JsonObject | None) -> Iterator[TableColumn]:
    """The columns of a table attribute that have a code."""
    for column in as_list(None if attribute is None else attribute.get("table_configuration")):
        body = as_object(column)
        code = text_of(body, "code")
        if code is not None:
            yield TableColumn(
                code=code,
                name=code.casefold(),
                labels=labels_of(body),
                options={
                    (text_of(option, "code") or "").casefold(): labels_of(option)
                    for option in map(as_object, as_object(body.get("options")).values())
                },
                entity=text_of(body, "reference_entity_identifier"),
                measures=text_of(body, "measurement_family_code"),
            )


def cells_of(entry: JsonObject) -> dict[str, list[str]]:
    """The codes in a table's value by column (casefolded), each once, in the order of the rows."""
    cells: dict[str, dict[str, None]] = {}
    for row in as_list(entry.get("data")):
        for name, cell in as_object(row).items():
            if code := _code(cell):
                cells.setdefault(name.casefold(), {})[code] = None
    return {name: list(codes) for name, codes in cells.items()}


def explain_table(
    columns: Sequence[TableColumn],
    entry: JsonObject,
    *,
    unit: Callable[[str, str], JsonObject],
    record: Callable[[str, str], JsonObject],
) -> JsonObject:
    """`labels` and `record` of a table's value, each by column.

    `labels`: {column: {"labels": by locale, "options": {code: by locale}}}, where a unit of measure
    counts as an option. `record`: {column: {code: record}}. What is not known is left out.
    `unit` and `record` give what is shown of a unit by its family and of a record by its entity.
    """
    labels: JsonObject = {}
    records: JsonObject = {}
    cells = cells_of(entry)
    for column in columns:
        codes = cells.get(column.name, [])
        if column.measures is not None:
            known = {code: unit(column.measures, code) for code in codes}
        else:
            known = {code: column.options.get(code.casefold(), {}) for code in codes}
        options: JsonObject = {code: shown for code, shown in known.items() if shown}
        labels[column.code] = {
            "labels": column.labels,
            **({"options": options} if options else {}),
        }
        if column.entity is not None:
            found = {code: record(column.entity, code) for code in codes}
            if named := {code: shown for code, shown in found.items() if shown}:
                records[column.code] = {**named}
    return {
        **({"labels": labels} if labels else {}),
        **({"record": records} if records else {}),
    }


def _code(cell: JsonValue) -> str | None:
    code = as_code(cell)
    return text_of(as_object(cell), "unit") if code is None else code
