"""The WSGI application that gunicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")  # noqa: TID251 - Django's own switch

# As get_wsgi_application has it, with a handler of our own.
django.setup(set_prefix=False)

# The handler needs the settings.
from stash_site.django_seam import Handler, shorten_requests  # noqa: E402

application = Handler()
shorten_requests()
