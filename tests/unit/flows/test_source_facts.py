"""What is made of a source that is asked anew what it is."""

from dataclasses import replace

import pytest

from flows.run.source_facts import NO_UUIDS, renew_facts
from pim.reading.discovery import FoundFacts, SourceFacts
from pim.vocabulary import Identity

SIX = SourceFacts(Identity.IDENTIFIER, "sku", "6.0.1", "CE")
SEVEN = SourceFacts(Identity.UUID, "sku", "7.0.1", "CE")


def found(facts: SourceFacts) -> FoundFacts:
    return FoundFacts(facts.identity, facts.main_identifier, facts.version, facts.edition)


@pytest.mark.parametrize("known", [SIX, SEVEN])
def test_what_is_as_it_was_is_no_news(known: SourceFacts) -> None:
    renewed = renew_facts(known, found(known))
    assert (renewed.facts, renewed.news) == (known, ())


@pytest.mark.parametrize("known", [SIX, SEVEN])
def test_what_was_not_told_stays(known: SourceFacts) -> None:
    renewed = renew_facts(known, FoundFacts())
    assert (renewed.facts, renewed.news) == (known, ())


def test_a_source_that_begins_to_know_uuids_is_gone_by_and_its_keys_move() -> None:
    renewed = renew_facts(SIX, found(SEVEN))
    assert renewed.facts == SEVEN
    assert renewed.begins_move
    assert any("7.0.1" in line for line in renewed.news)
    assert any("by uuid" in line for line in renewed.news)


def test_the_way_back_is_not_gone_and_is_said() -> None:
    renewed = renew_facts(SEVEN, found(SIX))
    assert renewed.facts == replace(SIX, identity=Identity.UUID)
    assert renewed.lost_uuids
    assert not renewed.begins_move
    assert NO_UUIDS in renewed.news


def test_each_other_change_is_gone_by_and_said_by_name() -> None:
    other = replace(SEVEN, main_identifier="ean", version="8.0", edition="EE")
    renewed = renew_facts(SEVEN, found(other))
    assert renewed.facts == other
    assert [line.split(" of the PIM")[0] for line in renewed.news] == [
        "the version",
        "the edition",
        "the main identifier",
    ]


def test_a_version_that_was_never_told_is_news_once() -> None:
    renewed = renew_facts(replace(SIX, version=None), found(SIX))
    assert renewed.news == ("the version of the PIM is 6.0.1 now, no more untold",)
