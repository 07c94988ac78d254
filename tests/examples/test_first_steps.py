"""The program of the README runs as printed, and gives on golden what it gives in Python."""

import runpy
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_first_steps_on_golden(monkeypatch, capsys) -> None:
    import lava_hw

    monkeypatch.setattr(sys, "argv", ["first_steps.py", "golden"])
    runpy.run_path(str(EXAMPLES / "first_steps.py"), run_name="__main__")
    on_chip = capsys.readouterr().out

    monkeypatch.setattr(lava_hw, "HwRunCfg", lambda **_: lava_hw.Loihi2SimCfg(select_tag="fixed_pt"))
    runpy.run_path(str(EXAMPLES / "first_steps.py"), run_name="__main__")
    assert capsys.readouterr().out == on_chip
    assert on_chip.count("|") > 50
    assert len(on_chip.splitlines()) == 33
