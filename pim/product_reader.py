"""Reading one product by its own URL, which asks the PIM's database and not its search index."""

from pim.caller import Caller, NumberedAnswer
from pim.connection import SourceFacts
from pim.errors import (
    InvalidAnswer,
    SourceNotFound,
    SourceUnexpectedNotFound,
)
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.known_list import KnownList, is_of_a_route, reads_at_all
from pim.product import SourceProduct, is_same_to_source, parse_product
from pim.reads import ProductRead
from pim.search import identifier_in, uuid_in
from pim.transport import Query, api_path
from pim.vocabulary import Identity

OPTIONS: Query = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}
"""What an answer carries along; a PIM too old for one of them ignores it."""

_NOBODY = ProductKey("6e6f626f-6479-4000-8000-000000000000")
"""No product's key: reading it asks the source for everything but a product's data."""

_LISTINGS = {Identity.UUID: "products-uuid", Identity.IDENTIFIER: "products"}


class ProductReader:
    """Reads by key, and knows an absence from an error."""

    def __init__(self, caller: Caller, known: KnownList, facts: SourceFacts) -> None:
        self._caller = caller
        self._known = known
        self._facts = facts

    @property
    def identity(self) -> Identity:
        """What products are called by."""
        return self._facts.identity

    @property
    def main_identifier(self) -> str | None:
        """The attribute that holds the identifier, if the source has told."""
        return self._facts.main_identifier

    @property
    def listing(self) -> str:
        """The path of the product listing."""
        return api_path(_LISTINGS[self.identity])

    @property
    def nobody(self) -> JsonObject:
        """A search of the listing that no product matches."""
        search = uuid_in if self.identity is Identity.UUID else identifier_in
        return search([_NOBODY])

    def name_of(self, key: ProductKey, identifier: str | None) -> str:
        """What the source calls the product with this key."""
        return identifier if identifier and self.identity is Identity.IDENTIFIER else key

    def parse(self, body: JsonObject) -> SourceProduct:
        """Take one product apart; raises InvalidAnswer, also where an answer has no `values`.

        Each product's answer has them (null is the empty): a lack of them, or a text in their
        place, would be taken for none and empty its document.
        """
        product = parse_product(
            body, identity=self.identity, main_identifier=self._facts.main_identifier
        )
        if not isinstance(body.get("values", ""), dict | list | None):
            raise InvalidAnswer(f"the answer on product {product.key} has no `values`")
        return product

    async def read(self, key: ProductKey, name: str) -> ProductRead:
        """Read one product by its URL; `name` is its key as the source writes it.

        Absent is what Akeneo itself answers 404 to, in a session in which a known list answers;
        and an identifier for which the product of another spelling comes.

        Raises:
            SourceError: of the call; InvalidAnswer too if another product came than was asked for.
        """
        path = api_path(_LISTINGS[self.identity], name)
        answer = await self._caller.read(path, OPTIONS)
        if answer.not_found is not None:
            await self._confirm_absence(answer.not_found)
            return ProductRead(key, answer.interval, None)
        return self._found(key, answer, path)

    async def answers_now(self) -> bool:
        """Ask anew: does the source, at this moment, read products by their URLs at all?"""
        path = api_path(_LISTINGS[self.identity], _NOBODY)
        return await reads_at_all(self._caller, path, OPTIONS)

    async def _confirm_absence(self, error: SourceNotFound) -> None:
        """Akeneo says 404 of routes it does not have, too: that says nothing about a product."""
        if is_of_a_route(error):
            raise SourceUnexpectedNotFound(
                "the source has no such route (another version of the PIM?)",
                method=error.method,
                path=error.path,
                status=error.status,
                excerpt=error.excerpt,
            )
        await self._known.confirm()

    def _found(self, key: ProductKey, answer: NumberedAnswer, path: str) -> ProductRead:
        if not isinstance(answer.body, dict):
            raise InvalidAnswer("the answer is no product", method="GET", path=path)
        product = self.parse(answer.body)
        if product.key == key:
            return ProductRead(key, answer.interval, product)
        if self.identity is Identity.IDENTIFIER and is_same_to_source(product.key, key):
            return ProductRead(key, answer.interval, None)  # it is spelled otherwise now
        raise InvalidAnswer(f"{product.key} came instead of {key}", method="GET", path=path)
