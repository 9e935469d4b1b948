"""The site's settings, with nothing in them of the person who runs the tests."""

import atexit
import os
import shutil
import tempfile

from stash_memory import config

OURS = ("STASH_", "REDIS_URL", "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS")
for name in [name for name in os.environ if name.startswith(OURS)]:
    del os.environ[name]
os.environ["STASH_HOME"] = tempfile.mkdtemp(prefix="stash-tests-")
atexit.register(shutil.rmtree, os.environ["STASH_HOME"], ignore_errors=True)
config.read_dotenv = lambda: None

from stash_site.settings import *  # noqa: E402, F403 - only now is the environment clean

# A password's hash takes 0.3 s by design; the servers that tests start keep the real one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
