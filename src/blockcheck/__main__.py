"""``python -m blockcheck``."""

import sys

from blockcheck.cli import main

sys.exit(main())
