"""How `make compat` runs the libraries' networks on the chip, what it complains of, and its table."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from lava_hw import LIF, Dense, Sink, Source
from lava_hw.proc.lif.models import PyLifModelBitAcc
from tests.compat.library_networks import CASES, Network
from tests.compat.on_chip import LIBRARIES, extent, failures, read, table
from tests.compat.on_chip_child import Outcome, Part, outcome, reached


def chain(weight: int = 20, apart: bool = False, spikes: int = 1) -> Network:
    """Source, two populations in a loop, a sink; the second in Python if `apart`."""
    source = Source(data=np.tile([spikes, spikes, 0], (3, 1)))
    neurons = [LIF(shape=(3,), du=4095, vth=30, name=name) for name in ("first", "second")]
    denses = [Dense(weights=weight * np.eye(3, dtype=int)) for _ in range(3)]
    sink = Sink(shape=(3,), buffer=8)
    source.s_out.connect(denses[0].s_in)
    denses[0].a_out.connect(neurons[0].a_in)
    neurons[0].s_out.connect(denses[1].s_in)
    denses[1].a_out.connect(neurons[1].a_in)
    neurons[1].s_out.connect([denses[2].s_in, sink.a_in])
    denses[2].a_out.connect(neurons[0].a_in)
    return Network(source, 8, {neurons[1]: PyLifModelBitAcc} if apart else {})


def test_a_network_wholly_on_the_chip() -> None:
    found = outcome("chain", chain, "golden", "tiny")
    assert found.error == ""
    assert {(p.name, p.place) for p in found.parts} == {
        ("Source", "before"),
        ("LIF", "chip"),
        ("Dense", "chip"),
        ("Sink", "behind"),
    }
    assert extent(found.parts) == "wholly"
    # Source and sink; 7 Vars of each LIF; weights, a_buff and num_message_bits of each Dense.
    vars_of_a_step = 9 + 24 + 2 * (4 * 3 + 3 * 1) + 3 * (9 + 3 + 1)
    assert found.compared == 8 * vars_of_a_step
    assert failures("chains", "golden", [found]) == []


def test_a_network_of_which_a_part_is_in_python() -> None:
    found = outcome("chain", lambda: chain(apart=True), "golden", "tiny")
    (between,) = [p for p in found.parts if p.place == "between"]
    assert (between.name, between.on_chip) == ("LIF", False)
    assert between.reason
    assert extent(found.parts) == "in part"
    assert failures("chains", "golden", [found]) == []


def test_what_differs_stands_still_or_fails_is_a_complaint() -> None:
    made = iter([chain(20), chain(22)])
    found = outcome("other weights", lambda: next(made), "golden", "tiny")
    assert found.differing
    assert found.differing[0].startswith("step 1: Dense_")
    silent = outcome("silent", lambda: chain(spikes=0), "golden", "tiny")
    assert {"first", "second"} <= set(silent.still)

    def fail() -> Network:
        raise ValueError("no such weight")

    failed = outcome("failed", fail, "golden", "tiny")
    said = failures("chains", "golden", [found, silent, failed])
    assert len(said) == 3
    assert said[0].startswith("chains, other weights, on golden: differs from Python at step 1: Dense_")
    assert "nothing changes in" in said[1]
    assert said[2] == "chains, failed, on golden: ValueError: no such weight"


def test_what_can_be_reached() -> None:
    links = {1: {2}, 2: {3, 1}, 4: {5}}
    assert reached([1], links) == {1, 2, 3}
    assert reached([4], links) == {5}
    assert reached([3], links) == set()


def test_extent_of_a_network_without_the_chip() -> None:
    assert extent((Part("A", False, "no chip model", "apart"),)) == "not"


def test_the_table_and_the_file(tmp_path) -> None:
    parts = (
        Part("LIF", True, "", "chip"),
        Part("LIF", True, "", "chip"),
        Part("Odd", False, "no chip model", "between"),
        Part("Source", False, "no chip model", "before"),
    )
    one = Outcome("some", 8, parts, 100)
    file = tmp_path / "found.json"
    file.write_text(json.dumps([asdict(one)]))
    assert read(file) == [one]
    lines = table({"chains": {"golden": [one], "verilator": [one]}}).splitlines()
    assert "| chains: some | in part | 2 LIF | Odd | Source | 8 | 200 |" in lines
    assert lines[-1] == "- no chip model: `Odd`, `Source`"


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_has_networks_with_names_of_their_own(library: str) -> None:
    names = [case.name for case in CASES if case.library == library]
    assert len(names) >= 6
    assert len(set(names)) == len(names)
