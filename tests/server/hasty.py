"""The worker with shorter deadlines, so that tests need not wait as long as clients may."""

from stash_site.server.deadline import Limits
from stash_site.server.worker import DeadlineWorker

LIMITS = Limits(head=1.0, idle=1.0, grace=1.0, linger=0.4)


class HastyWorker(DeadlineWorker):
    """1 s where a DeadlineWorker gives 10."""

    limits = LIMITS
