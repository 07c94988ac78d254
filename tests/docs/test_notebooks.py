"""The notebooks are made from scripts of the tutorial, run in a kernel, and print what the scripts print."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbclient import NotebookClient

from tests.docs.markdown import DOCS, ROOT

NOTEBOOKS = sorted((ROOT / "examples/notebooks").glob("*.ipynb"))


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_notebooks", ROOT / "examples/notebooks/make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_notebooks_are_those_of_the_scripts() -> None:
    """After an edit of a script: `make docs`."""
    made = maker()
    assert {p.stem for p in NOTEBOOKS} == set(made.SCRIPTS)
    for path in NOTEBOOKS:
        assert path.read_text(encoding="utf-8") == made.notebook(path.stem), path.name


def test_pages_link_to_them() -> None:
    for page in (DOCS / "howto/notebooks.md", ROOT / "examples/README.md"):
        for path in NOTEBOOKS:
            assert f"notebooks/{path.name})" in page.read_text(encoding="utf-8"), page.name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_prints_what_its_script_prints(path: Path, tmp_path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert not any(cell.get("outputs") for cell in book.cells)
    assert book.cells[0].cell_type == "markdown"
    assert "examples/tutorial" not in book.cells[0].source, "the command of the script is not the notebook's"
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert {output["output_type"] for output in outputs} == {"stream"}, "no tracebacks, nothing displayed"
    shown = "".join(output["text"] for output in outputs if output["name"] == "stdout")
    remarks = "".join(output["text"] for output in outputs if output["name"] == "stderr")
    assert "Warning" not in remarks, remarks
    done = subprocess.run(
        [sys.executable, str(ROOT / f"examples/tutorial/{path.stem}.py")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    expected = done.stdout
    if path.stem == "running":  # it pauses a network after a tenth of a second: numbers of that differ
        shown, expected = (
            "\n".join(
                re.sub(r"\d+", "n", x) if "paused" in x or "midst" in x else x for x in text.splitlines()
            )
            for text in (shown, expected)
        )
    assert len(expected.splitlines()) > 6
    assert shown == expected
