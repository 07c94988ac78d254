"""Encode: the words are what the network says; nothing is left undefined; the bytes are always the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF
from lava_hw.chip import Chip
from lava_hw.compiler import compile_flat, compile_network, report
from lava_hw.image import Image, address, synapse_address
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.regs import CONTROL_CORE, STAGE, CoreRegion
from tests.compiler.processes import Answers, chain, dense, flat, lif


def words(image: Image, core: int, first: int, count: int) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The words that an image writes there; all of them must be written."""
    for segment in image.segments:
        if segment.core == core and segment.address <= first < segment.address + len(segment.data):
            at = first - segment.address
            assert at + count <= len(segment.data)
            return segment.data[at : at + count]
    raise AssertionError(f"core {core}: address {first:#x} is not written")


@pytest.mark.parametrize("name", ["test8", "test32"])
def test_state_lines_hold_initial_values_and_zeros_in_padding_lanes(name: str) -> None:
    chip = Chip.load(name)
    n = 43
    u = np.arange(n) - 20
    image = compile_flat(flat(LIF(shape=(n,), u=u, v=7, bias_mant=-1, bias_exp=2)), chip)
    lines = words(image, 0, address(CoreRegion.STATE), -(-n // chip.lanes) * 4 * chip.lanes)
    values = lines.view(np.int32).reshape(-1, 4, chip.lanes).transpose(1, 0, 2).reshape(4, -1)
    assert values[0, :n].tolist() == u.tolist()
    assert [set(values[k, :n].tolist()) for k in (1, 2, 3)] == [{7}, {-1}, {2}]
    assert not values[:, n:].any()


@pytest.mark.parametrize("name", ["test8", "test32"])
def test_rows_of_synapses(name: str) -> None:
    chip = Chip.load(name)
    a = lif(43)
    d = dense(43, 9, low=0, high=256)
    weights = np.asarray(d.weights.init)
    chain(d, a)
    image = compile_flat(flat(a), chip)
    groups = -(-43 // chip.lanes)
    data = words(image, 0, synapse_address(), 9 * groups * chip.synapse_parts)
    stored = data.astype("<u4").view(np.uint8).reshape(9, groups * chip.lanes)
    assert np.array_equal(stored[:, :43], weights.T)
    assert not stored[:, 43:].any()


def test_every_core_has_all_stages() -> None:
    a, b, c = lif(4), lif(4), lif(4)
    chain(a, b, c)
    image = compile_flat(flat(a), "test8", placement={"LIF_1": 9})
    tables = {
        core: [STAGE.unpack(int(w)) for w in words(image, core, address(CoreRegion.STAGE), 3)]
        for core in image.chip.cores
    }
    assert {core: [t["count"] for t in table] for core, table in tables.items()} == {
        0: [1, 0, 1],
        1: [0, 0, 0],
        8: [0, 0, 0],
        9: [0, 1, 0],
    }
    assert [t["first"] for t in tables[0]] == [0, 1, 1]


def test_registers_of_the_chip() -> None:
    a, p, b = lif(4), Answers((4,)), lif(4)
    chain(a, p, b)
    image = compile_flat(flat(a), "test8")
    assert words(image, CONTROL_CORE, 4, 3).tolist() == [2, 0b11, 0b11]
    image = compile_flat(flat(lif(4)), "test8")
    assert words(image, CONTROL_CORE, 4, 3).tolist() == [1, 0, 0]


def network() -> Any:
    s = Source(data=np.ones((36, 4), np.int32))
    a, b, d, e = lif(36), lif((6, 6), 1), dense(36, 36), dense(36, 36, 1)
    chain(s, d, a)
    a.s_out.reshape((6, 6)).transpose((1, 0)).connect(b.a_in)
    b.s_out.flatten().connect(e.s_in)
    a.s_out.connect(e.s_in)
    e.a_out.connect(a.a_in)
    s.s_out.connect(a.a_in)
    return s


def test_the_same_network_gives_the_same_bytes() -> None:
    first = compile_network(network(), "test8", outputs=("Dense_3.a_out",)).to_bytes()
    assert compile_network(network(), "test8", outputs=("Dense_3.a_out",)).to_bytes() == first


def test_the_same_bytes_in_another_program() -> None:
    """Another seed of hash() must not show."""
    code = (
        "import hashlib; from tests.compiler.test_encode import network; "
        "from lava_hw.compiler import compile_network; "
        "print(hashlib.sha256(compile_network(network(), 'test8').to_bytes()).hexdigest())"
    )
    root = str(Path(__file__).resolve().parents[2])
    found = set()
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": root}
        run = subprocess.run(
            [sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=True
        )
        found.add(run.stdout.strip())
    assert found == {hashlib.sha256(compile_network(network(), "test8").to_bytes()).hexdigest()}


def test_outputs_by_port_and_by_name_are_the_same() -> None:
    a = lif(4)
    assert compile_network(a, "test8", outputs=[a.s_out]) == compile_network(
        a, "test8", outputs=["LIF_0.s_out"]
    )
    assert list(compile_network(a, "test8", outputs=[a.s_out]).manifest.outputs) == ["LIF_0.s_out"]


def test_images_survive_a_file(tmp_path: Path) -> None:
    image = compile_network(network(), "test8")
    image.save(tmp_path / "net.lhw")
    assert Image.load(tmp_path / "net.lhw") == image
    assert image.check() == []


def test_the_report_names_what_is_used() -> None:
    image = compile_network(lif(100), "demo")
    lines = report(image).splitlines()
    assert lines[0].split()[0] == "core"
    column = lines[0].split().index("neurons")
    assert lines[1].split()[column] == "128/128*"
    assert lines[-1] == "3 of 4 cores are not used"
