"""Start-up code of every Python under libfaketime (`PYTHONPATH`): a `time.sleep` that works there.

Since 3.11 Python sleeps until an instant of the monotonic clock, and libfaketime refuses that
(EINVAL) where it leaves this clock alone, as it must for timers to end. `select` takes a duration.
"""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep  # noqa: TID251 - what code under test and libraries call
