"""``python -m lava_hw``: the command `lava-hw`."""

import sys

from lava_hw.cli.main import main

sys.exit(main())
