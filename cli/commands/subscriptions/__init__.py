"""`akeneo-sync subscriptions`: the Event Platform's subscriptions, seen and changed.

Outside, each sub-command is found by its name.
"""

from cli.commands.subscriptions.looking import run_list, run_logs, run_show
from cli.commands.subscriptions.making import run_create, run_rotate, run_update
from cli.commands.subscriptions.switching import run_delete, run_resume, run_suspend

__all__ = ["PARTS"]

PARTS = {
    "list": run_list,
    "show": run_show,
    "create": run_create,
    "update": run_update,
    "suspend": run_suspend,
    "resume": run_resume,
    "delete": run_delete,
    "rotate-secret": run_rotate,
    "logs": run_logs,
}
