"""gunicorn's settings. `stash serve` adds the address, the number of workers, and --reload.

Nothing of the project is imported here: the master would hand it down to every worker, and --reload would
reload nothing. The hooks import in the process that they run in.
"""

import sys

worker_class = "gthread"
threads = 4
worker_connections = 1000
keepalive = 75
graceful_timeout = 30
control_socket_disable = True
errorlog = "-"
loglevel = "warning"


def post_fork(server, worker):
    """A worker starts from the code as it now is, not as it was when the master began."""
    if server.cfg.reload:
        ours = ("accounts", "memories", "stash_memory", "stash_site")
        for name in [name for name in sys.modules if name.split(".")[0] in ours]:
            del sys.modules[name]


def when_ready(server):
    """Says where Stash listens, once it does."""
    from stash_memory.banner import show

    show([listener.getsockname() for listener in server.LISTENERS])


def post_worker_init(worker):
    """Local mode has no scheduler: each worker purges, when it gets the lease."""
    from django.conf import settings

    if not settings.HOSTED:
        from memories.purge_thread import PurgeThread

        PurgeThread().start()
