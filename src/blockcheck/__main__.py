"""``python -m blockcheck``."""

import sys

from blockcheck.cli import command

sys.exit(command())
