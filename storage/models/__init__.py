"""The models of transport and of the database backend, one in each file."""

from storage.models.bucket import Bucket
from storage.models.chunk import Chunk
from storage.models.heartbeat import Heartbeat
from storage.models.large_body import LargeBody
from storage.models.lease import Lease
from storage.models.memory_record import MemoryRecord
from storage.models.purge_run import PurgeRun
from storage.models.usage import Usage

__all__ = ["Bucket", "Chunk", "Heartbeat", "LargeBody", "Lease", "MemoryRecord", "PurgeRun", "Usage"]
