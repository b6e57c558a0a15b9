import pytest

from simulator.news.filters import ANY, Facts, FilterError, parse_filter

PLAIN: Facts = {"user": frozenset({"julia"}), "user_type": frozenset({"user"})}
CHANGED: Facts = {
    **PLAIN,
    "attribute": frozenset({"name", "price"}),
    "scope": frozenset({"ecommerce"}),
    "locale": frozenset({"en_US", "fr_FR"}),
}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ('user="julia"', True),
        ('user="mary"', False),
        ('not user="julia"', False),
        ('user_type in ("api", "user")', True),
        ('user_type in ("api","job")', False),
        ('not user_type="system" and not user="mary"', True),
        ('user="mary" or user="julia" and user_type="user"', True),
        ('(user="mary" or user="julia") and user_type="api"', False),
        ('not (user="mary" or user_type="api")', True),
        ('attribute="price"', True),
        ('attribute="weight"', False),
        ('scope="ecommerce" and locale="fr_FR"', True),
        ('channel="ecommerce"', True),
        ('channel="print"', False),
    ],
)
def test_a_filter_is_read_as_it_is_documented(text: str, *, passes: bool) -> None:
    assert parse_filter(text).lets_pass(CHANGED) is passes


@pytest.mark.parametrize(
    "text", ['attribute="name"', 'not locale="en_US"', 'user="julia" or scope="x"']
)
def test_an_event_that_lacks_a_field_never_passes(text: str) -> None:
    assert not parse_filter(text).lets_pass(PLAIN)


def test_a_change_in_every_channel_passes_for_any_of_them() -> None:
    facts = {**CHANGED, "scope": frozenset({ANY})}

    assert parse_filter('scope="print"').lets_pass(facts)
    assert not parse_filter('not scope="print"').lets_pass(facts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("user=julia", "double quotes"),
        ('colour="red"', "unknown field colour"),
        ('user="a" user="b"', "unexpected user"),
        ('(user="a"', "ends too early"),
        ('user in "a"', r"\( expected"),
        ('user ? "a"', "cannot read"),
        ("", "ends too early"),
        (" and ".join(['user="a"'] * 12), "more than 10 operators"),
        (f'user="{"a" * 500}"', "longer than 500"),
    ],
)
def test_what_is_no_filter_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(FilterError, match=why):
        parse_filter(text)


def test_ten_operators_are_allowed() -> None:
    assert parse_filter(" or ".join(['user="julia"'] * 11)).lets_pass(PLAIN)
