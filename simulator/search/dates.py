"""The two date formats of one API, and what the operators on them mean."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from pim.json_types import JsonValue
from simulator.search.criteria import Criterion

Compare = Callable[[int], bool]
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")
_LOCAL_FORMAT = "%Y-%m-%d %H:%M:%S"
_PAIR = 2


def product_dates(criterion: Criterion, zone: tzinfo, now: datetime) -> Compare:
    """What an operator on a product's `created` or `updated` asks, as a test of whole seconds.

    Values are local times of the PIM without a zone; `>` and `<` are strict, BETWEEN is not.

    Raises:
        ApiError: an operator or a value that the filter does not take.
    """
    match criterion.operator:
        case ">":
            moment = _local(criterion, criterion.value, zone)
            return lambda seconds: seconds > moment
        case "<":
            moment = _local(criterion, criterion.value, zone)
            return lambda seconds: seconds < moment
        case "=":
            moment = _local(criterion, criterion.value, zone)
            return lambda seconds: seconds == moment
        case "!=":
            moment = _local(criterion, criterion.value, zone)
            return lambda seconds: seconds != moment
        case "BETWEEN" | "NOT BETWEEN":
            return _between(criterion, zone)
        case "SINCE LAST N DAYS":
            return _since_days(criterion, now)
        case _:
            raise criterion.unsupported()


def structure_date(criterion: Criterion) -> Compare:
    """What `updated` `>` asks on a structure list: ISO 8601 with a zone, strictly later.

    Raises:
        ApiError: another operator or format.
    """
    if criterion.operator != ">":
        raise criterion.unsupported()
    limit = _instant(criterion, criterion.value)
    return lambda seconds: seconds > limit


def thing_dates(criterion: Criterion, now: datetime) -> Compare:
    """What an operator on the `updated` of a record or an asset asks: ISO 8601, as on structure.

    Raises:
        ApiError: an operator or a value that the filter does not take.
    """
    match criterion.operator:
        case ">":
            return structure_date(criterion)
        case "<":
            limit = _instant(criterion, criterion.value)
            return lambda seconds: seconds < limit
        case "BETWEEN":
            first, last = (_instant(criterion, item) for item in _pair(criterion))
            return lambda seconds: first <= seconds <= last
        case "NOT BETWEEN":
            first, last = (_instant(criterion, item) for item in _pair(criterion))
            return lambda seconds: seconds < first or seconds > last
        case "SINCE LAST N DAYS":
            return _since_days(criterion, now)
        case _:
            raise criterion.unsupported()


def _instant(criterion: Criterion, value: JsonValue) -> float:
    if not isinstance(value, str):
        raise criterion.expects("a string")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _expects_iso(criterion) from error
    if moment.tzinfo is None or "T" not in value:
        raise _expects_iso(criterion)
    return moment.timestamp()


def _since_days(criterion: Criterion, now: datetime) -> Compare:
    oldest = (now - timedelta(days=_days(criterion))).timestamp()
    return lambda seconds: seconds > oldest


def _pair(criterion: Criterion) -> list[JsonValue]:
    pair = criterion.value
    if not isinstance(pair, list) or len(pair) != _PAIR:
        raise criterion.expects("an array with 2 dates")
    return pair


def _between(criterion: Criterion, zone: tzinfo) -> Compare:
    first, last = (_local(criterion, item, zone) for item in _pair(criterion))
    if criterion.operator == "BETWEEN":
        return lambda seconds: first <= seconds <= last
    return lambda seconds: seconds < first or seconds > last


def _local(criterion: Criterion, value: JsonValue, zone: tzinfo) -> int:
    if not isinstance(value, str) or not _LOCAL.match(value):
        raise criterion.expects('a string with the format "yyyy-mm-dd H:i:s"')
    try:
        moment = datetime.strptime(value, _LOCAL_FORMAT).replace(tzinfo=zone)
    except ValueError as error:
        raise criterion.expects('a string with the format "yyyy-mm-dd H:i:s"') from error
    return int(moment.astimezone(UTC).timestamp())


def _days(criterion: Criterion) -> int:
    if not isinstance(criterion.value, int) or isinstance(criterion.value, bool):
        raise criterion.expects("a numeric")
    return criterion.value


def _expects_iso(criterion: Criterion) -> Exception:
    return criterion.expects('a string with the format "yyyy-mm-ddTHH:mm:ssZ"')
