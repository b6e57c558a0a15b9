"""Lists of the source that cannot be read: each keeps its last state, alone, and a person is told.

Nothing of such a list is taken out, and its watermark stays; all other lists and all products go
on. What is known of it is kept between runs, so that the alarm says since when.
"""

from datetime import datetime

from flows.run import unforeseen
from flows.sweeps.sweep import Sweep
from pim.blame import concerns_one_list
from pim.canonical import dump_json, load_json
from pim.errors import SourceError
from pim.json_types import JsonObject, as_object
from storage import Transaction
from storage.state import clear_alarm, raise_alarm, read_fact, save_fact

LISTS_ALARM = "list-fails"
PRODUCTS = "products"

_FACT = "failing lists"
_NAMED = 5


async def contain_list(sweep: Sweep, name: str, error: Exception) -> None:
    """Note that this list fails, and let the sweep go on without it.

    Raises:
        SourceError: `error`, if it is about the source rather than about one of its lists.
    """
    if isinstance(error, SourceError):
        if not concerns_one_list(error) or not await sweep.session.client.answers_now():
            raise error
    else:
        error = unforeseen(f"the list of {name}", error)
    sweep.failing[name] = str(error)
    sweep.note(f"{name} keeps its last state: {error}")


async def tell_of_failing_lists(sweep: Sweep, *, whole: bool) -> None:
    """Keep since when each list fails; raise the alarm, or end it where none does any more.

    `whole`: this sweep went through all lists, so that one it did not meet is gone.
    """
    if sweep.dry_run:
        return
    now = sweep.session.now()

    def keep(tx: Transaction) -> None:
        stored = _read(tx)
        known = {name: each for name, each in stored.items() if name not in sweep.swept}
        kept: JsonObject = {} if whole else dict(known)
        for name, error in sweep.failing.items():
            since = as_object(known.get(name)).get("since") or now.isoformat()
            kept[name] = {"since": since, "error": error}
        if kept != stored:
            save_fact(tx, name=_FACT, value=dump_json(kept), now=now)
        if kept:
            raise_alarm(tx, name=LISTS_ALARM, text=describe_failing(kept), now=now)
        elif stored:
            clear_alarm(tx, name=LISTS_ALARM)

    await sweep.session.write(keep)


def describe_failing(lists: JsonObject) -> str:
    """What a person reads of lists that fail: which, since when, and what the source answered."""
    told = []
    for name, each in sorted(lists.items())[:_NAMED]:
        known = as_object(each)
        since = datetime.fromisoformat(str(known.get("since")))
        told.append(f"{name} since {since:%Y-%m-%d %H:%M} UTC ({known.get('error')})")
    more = len(lists) - _NAMED
    told += [f"and {more} more"] * (more > 0)
    return (
        f"lists of the PIM that cannot be read, and keep their last state: {'; '.join(told)}; all "
        "else goes on, and documents show codes where labels are missing"
    )


def _read(tx: Transaction) -> JsonObject:
    fact = read_fact(tx, _FACT)
    return as_object(load_json(fact[0])) if fact is not None else {}
