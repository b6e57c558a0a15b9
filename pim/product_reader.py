"""Reading one product by its own URL, which asks the PIM's database and not its search index."""

from pim.blame import NOBODY, is_of_a_route, why_not_read
from pim.caller import Caller, NumberedAnswer
from pim.connection import SourceFacts
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceRequestRefused,
    SourceUnexpectedNotFound,
)
from pim.ids import ProductKey
from pim.json_types import JsonValue, as_object, as_text
from pim.known_list import KnownList
from pim.paging import items_of
from pim.product import SourceProduct, is_same_to_source, parse_product
from pim.reads import ProductRead
from pim.transport import Query, api_path
from pim.vocabulary import Identity

OPTIONS: Query = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}
"""What an answer carries along; a PIM too old for one of them ignores it."""

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

    def name_of(self, key: ProductKey, identifier: str | None) -> str:
        """What the source calls the product with this key."""
        return identifier if identifier and self.identity is Identity.IDENTIFIER else key

    def parse(self, item: JsonValue) -> SourceProduct:
        """Take one product apart.

        Each product's answer has `values` (null is the empty): a lack of them, or a text in their
        place, would be taken for none and empty its document.

        Raises:
            InvalidAnswer: it is none, or one that we cannot read: its neighbours are no worse.
        """
        if not isinstance(item, dict):
            raise InvalidAnswer(f"an item of the listing is no product: {item!r:.80}")
        try:
            product = parse_product(
                item, identity=self.identity, main_identifier=self._facts.main_identifier
            )
        except InvalidAnswer:
            raise
        except Exception as error:  # whatever it is, it is this item's
            raise InvalidAnswer(f"a product that cannot be read: {error!r}") from error
        if not isinstance(item.get("values", ""), dict | list | None):
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

    async def why_not_now(self) -> SourceError | None:
        """Ask anew: None if the source, at this moment, reads products by their URLs.

        Where it refuses to say that it has none such, one that it has must be refused, too.
        """
        path = api_path(_LISTINGS[self.identity], NOBODY)
        error = await why_not_read(self._caller, path, OPTIONS)
        if isinstance(error, SourceRequestRefused | SourceForbidden):
            return None if await self._reads_any() else error
        return error

    async def reads_now(self) -> bool:
        """Whether the source, at this moment, reads products by their URLs at all."""
        return await self.why_not_now() is None

    async def _reads_any(self) -> bool:
        """Whether one of the first products of the listing can be read by its URL."""
        query = {"pagination_type": "search_after", "limit": "5"}
        try:
            listed = await self._caller.get(self.listing, query)
            items = map(as_object, items_of(listed.body, self.listing))
            names = [as_text(item.get(self.identity.value)) for item in items]
        except SourceError:
            return False
        for name in filter(None, names):
            path = api_path(_LISTINGS[self.identity], name)
            if await why_not_read(self._caller, path, OPTIONS) is None:
                return True
        return False

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
