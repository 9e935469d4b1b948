"""`python -m stash_memory`: the `stash` command without its script."""

import sys

from stash_memory.cli import main

sys.exit(main())
