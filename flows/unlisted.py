"""Products that the source has and its whole listing did not show: its search index lacks them."""

from flows.sweep import Sweep, clear_sweep_alarm, raise_sweep_alarm

INDEX_ALARM = "search-index"

A_FEW = 5
SHARE = 0.01
"""More are an alarm: a few are what an index lacks that is seconds behind."""

TEXT = (
    "the PIM's listing leaves out {count:,} products that it has (each was read by its own URL, "
    "and none is deleted): its search index is damaged or far behind; have it rebuilt "
    "(`bin/console pim:product:index --all` on the PIM's server)"
)


async def tell_of_unlisted(sweep: Sweep, count: int) -> None:
    """Say after a whole listing how many products it left out; many are an alarm."""
    text = TEXT.format(count=count)
    if count > max(A_FEW, SHARE * sweep.report.products):
        await raise_sweep_alarm(sweep, INDEX_ALARM, text)
        return
    if count:
        sweep.report.notes.append(text)
    await clear_sweep_alarm(sweep, INDEX_ALARM)
