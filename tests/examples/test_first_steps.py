"""The program of the README is examples/first_steps.py, and gives on golden what it gives in Python."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "first_steps.py"


def output(run_cfg, monkeypatch, capsys) -> str:
    """What the script prints when every HwRunCfg is `run_cfg`."""
    import lava_hw

    asked = []

    def instead(**options):
        asked.append(options)
        return run_cfg

    monkeypatch.setattr(lava_hw, "HwRunCfg", instead)
    runpy.run_path(str(SCRIPT), run_name="__main__")
    assert asked == [{"device": "verilator", "chip": "default"}]
    return capsys.readouterr().out


def test_golden_gives_what_python_gives(monkeypatch, capsys) -> None:
    from lava_hw import HwRunCfg, Loihi2SimCfg

    golden = HwRunCfg(device="golden", chip="default")
    on_chip = output(golden, monkeypatch, capsys)
    assert output(Loihi2SimCfg(select_tag="fixed_pt"), monkeypatch, capsys) == on_chip
    assert len(on_chip.splitlines()) == 33
    assert 300 < on_chip.count("|") < 1500


@pytest.mark.rtl
@pytest.mark.slow
def test_rtl_gives_what_python_gives(monkeypatch, capsys) -> None:
    from lava_hw import HwRunCfg, Loihi2SimCfg

    rtl = HwRunCfg(device="verilator", chip="default")
    assert output(rtl, monkeypatch, capsys) == output(
        Loihi2SimCfg(select_tag="fixed_pt"), monkeypatch, capsys
    )


def test_readme_shows_the_script() -> None:
    code = SCRIPT.read_text(encoding="utf-8").split('"""', 2)[2].strip()
    assert f"```python\n{code}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
