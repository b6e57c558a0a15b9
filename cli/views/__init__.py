"""Views: what commands and checks show of the sync, for people in words and for programs in JSON.

Outside, a view is taken whole; what is said in it and how is decided here.
"""

from cli.views.choices import check_count, choose_dead_letters, choose_holds
from cli.views.live import LiveAnswer, ask_live
from cli.views.next_steps import list_next_steps
from cli.views.reconcile import ReconcileView, read_report, show_report
from cli.views.status import describe_refusals, show_status
from cli.views.status_json import status_object
from cli.views.why import Story, show_found_live, show_story
from cli.views.why_json import event_object, why_object

__all__ = [
    "LiveAnswer",
    "ReconcileView",
    "Story",
    "ask_live",
    "check_count",
    "choose_dead_letters",
    "choose_holds",
    "describe_refusals",
    "event_object",
    "list_next_steps",
    "read_report",
    "show_found_live",
    "show_report",
    "show_status",
    "show_story",
    "status_object",
    "why_object",
]
