"""Common ground of our HTTP servers: their address, the way they stop, where they listen.

Used from outside: these names, by the receiver and the read API; nothing of ours is imported here.
"""

from serving.listening import Address, ListenError, announce, listen, stopped_by_signals

__all__ = ["Address", "ListenError", "announce", "listen", "stopped_by_signals"]
