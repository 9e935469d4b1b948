"""gunicorn's settings. `stash serve` adds the address, the number of workers, and --reload.

This file imports nothing of the project: workers would inherit it from the master, and --reload would reload nothing.
Each hook imports in the process that runs it.
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
# The part of them that a stopping worker keeps for its last counts of usage; then gunicorn kills it.
LAST_SECONDS = 3
# sendfile(2) would wait for a slow reader past the deadlines.
sendfile = False
# With gunicorn_h1c installed, gunicorn would use its parser, which answers some bad requests with another status.
http_parser = "python"
# No header may tell where the application is mounted.
forwarder_headers = ""
control_socket_disable = True
# Workers touch a file there to report that they live. In memory no disk can delay it, and none has to be writable.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
errorlog = "-"
loglevel = "warning"


def post_fork(server, worker):
    """With --reload, start the worker from the current code, not from the master's."""
    if server.cfg.reload:
        ours = ("accounts", "memories", "operators", "stash_memory", "stash_site", "storage", "upkeep")
        for name in [name for name in sys.modules if name.split(".")[0] in ours]:
            del sys.modules[name]


def post_worker_init(worker):
    """Start the worker's own threads. The first worker prints where Stash listens, since requests are now answered."""
    from django.conf import settings

    if worker.age == 1:
        from stash_memory.banner import show

        show([listener.getsockname() for listener in worker.sockets])
    if not settings.HOSTED:
        # Local mode has no scheduler. A lease lets one process purge at a time.
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
    """Ignore a second Ctrl-C, which reaches the worker through its master too and would end the last flush."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)


def worker_exit(server, worker):
    """Write what the worker has counted, unless it was killed. Its requests are answered by now."""
    if hasattr(worker, "flusher"):
        worker.flusher.stop()


# The folder of each worker's numbers; `stash serve` makes it if there are metrics.
METRICS_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")  # noqa: TID251 - prometheus_client's own switch


def child_exit(server, worker):
    """Drop the gauges of a worker that is gone. Its counts stay."""
    if METRICS_FOLDER:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid, METRICS_FOLDER)


def on_exit(server):
    """Remove the counters. The next server's begin at zero, which Prometheus understands."""
    if METRICS_FOLDER:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)
