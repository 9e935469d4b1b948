"""Tables of the service: those of the database backend, and those of the upkeep."""

from storage.models.database import Bucket, Chunk, LargeBody, MemoryRecord, Usage
from storage.models.upkeep import Heartbeat, Lease, PurgeRun

__all__ = ["Bucket", "Chunk", "Heartbeat", "LargeBody", "Lease", "MemoryRecord", "PurgeRun", "Usage"]
