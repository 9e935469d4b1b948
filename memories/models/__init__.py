"""The models of transport and of the database backend, one in each file."""

from memories.models.bucket import Bucket
from memories.models.chunk import Chunk
from memories.models.heartbeat import Heartbeat
from memories.models.large_body import LargeBody
from memories.models.lease import Lease
from memories.models.memory_record import MemoryRecord
from memories.models.purge_run import PurgeRun
from memories.models.usage import Usage

__all__ = ["Bucket", "Chunk", "Heartbeat", "LargeBody", "Lease", "MemoryRecord", "PurgeRun", "Usage"]
