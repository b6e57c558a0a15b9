"""Faults that a test may bring on: prepared and odd answers, the wire, rights, clocks, links.

The simulation holds them, the layers of `api` act by them, and `control` changes them: whatever one
of these needs stands below.
"""

from simulator.faults.answers import AnswerScripts, ScriptedAnswer
from simulator.faults.odd_answers import Asked, Oddities, text_on_its_way
from simulator.faults.oddity import Oddity, OnWire, Refuse, Wait, WireChange
from simulator.faults.standing import LinkFaults, NodeClocks, Rights, is_drawn
from simulator.faults.wire import (
    ENDED,
    Wire,
    WireProtocol,
    answer_over,
    collect_answer,
    wait_with_reader,
)

__all__ = [
    "ENDED",
    "AnswerScripts",
    "Asked",
    "LinkFaults",
    "NodeClocks",
    "Oddities",
    "Oddity",
    "OnWire",
    "Refuse",
    "Rights",
    "ScriptedAnswer",
    "Wait",
    "Wire",
    "WireChange",
    "WireProtocol",
    "answer_over",
    "collect_answer",
    "is_drawn",
    "text_on_its_way",
    "wait_with_reader",
]
