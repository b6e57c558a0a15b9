"""The reconcile: sweeps compare what the source lists with the store, and repair the store.

Used from outside: these names, by the flow `reconcile` and by what asks for one.
"""

from flows.sweeps.report import ReconcileReport, describe_reconcile
from flows.sweeps.run import FLOW, ReconcileRequest, Step, run_reconcile, say_end

__all__ = [
    "FLOW",
    "ReconcileReport",
    "ReconcileRequest",
    "Step",
    "describe_reconcile",
    "run_reconcile",
    "say_end",
]
