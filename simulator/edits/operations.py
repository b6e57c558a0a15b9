"""The kinds of edits that an editor of a shop makes, drawn from a random generator."""

import random
from collections.abc import Callable
from dataclasses import replace

from pim.json_types import JsonObject, JsonValue
from simulator.edits.editor import Author, Editor, PimEvent
from simulator.shop import (
    CATEGORIES,
    EXTRA_CATEGORIES,
    LOCALES,
    OPTIONS,
    Entity,
    Product,
    fillable,
    fresh_value,
    make_uuid,
    plain,
    price_in_euros,
    product_names,
    sure_identifier,
    words_for,
)
from simulator.simulation import Simulation

Change = Callable[[random.Random, Simulation, Product], JsonObject]

_SELECTS = ("color", "size", "season", "gender", "country_of_origin")
_NEVER_CLEARED = frozenset({"name"})
_OTHERS_NOTED = 500


def rename(rng: random.Random, _simulation: Simulation, product: Product) -> JsonObject:
    """Another name, in one locale."""
    noun = rng.choice(words_for(product).nouns)
    position = rng.randrange(len(LOCALES))
    text = product_names(rng, noun)[position]
    return _one("name", {"data": text, "locale": LOCALES[position], "scope": None})


def reprice(rng: random.Random, _simulation: Simulation, product: Product) -> JsonObject:
    """Another price, in both currencies."""
    lowest, highest = words_for(product).prices
    return {"values": {"price": [*price_in_euros(rng.randint(lowest, highest) + 0.9)]}}


def recategorize(rng: random.Random, _simulation: Simulation, entity: Entity) -> JsonObject:
    """Into one category more, or out of one."""
    codes = set(entity.categories)
    pool = (*EXTRA_CATEGORIES, rng.choice(CATEGORIES).code)
    codes ^= {rng.choice(pool)}
    return {"categories": [*sorted(codes)]}


def switch(_rng: random.Random, _simulation: Simulation, product: Product) -> JsonObject:
    """On if it was off, off if it was on."""
    return {"enabled": not product.enabled}


def clear_value(rng: random.Random, simulation: Simulation, product: Product) -> JsonObject:
    """One attribute emptied."""
    filled = simulation.assortment.values(product).keys() - _NEVER_CLEARED
    return {"values": {rng.choice(sorted(filled)): []}} if filled else {}


def fill_value(rng: random.Random, simulation: Simulation, product: Product) -> JsonObject:
    """One attribute filled that was empty, or another text where none was."""
    values = simulation.assortment.values(product)
    empty = [code for code in fillable(product) if code not in values]
    code = rng.choice(empty or ["short_description"])
    return {"values": {code: [*fresh_value(rng, code, product)]}}


def choose_option(rng: random.Random, simulation: Simulation, product: Product) -> JsonObject:
    """Another option of a select attribute."""
    values = simulation.assortment.values(product)
    present = [code for code in _SELECTS if code in values] or ["brand"]
    code = rng.choice(present)
    option = rng.choice(OPTIONS[code])[0]
    return {"values": {code: [*plain(option)]}}


def rename_identifier(rng: random.Random, simulation: Simulation, product: Product) -> JsonObject:
    """Another SKU: the uuid stays, and everything that was keyed by the SKU is wrong."""
    return {"identifier": sure_identifier(rng, simulation.take_number(), product.family)}


_CHANGES: tuple[tuple[int, Change], ...] = (
    (22, reprice),
    (14, rename),
    (12, fill_value),
    (12, choose_option),
    (10, recategorize),
    (10, clear_value),
    (8, switch),
    (2, rename_identifier),
)


def change_product(
    rng: random.Random, simulation: Simulation, product: Product, author: Author
) -> PimEvent | None:
    """One edit of one of many kinds; None if it happened to change nothing."""
    weights = [weight for weight, _change in _CHANGES]
    change = rng.choices(_CHANGES, weights)[0][1]
    return Editor(simulation).change(product, change(rng, simulation, product), author)


def create_product(rng: random.Random, simulation: Simulation, author: Author) -> PimEvent:
    """Create a new product; answer its event."""
    others = [found.uuid for _ in range(4) if (found := simulation.database.pick(rng)) is not None]
    product = simulation.assortment.product(rng, simulation.take_number(), others)
    return Editor(simulation).create(product, author)


def recreate_product(rng: random.Random, simulation: Simulation, author: Author) -> PimEvent | None:
    """A removed product comes back: mostly as a new one of the same SKU, sometimes as itself."""
    removed = list(simulation.database.removed.values())[-_OTHERS_NOTED:]
    if not removed:
        return None
    former = rng.choice(removed)
    if not simulation.database.is_free(former.identifier, former.uuid):
        return None
    if former.parent is not None and simulation.database.models.get(former.parent) is None:
        return None
    uuid = former.uuid if rng.random() < 0.3 else make_uuid(rng)  # noqa: PLR2004 - now and then
    values: dict[str, list[JsonObject]] = dict(simulation.assortment.values(former))
    values.pop("tags", None)
    back = replace(former, uuid=uuid, values=values, associations={}, quantified={})
    return Editor(simulation).create(back, author)


def _one(code: str, entry: dict[str, JsonValue]) -> JsonObject:
    return {"values": {code: [entry]}}
