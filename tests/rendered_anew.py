"""Documents as they are stored, and as they are when everything is rendered anew."""

from pim.json_types import JsonValue, as_object
from pim.product import parse_product
from pim.vocabulary import Identity
from tests.shop import Shop


def documents(shop: Shop) -> dict[str, JsonValue]:
    return {key: line["document"] for key, line in shop.exported().items()}


async def rendered_anew(shop: Shop) -> dict[str, JsonValue]:
    """Every document made from what is stored, by a run that has kept nothing."""
    products = [
        parse_product(as_object(line["source"]), identity=Identity.UUID, main_identifier="sku")
        for line in shop.exported().values()
    ]
    async with shop.session() as session:
        found = await session.catalog.render(products)
    return {key: each.document.body for key, each in found.items()}
