"""The drain: due events are taken, what they name is read and written, and they are settled.

Used from outside: these names, by the flow `process-inbox` alone.
"""

from flows.drain.enrich import EnrichedChunk, enrich_chunk
from flows.drain.loop import drain_inbox
from flows.drain.models import FollowedModels, follow_models
from flows.drain.report import ChunkOutcome, DrainReport, describe_drain, summarize_drain
from flows.drain.settle import Fence, upsert_chunk
from flows.drain.structure import FollowedStructure, follow_structure

__all__ = [
    "ChunkOutcome",
    "DrainReport",
    "EnrichedChunk",
    "Fence",
    "FollowedModels",
    "FollowedStructure",
    "describe_drain",
    "drain_inbox",
    "enrich_chunk",
    "follow_models",
    "follow_structure",
    "summarize_drain",
    "upsert_chunk",
]
