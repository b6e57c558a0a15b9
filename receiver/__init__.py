"""The intake: verify a delivery, store its batch, trigger a drain.

Used from outside: `run_receiver`; the receiver meets all others in the store, and asks Prefect for
a run by the name of one deployment.
"""

from receiver.serve import run_receiver

__all__ = ["run_receiver"]
