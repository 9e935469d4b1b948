"""Run slots whose jobs come from a queue."""

from queue import SimpleQueue

from stash_site.server.run_slots import Job, RunSlots


class Pool(RunSlots):
    """RunSlots at work; `submit` has a job run."""

    def __init__(self, slots: int) -> None:
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        super().__init__(slots, self.jobs.get)
        self.start()

    def submit(self, job: Job) -> None:
        """Some thread takes it when its turn comes."""
        self.jobs.put(job)

    def end(self) -> None:
        """No more jobs come: all threads end."""
        self.shutdown()
        for _ in range(self._slots + 1):
            self.jobs.put(None)
