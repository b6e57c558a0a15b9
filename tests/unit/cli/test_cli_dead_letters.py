"""Which dead letters are meant, and what is said of those that cannot be taken."""

import pytest
import typer

from cli.guard import CommandError
from cli.views.choices import check_count, choose_dead_letters


@pytest.mark.parametrize(("ids", "every"), [(None, False), ([], False), (["e-1"], True)])
def test_neither_or_both_is_wrong_usage(ids: list[str] | None, every: bool) -> None:  # noqa: FBT001 - a case
    with pytest.raises(typer.BadParameter, match="--all"):
        choose_dead_letters(ids, every=every)


def test_all_is_none_and_an_id_named_twice_is_one() -> None:
    assert choose_dead_letters(None, every=True) is None
    assert choose_dead_letters(["b", "a", "b"], every=False) == ["b", "a"]


def test_what_was_done_is_counted() -> None:
    assert check_count(1, None, what="due again") == "1 dead letter due again"
    assert check_count(2, choose_dead_letters(["a", "b"], every=False), what="discarded") == (
        "2 dead letters discarded"
    )


def test_ids_that_are_no_dead_letters_are_not_passed_over() -> None:
    chosen = choose_dead_letters(["a", "b", "c"], every=False)
    with pytest.raises(CommandError, match="1 dead letter due again; 2 of 3 ids are no dead"):
        check_count(1, chosen, what="due again")
