"""Means of one run, on which all else stands: session, call budget, leases, the source's health.

Used from outside: these names; deployments and commands ask only for the store, the connection,
the facts of the source, and its probe.
"""

from flows.run.call_budget import Calls
from flows.run.catalog_cache import LIST_FROM, ROUNDS, read_listed, store_items
from flows.run.isolation import each_apart, unforeseen
from flows.run.lease import LEASE, LeaseLost, kept_lease
from flows.run.markdown import as_code, format_bytes, format_span, table_cell
from flows.run.pace import Pace
from flows.run.refused_kinds import SEARCH_BY_DATE, SEARCH_BY_PARENT, ask_again
from flows.run.session import (
    Asking,
    NoSource,
    Session,
    ask_anew,
    open_session,
    open_settings_store,
    pim_connection,
    spare_the_collector,
    utc_now,
)
from flows.run.source_facts import NO_UUIDS, renew_facts, stored_facts
from flows.run.source_health import note_failure, note_success, noting_source
from flows.run.source_probe import Probe, probe_if_due
from flows.run.threads import in_thread, read_in, write_in

__all__ = [
    "LEASE",
    "LIST_FROM",
    "NO_UUIDS",
    "ROUNDS",
    "SEARCH_BY_DATE",
    "SEARCH_BY_PARENT",
    "Asking",
    "Calls",
    "LeaseLost",
    "NoSource",
    "Pace",
    "Probe",
    "Session",
    "as_code",
    "ask_again",
    "ask_anew",
    "each_apart",
    "format_bytes",
    "format_span",
    "in_thread",
    "kept_lease",
    "note_failure",
    "note_success",
    "noting_source",
    "open_session",
    "open_settings_store",
    "pim_connection",
    "probe_if_due",
    "read_in",
    "read_listed",
    "renew_facts",
    "spare_the_collector",
    "store_items",
    "stored_facts",
    "table_cell",
    "unforeseen",
    "utc_now",
    "write_in",
]
