"""A state machine of random edits, losses, drains and sweeps, and what must hold in the end.

Rules of hypothesis, so that a failure is shown as the program that led to it. Their numbers are
places among what there is at that moment, so that any part of a program is a program again.
"""

import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.mirror_model_edits import ModelEdits
from tests.mirror_product_edits import TWO_WAY, ProductEdits
from tests.mirror_shop import MirrorShop
from tests.mirror_structure_edits import StructureEdits, ThingEdits
from tests.shop import open_shop


class Machine(ProductEdits, ModelEdits, StructureEdits, ThingEdits):
    """All edits, with the sync's own steps and the source's bad days between them.

    In the end the store equals the PIM after one full reconcile, and so it does without it where
    nothing was lost, but for what no event tells of: `MirrorShop.untold`, product by product.
    """

    fates: ClassVar[Counter[str]] = Counter()
    """Events by action and outcome, of all programs: what was played at all."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    @initialize(
        loses=st.sampled_from([False, False, True]),  # what is lost hides what a drain missed
        uses_uuid=st.booleans(),
        is_enterprise=st.booleans(),
        models=st.sampled_from([2, 0]),
        seed=st.integers(1, 5),
    )
    def begin(
        self, *, loses: bool, uses_uuid: bool, is_enterprise: bool, models: int, seed: int
    ) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        opened = open_shop(
            folder,
            products=8 - 2 * models,
            models=models,
            seed=seed,
            edition="EE" if is_enterprise else "CE",
            records=6,
            assets=6,
            webhook_use_uuid=uses_uuid,
            tunables={"SYNC_MAX_DELETE_SHARE": "1"},
        )
        self.mirror = MirrorShop(
            self._stack.enter_context(opened),
            folder,
            loses,
            has_models=models > 0,
            is_enterprise=is_enterprise,
        )
        two_way = {"changes": {"is_two_way": True}}
        self.mirror.post(f"structure/association-types/{TWO_WAY}", two_way)
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

    @rule(seldom=st.integers(0, 3))
    def sweep_full(self, seldom: int) -> None:
        """Not often: it repairs what drains should have seen to."""
        if seldom == 1:
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
        self.fates.update(f"{event.action} {event.state}" for event in mirror.shop.events())
        if not mirror.loses:
            unexplained = mirror.differing() - mirror.untold.keys()
            assert not unexplained, mirror.explain(unexplained)
        mirror.reconcile(full=True)
        assert not mirror.differing(), mirror.explain(mirror.differing())
        assert mirror.documents() == mirror.fresh_documents()
        left = {event.state for event in mirror.shop.events()} & {"due", "dead", "held"}
        assert not left, [each for each in mirror.shop.events() if each.state in left]
