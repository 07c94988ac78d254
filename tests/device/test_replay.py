"""Recorded flits, replayed by the simulator alone: the same work as with a host, and its waveform."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lava_hw.device import Device, DeviceError, SimulatorError
from lava_hw.device.replay import replay
from tests.device.test_session import SOURCE

pytestmark = pytest.mark.rtl


@pytest.fixture
def record(narrow, tmp_path):
    """Flits of 12 steps in two batches, and what the simulator said of the live run."""
    options = {"build": "checked", "record": tmp_path / "flits", "stats": tmp_path / "stats", "marks": 9}
    with Device.open("verilator", narrow.chip, **options) as device:
        session = device.load(narrow.image)
        spikes = narrow.spikes(12)
        session.run_batch(5, {SOURCE: spikes[:5]})
        session.run_batch(7, {SOURCE: spikes[5:]})
    return options["record"], json.loads(options["stats"].read_text())


def test_same_flits_same_cycles_same_answers(narrow, record):
    path, live = record
    replayed = replay(narrow.chip, path, build="checked", marks=9)
    for key in ("cycles", "flits_in", "flits_out", "syncs", "hash"):
        assert replayed[key] == live[key], key
    assert [mark[:2] for mark in replayed["marks"]] == [mark[:2] for mark in live["marks"]]
    assert [mark[0] for mark in replayed["marks"]] == [5, 12]


def test_waveform(narrow, record, tmp_path):
    path = tmp_path / "steps.vcd"
    replay(narrow.chip, record[0], build="checked", trace=(3, 4, path))
    assert path.read_text().startswith("$version")
    with pytest.raises(DeviceError, match="no range"):
        replay(narrow.chip, record[0], build="checked", trace=(4, 3, path))


def test_what_is_no_record(narrow, tmp_path):
    path = tmp_path / "odd"
    path.write_bytes(b"123")
    with pytest.raises(SimulatorError, match=r"exit code 6.*not a record of flits"):
        replay(narrow.chip, path, build="checked")
    np.array([], np.uint64).tofile(path)
    assert replay(narrow.chip, path, build="checked")["flits_in"] == 0
