"""The models of transport and of the database backend, one in each file."""

from storage.models.database import Bucket, Chunk, LargeBody, MemoryRecord, Usage
from storage.models.upkeep import Heartbeat, Lease, PurgeRun

__all__ = ["Bucket", "Chunk", "Heartbeat", "LargeBody", "Lease", "MemoryRecord", "PurgeRun", "Usage"]
