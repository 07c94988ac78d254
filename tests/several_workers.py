"""Plugin of pytest: every network runs on several workers.

`pytest -p tests.several_workers` runs tests that were written for one worker again on WORKERS of them.
"""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import lava_hw.runtime.runtime as runtime

WORKERS = int(os.environ.get("WORKERS", "3"))
_place = runtime.place


def place(flat: Any, run_cfg: Any) -> Any:
    """The placement for as many workers, unless the test says something else."""
    workers = max(WORKERS, run_cfg.workers)
    return _place(flat, SimpleNamespace(worker_placement=run_cfg.worker_placement, workers=workers))


runtime.place = place
