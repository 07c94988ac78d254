"""`lava-hw check`: the table, what does not fit and what would do, before anything is compiled or built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lava_hw.chip import Chip
from lava_hw.cli import main

NETWORK = """
import numpy as np
from lava_hw import LIF, Dense, Sink, Source

def network(sources=12, **changes):
    source = Source(data=np.zeros((sources, 1), int))
    dense = Dense(weights=np.full((10, sources), 20), name="dense")
    cells = LIF(name="cells", **{"shape": (10,), "vth": 3, **changes})
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    return cells

def wide():
    return network(400)

def unfit():
    return network(du=-2**40)

def python():
    return Sink(shape=(3,), buffer=4)

def loop():
    one, two = LIF(shape=(3,), name="one"), LIF(shape=(3,), name="two")
    one.s_out.connect(two.a_in)
    two.s_out.connect(one.a_in)
    return one
"""


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Give the exit code, the text and the data of a check; nothing may be built or encoded."""
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NETWORK)
    monkeypatch.setattr("lava_hw.compiler.pipeline.encode", None)
    monkeypatch.setenv("LAVA_HW_CACHE", "/proc/nope")

    def run(name: str, *options: str) -> tuple[int, str, dict[str, Any]]:
        code = main(["check", f"net.py:{name}", *options])
        text = capsys.readouterr().out
        again = main(["check", f"net.py:{name}", *options, "--json"])
        data = json.loads(capsys.readouterr().out)
        assert code == again == data["exit"]
        return code, text, data

    return run


def test_a_network_that_fits(check: Any) -> None:
    code, text, data = check("network", "--chip", "tiny")
    assert code == 0
    assert text.startswith("2 of 3 processes on chip tiny, 1 of 1 cores\n")
    assert text.endswith("\nit fits\n")
    assert data["fits"] is True
    assert data["problems"] == []
    cells = next(process for process in data["processes"] if process["name"] == "cells")
    assert (cells["device"], cells["cores"], cells["use"]["neurons"], cells["model"]) == (
        "chip",
        [0],
        16,
        "HwLif",
    )
    assert data["limits"]["neurons"] == data["capacity"]["neurons"] == 32


def test_what_does_not_fit_is_said_with_what_would_do(check: Any) -> None:
    code, text, data = check("wide", "--chip", "tiny")
    assert code == 1
    assert "dense" in text
    assert "! 800" in text  # of all cores, in the table
    assert "needs 800 synapse_lines, but a core of chip tiny has 512." in text
    assert "chip tiny has 512 (1 of 512)" in text
    assert "it fits" not in text
    assert data["fits"] is False
    assert data["keys"] == {"mesh_y": 2}, "a second core holds half of the sources"
    assert "small" in data["chips"]
    assert check("wide", "--chip", "small")[0] == 0
    own = {**Chip.load("tiny").parameters(), **data["keys"]}
    Path("own.yaml").write_text("".join(f"{key}: {value}\n" for key, value in own.items()))
    assert check("wide", "--chip", "own.yaml")[0] == 0


# What the chip cannot hold is not what Loihi has either.
@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
def test_what_the_chip_cannot_hold_is_said_beside_the_table(check: Any) -> None:
    code, text, data = check("unfit")
    assert code == 1
    assert "cells: du is -1099511627776; the chip holds" in data["problems"][0]
    assert "exception_proc_model_map" in text
    assert next(p for p in data["processes"] if p["name"] == "dense")["device"] == "chip"
    code, text, data = check("unfit", "--unfit", "python")
    assert (code, data["problems"]) == (0, [])
    reason = next(p["reason"] for p in data["processes"] if p["name"] == "cells")
    assert reason.startswith("unfit: du is -1099511627776")
    assert reason in text


def test_a_network_in_parts(check: Any) -> None:
    """Because no core holds it, or because it is asked for; a name that is not there is a problem."""
    own = {**Chip.load("tiny").parameters(), "mesh_x": 2, "mesh_y": 2, "synapse_lines": 400}
    Path("own.yaml").write_text("".join(f"{key}: {value}\n" for key, value in own.items()))
    code, text, data = check("wide", "--chip", "own.yaml")
    assert code == 0
    assert "a step has 2 stages" in text
    assert [(c["name"], c["parts"], c["partial_sums"]) for c in data["connections"]] == [("dense", 3, 20)]
    assert check("wide", "--chip", "small", "--split", "dense=4")[2]["connections"][0]["parts"] == 4
    code, text, _ = check("wide", "--chip", "small", "--split", "cells=2")
    assert code == 1
    assert "split: cells is no connection on the chip; there are dense" in text


@pytest.mark.parametrize("verb", [["check"], ["compile", "-o", "image"]])
def test_a_value_without_a_meaning_is_said(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "from lava_hw import LIF\n\ndef network():\n    return LIF(shape=(2,), vth=float('nan'))\n"
    )
    assert main([*verb, f"{file}:network"]) == 4
    assert "vth" in capsys.readouterr().err


def test_a_network_with_nothing_on_the_chip(check: Any) -> None:
    code, text, data = check("python")
    assert code == 1
    assert "Nothing of this network would be on the chip." in text
    assert data["processes"][0]["reason"] == "no chip model"


def test_a_loop_is_said_beside_the_table(check: Any) -> None:
    code, text, _ = check("loop")
    assert code == 1
    assert "two.s_out -> one.a_in" in text
    assert "HwLif" in text


@pytest.mark.parametrize(
    ("arguments", "code"), [(["net.py:nope"], 3), (["net.py:network", "--chip", "nope"], 3)]
)
def test_wrong_inputs(
    arguments: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NETWORK)
    assert main(["check", *arguments]) == code
