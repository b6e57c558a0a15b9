"""`akeneo-sync webhooks`: shops that are sent what changes, seen and kept.

Outside, each sub-command is found by its name.
"""

from cli.commands.webhooks.keeping import run_add, run_remove, run_rotate
from cli.commands.webhooks.looking import run_list, run_test
from cli.commands.webhooks.switching import run_pause, run_replay, run_resume

__all__ = ["PARTS"]

PARTS = {
    "list": run_list,
    "add": run_add,
    "test": run_test,
    "pause": run_pause,
    "resume": run_resume,
    "replay": run_replay,
    "rotate-secret": run_rotate,
    "remove": run_remove,
}
