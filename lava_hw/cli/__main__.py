"""``python -m lava_hw.cli``."""

import sys

from lava_hw.cli.main import main

sys.exit(main())
