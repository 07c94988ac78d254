"""What tests of programs beside their networks share."""

from __future__ import annotations

import threading

from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector


def chain(**kwargs):
    """Injector -> Extractor."""
    injector, extractor = Injector(shape=(2,), **kwargs), Extractor(shape=(2,), **kwargs)
    injector.out_port.connect(extractor.in_port)
    return injector, extractor


def within(seconds, function):
    """Call a function in a thread; fails if it does not return in time."""
    result = []
    thread = threading.Thread(target=lambda: result.append(function()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it still waits"
    return result[0] if result else None
