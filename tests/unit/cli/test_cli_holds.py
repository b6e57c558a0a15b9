"""Which held deletions a person means, and what became of them."""

from datetime import datetime

import pytest

from cli.commands.approve import describe_approval
from cli.guard import CommandError
from cli.views.choices import choose_holds
from flows.approval import ApprovalReport
from pim.ids import ProductKey
from storage.products.holds import HeldDeletion


@pytest.fixture
def holds(now: datetime) -> list[HeldDeletion]:
    known = [("k-1", "SKU-1"), ("k-2", "sku-2"), ("k-3", None), ("k-4", "SKU-1")]
    return [
        HeldDeletion(number, ProductKey(key), identifier, "sweep", None, now, 0)
        for number, (key, identifier) in enumerate(known)
    ]


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        ([], []),
        (["SKU-2"], ["k-2"]),
        (["K-3"], ["k-3"]),
        (["sku-1"], ["k-1", "k-4"]),
        (["k-2", "SKU-2"], ["k-2"]),
    ],
)
def test_a_name_is_a_key_or_an_identifier_in_any_case(
    holds: list[HeldDeletion], names: list[str], keys: list[str]
) -> None:
    assert choose_holds(holds, names) == keys


def test_a_name_that_means_none_is_said(holds: list[HeldDeletion]) -> None:
    with pytest.raises(CommandError, match="no deletion is held for 'SKU-9', 'x'"):
        choose_holds(holds, ["SKU-1", "SKU-9", "x"])


def test_what_became_of_them_is_a_line_each() -> None:
    report = ApprovalReport(
        deleted=[ProductKey("a"), ProductKey("b")], still_there=[ProductKey("c")]
    )
    assert describe_approval(report) == [
        "2 products deleted",
        "1 product found in the PIM again: not deleted, brought up to date",
    ]
    assert describe_approval(ApprovalReport(kept=[ProductKey("a")])) == [
        "1 product kept; nothing was deleted"
    ]
