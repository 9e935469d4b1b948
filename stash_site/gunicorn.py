"""gunicorn's settings. `stash serve` adds the address, the number of workers, and --reload.

Nothing of the project is imported here: the master would hand it down to every worker, and --reload would
reload nothing. The hooks import in the process that they run in.
"""

import os
import shutil
import signal
import sys
import threading

worker_class = "stash_site.server.worker.DeadlineWorker"
threads = 4
worker_connections = 1000
keepalive = 75
graceful_timeout = 30
# Of these, what a stopping worker leaves itself for the last counts of usage: after them it is killed.
LAST_SECONDS = 3
# sendfile(2) would wait for a slow reader outside of the deadlines.
sendfile = False
# Were gunicorn_h1c there, gunicorn would parse with it, which answers some bad requests with another status.
http_parser = "python"
# No header of a client's is taken for a proxy's word on where the application is mounted.
forwarder_headers = ""
control_socket_disable = True
# Workers touch a file there to say that they live: in memory, no disk can delay it, nor need any be writable.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
errorlog = "-"
loglevel = "warning"


def post_fork(server, worker):
    """A worker starts from the code as it now is, not as it was when the master began."""
    if server.cfg.reload:
        ours = ("accounts", "memories", "operators", "stash_memory", "stash_site", "storage", "upkeep")
        for name in [name for name in sys.modules if name.split(".")[0] in ours]:
            del sys.modules[name]


def post_worker_init(worker):
    """The first worker says where Stash listens: from now on a request is answered. In local mode each purges."""
    from django.conf import settings

    if worker.age == 1:
        from stash_memory.banner import show

        show([listener.getsockname() for listener in worker.sockets])
    if not settings.HOSTED:
        # There is no scheduler; a lease sees to it that one process purges at a time.
        from upkeep.thread import PurgeThread

        PurgeThread().start()
    from accounts.usage.flusher import Flusher

    worker.cfg.set("graceful_timeout", max(1, worker.cfg.graceful_timeout - LAST_SECONDS))
    also = None
    if settings.STASH_METRICS_TOKEN:
        from stash_site.metrics.counters import write as also
    worker.flusher = Flusher(also=also)
    worker.flusher.start()


def worker_int(worker):
    """Ctrl-C tells the worker twice, itself and through its master; the second telling would end the last flush."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)


def worker_exit(server, worker):
    """However a worker ends that is not killed, what it has counted is written: its requests are answered by now."""
    if hasattr(worker, "flusher"):
        worker.flusher.stop()


# Where prometheus_client keeps each worker's numbers; `stash serve` makes it where there are metrics.
METRICS_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")  # noqa: TID251 - prometheus_client's own switch


def child_exit(server, worker):
    """A worker that is gone, however it went, holds nothing any more; what it has counted stays."""
    if METRICS_FOLDER:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid, METRICS_FOLDER)


def on_exit(server):
    """The next server's counters begin anew, which Prometheus understands."""
    if METRICS_FOLDER:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)
