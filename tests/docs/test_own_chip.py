"""The steps of configs/README.md to a chip of one's own do what they say."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import pytest

from lava_hw.chip import Chip
from lava_hw.cli import main
from tests.docs.markdown import ROOT, write

PAGE = ROOT / "configs/README.md"


def fenced(language: str) -> list[str]:
    """Blocks of a language, also those within a list."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]


def test_a_chip_of_your_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line that is shown is part of what the command says."""
    monkeypatch.chdir(tmp_path)
    assert write(PAGE, tmp_path) == ["net.py"]
    (own,) = fenced("yaml")
    Path("mychip.yaml").write_text(own)
    codes = []
    for session in fenced("console"):
        command, *shown = session.strip().splitlines()
        codes.append(main(shlex.split(command.removeprefix("$ lava-hw "))))
        said = capsys.readouterr().out
        for line in shown:
            assert line in said
    assert codes == [1, 0]
    tiny, mine = Chip.load("tiny").parameters(), Chip.load("mychip.yaml").parameters()
    assert {k: v for k, v in mine.items() if v != tiny[k]} == {"mesh_x": 3, "mesh_y": 3}
