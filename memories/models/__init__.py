"""The models of transport, one in each file."""

from memories.models.lease import Lease
from memories.models.purge_run import PurgeRun

__all__ = ["Lease", "PurgeRun"]
