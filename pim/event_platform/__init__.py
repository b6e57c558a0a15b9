"""The Event Platform's dialect: CloudEvents, their types, signatures, and notices.

Used from outside: these names. Its management API is spoken elsewhere: here nothing is asked.
"""

from pim.event_platform.cloud_event import parse_cloud_event
from pim.event_platform.notice import Notice, parse_notice
from pim.event_platform.signature import check_platform_signature, check_time, sign_body
from pim.event_platform.types import (
    DELIVERIES_PATH,
    EVENT_TYPES,
    PREFIX,
    is_platform_type,
    short_type,
)

__all__ = [
    "DELIVERIES_PATH",
    "EVENT_TYPES",
    "PREFIX",
    "Notice",
    "check_platform_signature",
    "check_time",
    "is_platform_type",
    "parse_cloud_event",
    "parse_notice",
    "short_type",
    "sign_body",
]
