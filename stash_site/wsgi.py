"""The WSGI application that gunicorn serves."""

import logging
import os

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")  # noqa: TID251 - Django's own switch

application = get_wsgi_application()

# What Django does around every request in case it has to, a tenth of a small recall. Here it never has to: the end of
# the last request closed the database's connections, queries are recorded only for debugging, no cache of ours
# has anything to close, and no request changes its URLconf. (The end of a request still closes connections.)
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)

# No line says which thread or line of code wrote it (the logging HOWTO, "Optimization"); gunicorn's say which process.
logging.logThreads = logging.logMultiprocessing = False
logging._srcfile = None
