"""What tests of programs beside their networks share."""

from __future__ import annotations

import threading
import time

from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector


def chain(**kwargs):
    """Injector -> Extractor."""
    injector, extractor = Injector(shape=(2,), **kwargs), Extractor(shape=(2,), **kwargs)
    injector.out_port.connect(extractor.in_port)
    return injector, extractor


def wait_for_step(process, step):
    """Wait until a step has begun, and a moment longer."""
    end = time.monotonic() + 30
    while process.runtime.num_steps < step:
        assert time.monotonic() < end, f"step {step} does not begin"
        time.sleep(0.001)
    time.sleep(0.02)


def within(seconds, function):
    """Call a function in a thread; fails if it does not return in time."""
    result = []
    thread = threading.Thread(target=lambda: result.append(function()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it still waits"
    return result[0] if result else None
