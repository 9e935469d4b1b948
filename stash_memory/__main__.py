"""`python -m stash_memory`: the `stash` command, wherever its script is."""

import sys

from stash_memory.cli import main

sys.exit(main())
