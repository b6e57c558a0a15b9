"""References written as differences: what a product already refers to is not touched again.

A product's row is locked by its writer, so nobody else moves its bits; the rows that hold them it
shares with others of its block. They are written in one order, and a bit at a time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import bindparam, delete, insert, select, update

from pim.ids import ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.database import Transaction, in_slices
from storage.references.users import NAME, PLACE
from storage.tables import BITS, BLOCK, WORDS

NameKey: TypeAlias = tuple[str, str, str]
"""Kind, and casefolded parent and code."""

_PLACES_LOCK = "reference places"


@dataclass(frozen=True, slots=True)
class _Place:
    block: int
    place: int
    names: frozenset[int] = frozenset()


def key_of(reference: Reference) -> NameKey:
    """Give the key of a name: so it is compared, whoever wrote it."""
    return (str(reference.kind), reference.parent.casefold(), reference.code.casefold())


def replace_references(tx: Transaction, wanted: Mapping[ProductKey, Collection[Reference]]) -> None:
    """Make the references of these products the wanted ones; the caller has locked their rows."""
    if not wanted:
        return
    numbers = _number_names(tx, {key_of(each) for some in wanted.values() for each in some})
    named = {key: frozenset(numbers[key_of(each)] for each in some) for key, some in wanted.items()}
    there = _read_places(tx, sorted(wanted))
    moved = {key: (at, named[key]) for key, at in there.items() if named[key] != at.names}
    come = {key: names for key, names in sorted(named.items()) if names and key not in there}
    _write_names(tx, list(moved.values()))
    _write_users(tx, [*moved.values(), *_give_places(tx, come)])


def _number_names(tx: Transaction, names: Collection[NameKey]) -> dict[NameKey, int]:
    """The numbers of these names; those that nobody has referred to before get one."""
    numbers = _read_numbers(tx, sorted(names))
    if new := sorted(set(names) - numbers.keys()):
        tx.execute_plain(
            "INSERT INTO reference_name (kind, parent_key, code_key) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [*new],
        )
        numbers |= _read_numbers(tx, new)
    return numbers


def _read_numbers(tx: Transaction, names: Sequence[NameKey]) -> dict[NameKey, int]:
    # Joined with a list of values: for a list of triples SQLite would walk the whole table.
    numbers: dict[NameKey, int] = {}
    for some in in_slices(names):
        rows = tx.execute_plain(
            "WITH wanted (kind, parent_key, code_key) AS (VALUES"
            f" {', '.join(['(?, ?, ?)'] * len(some))})"
            " SELECT name.kind, name.parent_key, name.code_key, name.id FROM wanted"
            " JOIN reference_name name ON name.kind = wanted.kind"
            " AND name.parent_key = wanted.parent_key AND name.code_key = wanted.code_key",
            tuple(part for name in some for part in name),
        )
        numbers |= {(row.kind, row.parent_key, row.code_key): row.id for row in rows}
    return numbers


def _read_places(tx: Transaction, keys: Sequence[ProductKey]) -> dict[ProductKey, _Place]:
    places: dict[ProductKey, _Place] = {}
    for some in in_slices(keys):
        rows = tx.execute(select(PLACE).where(PLACE.c.product_key.in_(some)))
        places |= {
            ProductKey(row.product_key): _Place(row.block, row.place, row.names) for row in rows
        }
    return places


def _give_places(
    tx: Transaction, come: Mapping[ProductKey, frozenset[int]]
) -> list[tuple[_Place, frozenset[int]]]:
    """Give products the next places, so that few blocks hold all; one transaction at a time."""
    if not come:
        return []
    tx.queue_for(_PLACES_LOCK)
    newest = (
        select(PLACE.c.block, PLACE.c.place)
        .order_by(PLACE.c.block.desc(), PLACE.c.place.desc())
        .limit(1)
    )
    last = tx.execute(newest).one_or_none()
    first = 0 if last is None else last.block * BLOCK + last.place + 1
    places = [_Place(*divmod(number, BLOCK)) for number in range(first, first + len(come))]
    rows = [
        {"block": at.block, "place": at.place, "product_key": key, "names": names}
        for at, (key, names) in zip(places, come.items(), strict=True)
    ]
    tx.execute(insert(PLACE), rows)
    return list(zip(places, come.values(), strict=True))


def _write_names(tx: Transaction, moved: Sequence[tuple[_Place, frozenset[int]]]) -> None:
    if moved:
        at = (PLACE.c.block == bindparam("at_block"), PLACE.c.place == bindparam("at_place"))
        tx.execute(
            update(PLACE).where(*at),
            [
                {"at_block": place.block, "at_place": place.place, "names": names}
                for place, names in moved
            ],
        )


def _write_users(tx: Transaction, changed: Iterable[tuple[_Place, frozenset[int]]]) -> None:
    """Set the bits of what is new, and clear those of what is gone; a row without any goes."""
    bits: dict[tuple[int, int], list[int]] = {}
    for at, names in changed:
        for name in names ^ at.names:
            bits.setdefault((name, at.block), [0, 0])[name in names] |= 1 << at.place
    if not bits:
        return
    rows = [(*key, *_words(new), *_words(~old)) for key, (old, new) in sorted(bits.items())]
    tx.execute_plain(_SET_BITS, rows)
    if cleared := sorted(key for key, (old, _) in bits.items() if old):
        tx.execute_plain(_DELETE_EMPTY, cleared)


def _words(bits: int) -> tuple[int, ...]:
    return tuple(bits >> BITS * number & _ALL for number in range(len(WORDS)))


_ALL = 2**BITS - 1
_SET_BITS = (
    f"INSERT INTO reference_user (name, block, {', '.join(WORDS)})"
    f" VALUES (?, ?, {', '.join('?' * len(WORDS))}) ON CONFLICT (name, block) DO UPDATE SET "
    + ", ".join(f"{word} = (reference_user.{word} & ?) | excluded.{word}" for word in WORDS)
)
_DELETE_EMPTY = "DELETE FROM reference_user WHERE name = ? AND block = ?" + "".join(
    f" AND {word} = 0" for word in WORDS
)


def list_referred_names(
    tx: Transaction, keys: Collection[ProductKey], kind: CatalogKind
) -> list[tuple[ProductKey, str]]:
    """List the names of a kind, which has no parents, that these products refer to (casefolded)."""
    places = _read_places(tx, sorted(keys))
    found: dict[int, str] = {}
    for some in in_slices(sorted(set[int]().union(*(at.names for at in places.values())))):
        names = select(NAME.c.id, NAME.c.code_key).where(
            NAME.c.id.in_(some), NAME.c.kind == kind, NAME.c.parent_key == ""
        )
        found |= {row.id: row.code_key for row in tx.execute(names)}
    return [(key, found[name]) for key, at in places.items() for name in at.names if name in found]


def remove_places(tx: Transaction, keys: Collection[ProductKey]) -> None:
    """Forget products that are stored no more, with what they refer to."""
    replace_references(tx, dict.fromkeys(keys, ()))
    tx.execute(delete(PLACE).where(PLACE.c.product_key.in_(keys)))
