"""Rules of the mirror's state machine: edits of products."""

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from pim.json_types import as_object
from simulator.shop.categories import CATEGORIES
from simulator.shop.options import OPTIONS
from tests.mirror_shop import MirrorShop, identifier_of

PLACES = st.integers(0, 1000)
LOCALES = st.sampled_from(["en_US", "de_DE", "fr_FR"])
WORDS = st.sampled_from(["Arc", "Bow", "Ébène", "日本", "000123", ""])
OPTION_LISTS = st.sampled_from(["color", "size", "brand"])
TWO_WAY = "UPSELL"
"""Made two-way for these tests: the other side shows it, too, and nobody tells of that."""

MOST_UNANNOUNCED = 15
"""Fewer than may vanish in an hour without a person: holding them is tested elsewhere."""


class ProductEdits(RuleBasedStateMachine):
    """Edits of products, each told by one event unless it is lost."""

    mirror: MirrorShop
    made = 0

    def change(self, which: int, changes: dict[str, object], *, silent: bool = False) -> None:
        uuid = self.mirror.pick(which)
        if uuid is not None:
            self.mirror.save(uuid, changes, silent=silent)

    @rule(which=PLACES, locale=LOCALES, text=WORDS, silent=st.booleans())
    def name(self, which: int, locale: str, text: str, silent: bool) -> None:  # noqa: FBT001
        entry = {"data": text or None, "locale": locale, "scope": None}
        self.change(which, {"values": {"name": [entry]}}, silent=silent)

    @rule(which=PLACES, attribute=OPTION_LISTS, option=PLACES)
    def choose(self, which: int, attribute: str, option: int) -> None:
        codes = [code for code, _ in OPTIONS[attribute]]
        entry = {"data": codes[option % len(codes)], "locale": None, "scope": None}
        self.change(which, {"values": {attribute: [entry]}})

    @rule(which=PLACES, attribute=PLACES)
    def clear(self, which: int, attribute: int) -> None:
        uuid = self.mirror.pick(which)
        values = {} if uuid is None else as_object(self.mirror.shop.truth()[uuid]["values"])
        filled = sorted(values.keys() - {"sku"})
        if uuid is not None and filled:
            self.mirror.save(uuid, {"values": {filled[attribute % len(filled)]: []}})

    @rule(which=PLACES, silent=st.booleans())
    def switch(self, which: int, silent: bool) -> None:  # noqa: FBT001
        uuid = self.mirror.pick(which)
        if uuid is not None:
            is_on = self.mirror.shop.truth()[uuid]["enabled"]
            self.mirror.save(uuid, {"enabled": not is_on}, silent=silent)

    @rule(which=PLACES, categories=st.lists(PLACES, max_size=3))
    def categorize(self, which: int, categories: list[int]) -> None:
        codes = sorted({CATEGORIES[place % len(CATEGORIES)].code for place in categories})
        self.change(which, {"categories": codes})

    @rule(
        which=PLACES, others=st.lists(PLACES, max_size=3), kind=st.sampled_from(["X_SELL", TWO_WAY])
    )
    def associate(self, which: int, others: list[int], kind: str) -> None:
        targets = sorted({uuid for other in others if (uuid := self.mirror.pick(other))})
        self.change(which, {"associations": {kind: {"products": targets}}})

    @rule(which=PLACES, how=st.sampled_from(["new", "none", "upper", "lower", "zeros"]))
    def rename(self, which: int, how: str) -> None:
        uuid = self.mirror.pick(which)
        if uuid is None:
            return
        present = identifier_of(self.mirror.shop.truth()[uuid]) or "Nameless"
        self.made += 1
        named = {
            "new": f"renamed-{self.made}",
            "none": None,
            "upper": present.upper(),
            "lower": present.lower(),
            "zeros": f"000{self.made}",
        }
        self.mirror.save(uuid, {"identifier": named[how]})

    @rule(one=PLACES, other=PLACES)
    def swap_identifiers(self, one: int, other: int) -> None:
        first, second = self.mirror.pick(one), self.mirror.pick(other)
        if first is None or second is None or first == second:
            return
        truth = self.mirror.shop.truth()
        names = identifier_of(truth[first]), identifier_of(truth[second])
        self.mirror.save(first, {"identifier": None})
        self.mirror.save(second, {"identifier": names[0]})
        self.mirror.save(first, {"identifier": names[1]})

    @rule(which=PLACES, silent=st.booleans())
    def remove(self, which: int, silent: bool) -> None:  # noqa: FBT001
        uuid = self.mirror.pick(which)
        if uuid is not None and self.mirror.unannounced < MOST_UNANNOUNCED:
            self.mirror.remove(uuid, silent=silent)

    @rule(which=PLACES, same=st.booleans())
    def remove_and_create_again(self, which: int, same: bool) -> None:  # noqa: FBT001
        self.remove(which, silent=False)
        if self.mirror.removed:
            self.create_again(-1, same)

    @rule(family=st.sampled_from([None, "shoes", "laptops"]), text=WORDS)
    def create(self, family: str | None, text: str) -> None:
        self.made += 1
        entry = {"data": text or None, "locale": "en_US", "scope": None}
        changes = {"identifier": f"made-{self.made}", "family": family, "values": {"name": [entry]}}
        self.mirror.create(str(UUID(int=self.made, version=4)), changes)

    @precondition(lambda self: self.mirror.removed)
    @rule(which=PLACES, same=st.booleans())
    def create_again(self, which: int, same: bool) -> None:  # noqa: FBT001
        """Under the identifier it had, as another product or as itself."""
        self.made += 1
        uuid, identifier = self.mirror.removed[which % len(self.mirror.removed)]
        fresh = str(UUID(int=2**100 + self.made, version=4))
        self.mirror.create(uuid if same else fresh, {"identifier": identifier})
