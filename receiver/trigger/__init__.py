"""Trigger of drains: one coroutine that asks Prefect for a run when one is needed.

Used from outside: these names; `prefect_runs` is imported by its own name, and late, since Prefect
takes a second to import and freezes its settings.
"""

from receiver.trigger.loop import Trigger
from receiver.trigger.ports import Waker
from receiver.trigger.store_door import StoreDoor

__all__ = ["StoreDoor", "Trigger", "Waker"]
