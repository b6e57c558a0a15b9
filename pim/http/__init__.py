"""One call to the PIM: authorised, in the call budget, answered whole, its failure in our words.

Used from outside: the connection's parts, the observer and the causes of calls, and the spread of
clocks; what any HTTP call needs (client, excerpt, Retry-After) serves requests to shops, too. All
other names are for `pim.reading` and `pim.event_platform_api`.
"""

from pim.http.auth import tokens_for
from pim.http.call_causes import calls_for, cause_of_calls
from pim.http.call_kinds import CallObserver, observe_nothing
from pim.http.caller import Caller, NumberedAnswer, SemaphoreGate, Sleep
from pim.http.clock_spread import ClockSpread
from pim.http.connection import (
    AppToken,
    CallGate,
    Clock,
    DrawNumber,
    PasswordCredentials,
    PimConnection,
)
from pim.http.failures import cut_excerpt, failure_of_exception, parse_retry_after
from pim.http.transport import (
    API_ROOT,
    BROKEN,
    HttpTransport,
    api_path,
    open_client,
    read_bounded,
    trusted_certificates,
)

__all__ = [
    "API_ROOT",
    "BROKEN",
    "AppToken",
    "CallGate",
    "CallObserver",
    "Caller",
    "Clock",
    "ClockSpread",
    "DrawNumber",
    "HttpTransport",
    "NumberedAnswer",
    "PasswordCredentials",
    "PimConnection",
    "SemaphoreGate",
    "Sleep",
    "api_path",
    "calls_for",
    "cause_of_calls",
    "cut_excerpt",
    "failure_of_exception",
    "observe_nothing",
    "open_client",
    "parse_retry_after",
    "read_bounded",
    "tokens_for",
    "trusted_certificates",
]
