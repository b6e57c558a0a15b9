"""A state machine of random edits, losses, drains and sweeps, and what must hold in the end.

Rules of hypothesis, so that a failure is shown as the program that led to it. Their numbers are
places among what there is at that moment, so that any part of a program is a program again.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from pim.json_types import as_object
from simulator.shop.categories import CATEGORIES
from simulator.shop.options import OPTIONS
from tests.mirror_shop import MirrorShop, identifier_of
from tests.shop import open_shop

PLACES = st.integers(0, 1000)
LOCALES = st.sampled_from(["en_US", "de_DE", "fr_FR"])
WORDS = st.sampled_from(["Arc", "Bow", "Ébène", "日本", "000123", ""])
OPTION_LISTS = st.sampled_from(["color", "size", "brand"])
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

    @rule(which=PLACES, others=st.lists(PLACES, max_size=3))
    def associate(self, which: int, others: list[int]) -> None:
        targets = sorted({uuid for other in others if (uuid := self.mirror.pick(other))})
        self.change(which, {"associations": {"X_SELL": {"products": targets}}})

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


class StructureEdits(RuleBasedStateMachine):
    """Edits of what products refer to: no event tells of them."""

    mirror: MirrorShop

    @rule(attribute=OPTION_LISTS, option=PLACES, locale=LOCALES, text=WORDS)
    def label_option(self, attribute: str, option: int, locale: str, text: str) -> None:
        codes = [code for code, _ in OPTIONS[attribute]]
        path = f"structure/options/{codes[option % len(codes)]}?parent={attribute}"
        with self.mirror.telling(set(), "an option's label changed"):
            self.mirror.post(path, {"changes": {"labels": {locale: text}}})

    @rule(
        kind=st.sampled_from(["families", "categories", "attributes"]), locale=LOCALES, text=WORDS
    )
    def label(self, kind: str, locale: str, text: str) -> None:
        code = {"families": "shoes", "categories": CATEGORIES[3].code, "attributes": "color"}[kind]
        self.mirror.post(f"structure/{kind}/{code}", {"changes": {"labels": {locale: text}}})

    @rule(attribute=OPTION_LISTS, option=PLACES)
    def remove_option(self, attribute: str, option: int) -> None:
        codes = [code for code, _ in OPTIONS[attribute]]
        with self.mirror.telling(set(), "an option is gone"):
            self.mirror.delete(f"structure/options/{codes[option % len(codes)]}", parent=attribute)

    @rule(locale=LOCALES, on=st.booleans())
    def switch_locale(self, locale: str, on: bool) -> None:  # noqa: FBT001
        with self.mirror.telling(set(), "a locale was switched"):
            self.mirror.post(f"structure/locales/{locale}", {"changes": {"enabled": on}})


class Machine(ProductEdits, StructureEdits):
    """All edits, with the sync's own steps and the source's bad days between them.

    In the end the store equals the PIM after one full reconcile, and so it does without it where
    nothing was lost, but for what no event tells of: `MirrorShop.untold`, product by product.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    @initialize(loses=st.booleans(), uses_uuid=st.booleans(), seed=st.integers(1, 5))
    def begin(self, loses: bool, uses_uuid: bool, seed: int) -> None:  # noqa: FBT001
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        opened = open_shop(
            folder,
            products=8,
            seed=seed,
            webhook_use_uuid=uses_uuid,
            webhook_timeout_seconds=30.0,
            tunables={"SYNC_MAX_DELETE_SHARE": "1"},
        )
        self.mirror = MirrorShop(self._stack.enter_context(opened), folder, loses)
        self.mirror.trouble(drop=0.3 if loses else 0.0)
        self.mirror.reconcile(full=True)

    @rule()
    def drain(self) -> None:
        self.mirror.drain()

    @rule()
    def drain_again(self) -> None:
        self.mirror.drain()

    @rule()
    def sweep_delta(self) -> None:
        self.mirror.reconcile(full=False)

    @rule()
    def sweep_full(self) -> None:
        self.mirror.reconcile(full=True)

    @rule(pause=st.booleans())
    def hold_deliveries_back(self, pause: bool) -> None:  # noqa: FBT001
        self.mirror.shop.control("deliveries/pause" if pause else "deliveries/resume")

    @rule(seconds=st.sampled_from([0, 0.2, 3600]))
    def let_the_index_lag(self, seconds: float) -> None:
        self.mirror.lag(seconds)

    def teardown(self) -> None:
        with self._stack:
            if hasattr(self, "mirror"):
                self._must_hold()

    def _must_hold(self) -> None:
        mirror = self.mirror
        mirror.come_to_rest()
        if not mirror.loses:
            unexplained = mirror.differing() - mirror.untold.keys()
            assert not unexplained, mirror.explain(unexplained)
        mirror.reconcile(full=True)
        assert not mirror.differing(), mirror.explain(mirror.differing())
        assert mirror.documents() == mirror.fresh_documents()
        left = {event.state for event in mirror.shop.events()} & {"due", "dead", "held"}
        assert not left, [each for each in mirror.shop.events() if each.state in left]
