"""The WSGI application that gunicorn serves."""

import logging
import os

import django
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")  # noqa: TID251 - Django's own switch

# As get_wsgi_application has it, with a handler of our own.
django.setup(set_prefix=False)

# These need the settings.
from stash_site.finished import close_noted_connections, note_connection  # noqa: E402
from stash_site.handler import Handler  # noqa: E402
from stash_site.logs import Record  # noqa: E402

application = Handler()

# What Django does around every request in case it has to, a tenth of a small recall. Here it never has to: the end of
# the last request closed the database's connections, queries are recorded only for debugging, no cache of ours
# has anything to close, and no request changes its URLconf. The end of a request closes what connections it opened.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
request_finished.disconnect(close_old_connections)
connection_created.connect(note_connection)
request_finished.connect(close_noted_connections)

# No line says which thread or line of code wrote it (the logging HOWTO, "Optimization"); gunicorn's say which process.
logging._srcfile = None
logging.setLogRecordFactory(Record)
