"""Pages for users: each Python block is a program of its own and prints the block of text below it."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from lava_hw.cli.main import _parser, main
from tests.docs.markdown import DOCS, ROOT, blocks, fences, files

USER_PAGES = [DOCS / "quickstart.md", DOCS / "installation.md", *sorted((DOCS / "howto").glob("*.md"))]
# Pages with a program that builds and runs a simulator; the suite builds the same one for other tests.
ON_RTL = {"quickstart.md", "waveforms.md"}


def names(pages: list[Path]) -> list[Any]:
    return [
        pytest.param(
            page,
            id=page.relative_to(DOCS).as_posix(),
            marks=[pytest.mark.rtl, pytest.mark.slow] if page.name in ON_RTL else [],
        )
        for page in pages
    ]


def plain_backend() -> None:
    """Let matplotlib draw without a screen, whatever has imported it before."""
    import matplotlib

    matplotlib.use("Agg")


def execute(language: str, text: str, folder: Path) -> str | None:
    """Do what a block says, in `folder`; give what it printed, None where there is nothing to do."""
    first = re.match(r"# (\S+\.(?:py|yaml))\n", text)
    if first:
        (folder / first[1]).write_text(text, encoding="utf-8")
        return None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if language == "python":
            exec(compile(text, "block", "exec"), {"__name__": "__main__"})
        elif language == "sh":
            for line in text.splitlines():
                command(line, folder)
        else:
            return None
    return printed.getvalue()


def command(line: str, folder: Path) -> None:
    """Run `lava-hw ...` here and `python FILE` beside us; print what they print."""
    program, *arguments = shlex.split(line.partition("#")[0])
    if program == "lava-hw":
        assert main(arguments) == 0, line
    else:
        assert program == "python", line
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        print(done.stdout, end="")


@pytest.mark.parametrize("page", names(USER_PAGES))
def test_the_programs_run_and_print_what_the_page_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in files(page):
        monkeypatch.delitem(sys.modules, Path(name).stem, raising=False)
    plain_backend()
    printed: str | None = None
    for language, text in fences(page):
        if language == "text":
            assert printed is not None, "a block of text follows what prints it"
            assert text == printed
            printed = None
        else:
            printed = execute(language, text, tmp_path)
    if page.name == "own_weights.md":  # figures depend a little on the version of scikit-learn
        accuracies = [float(x) for x in re.findall(r"accuracy .*: +(0\.\d+)", printed or "")]
        assert len(accuracies) == 2
        assert min(accuracies) > 0.93
    for picture in re.findall(r'savefig\("(\S+?)"', page.read_text(encoding="utf-8")):
        assert (tmp_path / picture).read_bytes()[:4] == b"\x89PNG"


def test_pages_on_the_rtl_are_few_and_marked() -> None:
    """A simulator costs a minute: no other page builds one."""
    found = {page.name for page in USER_PAGES if any('device="verilator"' in code for code in blocks(page))}
    assert found == ON_RTL


# -- installation --

INSTALLATION = (DOCS / "installation.md").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]")[0]


def arrays(text: str) -> dict[str, list[str]]:
    """Arrays of strings of a part of pyproject.toml, read as Python: version 3.10 has no tomllib."""
    found = re.findall(r'^([\w-]+) = (\[(?:"[^"]*"|[^]"])*\])', text, re.MULTILINE)
    return {name: ast.literal_eval(value) for name, value in found if "{" not in value}


REQUIRED = arrays(PROJECT)["dependencies"]
EXTRAS = arrays(PROJECT.split("[project.optional-dependencies]")[1])


def test_the_extras_are_those_of_the_package() -> None:
    """All extras have a row, and a row names what the extra brings: all of it, or the first few."""
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \|", INSTALLATION, re.MULTILINE))
    assert list(rows) == list(EXTRAS)
    for extra, text in rows.items():
        brought = {Requirement(line).name for line in EXTRAS[extra]}
        named = set(re.findall(r"`([\w-]+)`", text))
        assert named <= brought, extra
        assert named == brought or "and more" in text, extra


def test_the_versions_are_those_of_the_package() -> None:
    low, high = re.search(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', PROJECT, re.MULTILINE).groups()
    assert f"Python 3.{low} to 3.{int(high) - 1}" in INSTALLATION
    assert f"Python 3.{low} to 3.{int(high) - 1}" in (ROOT / "README.md").read_text(encoding="utf-8")
    for line in [*REQUIRED, *EXTRAS["rtl"]]:
        needed = Requirement(line)
        assert f"{needed.name} {str(needed.specifier).removeprefix('>=')}" in INSTALLATION, line


def test_commands_are_what_lava_hw_takes() -> None:
    """In text as in blocks; that they work is shown where they are in a block."""
    count = 0
    for page in [*USER_PAGES, DOCS / "troubleshooting.md", DOCS / "demo.md"]:
        for line in re.findall(r"`(lava-hw [^`\n]+)`", page.read_text(encoding="utf-8")):
            words = shlex.split(line)[1:]
            try:
                _parser().parse_args(words)
            except SystemExit:  # a verb alone, without what it needs: there is such a verb
                with pytest.raises(SystemExit, match=r"^0$"):
                    _parser().parse_args([*words, "--help"])
                assert len(words) == 1, line
            count += 1
    assert count > 5


def test_what_a_shell_is_given_exists() -> None:
    """Verbs of make, extras of pip, programs of a system that the checks look for."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = set(EXTRAS)
    for page in USER_PAGES:
        text = page.read_text(encoding="utf-8")
        for verb in re.findall(r"(?:^    |`)make (?:\w+=\S+ )*([a-z-]+)", text, re.MULTILINE):
            assert re.search(rf"^{verb}:", makefile, re.MULTILINE), f"{page.name}: make {verb}"
        for asked in re.findall(r"pip install\b[^\n`]*\[([\w,-]+)\]", text):
            assert set(asked.split(",")) <= extras, f"{page.name}: {asked}"
    checked = (ROOT / "make/check_tools.sh").read_text(encoding="utf-8")
    for program in re.search(r"^for tool in ([\w ]+);", checked, re.MULTILINE)[1].split():
        assert f"`{program}`" in INSTALLATION, program
