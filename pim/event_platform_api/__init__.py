"""Management API of Akeneo's Event Platform: subscribers, subscriptions, and the platform's log.

Outside, the client is used with what is wanted; its answers never hold a secret.
"""

from pim.event_platform_api.answers import (
    HTTPS,
    LogEntry,
    Subscriber,
    Subscription,
)
from pim.event_platform_api.client import CHECKBOX, EventPlatformClient
from pim.event_platform_api.errors import (
    PlatformConflict,
    PlatformForbidden,
    PlatformNotFound,
    PlatformRefused,
    PlatformUnauthorized,
    PlatformUnreachable,
    UnfitSetting,
)
from pim.event_platform_api.wanted import (
    EVENTS_API_PATH,
    NOTIFICATIONS_PATH,
    USEFUL_EVENTS,
    WantedSubscriber,
    WantedSubscription,
    build_destination,
    check_secrets,
    choose_events,
    find_secret_problem,
    find_url_problem,
)

__all__ = [
    "CHECKBOX",
    "EVENTS_API_PATH",
    "HTTPS",
    "NOTIFICATIONS_PATH",
    "USEFUL_EVENTS",
    "EventPlatformClient",
    "LogEntry",
    "PlatformConflict",
    "PlatformForbidden",
    "PlatformNotFound",
    "PlatformRefused",
    "PlatformUnauthorized",
    "PlatformUnreachable",
    "Subscriber",
    "Subscription",
    "UnfitSetting",
    "WantedSubscriber",
    "WantedSubscription",
    "build_destination",
    "check_secrets",
    "choose_events",
    "find_secret_problem",
    "find_url_problem",
]
