"""`python -m coursekit` is the command `coursekit`: torchrun starts it that way."""

import sys

from coursekit.cli import main

sys.exit(main())
