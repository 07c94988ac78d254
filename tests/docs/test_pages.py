"""Code in the pages runs; the pages name files, tests and headings that exist."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.docs.markdown import DOCS, ROOT, blocks

# Pages that are tested elsewhere: README and isa (asm) by tests/examples and tests/isa.
PAGES = sorted(
    [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    + [
        p
        for top in ("lava_hw", "rtl", "sim", "configs", "examples", "tests", "bench", "make")
        for p in (ROOT / top).rglob("*.md")
    ]
)
WITH_CODE = {
    "configs/README.md",
    "docs/architecture.md",
    "README.md",
    "docs/adding_a_process.md",
    "docs/equations.md",
    "docs/cocotb.md",
    "docs/device.md",
    "docs/float2fixed.md",
    "docs/isa.md",
    "docs/learning.md",
    "docs/workers.md",
    # tests/docs/test_user_pages.py
    "docs/howto/many_runs.md",
    "docs/howto/notebooks.md",
    "docs/howto/own_chip.md",
    "docs/howto/own_weights.md",
    "docs/howto/plots.md",
    "docs/howto/samples.md",
    "docs/howto/waveforms.md",
    "docs/quickstart.md",
}


def test_every_page_with_python_is_known_here() -> None:
    """A new page with code gets a test of its code."""
    assert {p.relative_to(ROOT).as_posix() for p in PAGES if blocks(p)} == WITH_CODE


def test_isa(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(DOCS / "isa.md")
    names: dict[str, Any] = {}
    exec(code, names)
    assert len(names["words"]) == len(names["program"]) == 6
    from lava_hw import isa

    assert isa.problems(names["words"], nvars=2, nconst=4) == []


def test_equations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first block is a module, the second a program that compares Python with golden."""
    module, program = blocks(DOCS / "equations.md")
    (tmp_path / "leaking.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    names: dict[str, Any] = {}
    exec(program, names)
    assert len(names["python"]) == 40
    page = (DOCS / "equations.md").read_text(encoding="utf-8")
    from lava_hw import equations

    for name in equations.__all__:
        if inspect.isfunction(getattr(equations, name)) or name.isupper():
            assert name in page, name


def test_workers() -> None:
    (code,) = blocks(DOCS / "workers.md")
    exec(code, {})


def test_learning(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(DOCS / "learning.md")
    names: dict[str, Any] = {}
    exec(code, names)
    assert f"# {capsys.readouterr().out.strip()}" in code
    assert np.ptp(names["weights"]) > 4


def test_float2fixed(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(DOCS / "float2fixed.md")
    rng = np.random.default_rng(5)
    names: dict[str, Any] = {
        "w1": rng.normal(0, 0.2, (12, 20)),
        "w2": rng.normal(0, 0.4, (3, 12)),
        "b1": np.zeros(12),
        "b2": np.zeros(3),
        "spikes": rng.random((15, 4, 20)) < 0.3,
    }
    exec(code, names)
    assert names["neurons"].proc_params["shape"] == (12,)
    assert "hidden" in capsys.readouterr().out


def test_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The example on golden; the names in it are those that the compiler gives."""
    from lava_hw import LIF, Dense, Source, compile_network

    (code,) = blocks(DOCS / "device.md")
    source, dense = Source(data=np.zeros((6, 1), int)), Dense(weights=np.full((4, 6), 3))
    neurons = LIF(shape=(4,), vth=5)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(neurons.a_in)
    monkeypatch.chdir(tmp_path)
    compile_network(neurons, "test8", outputs=[neurons.s_out]).save("net.lhw")
    assert 'Device.open("verilator", image.chip)' in code
    names: dict[str, Any] = {"spikes": np.ones((100, 6), int)}
    exec(code.replace('"verilator"', '"golden"'), names)
    assert names["out"].shape == (100, 4)
    assert names["out"].any()
    # Those of the last step were added up when v was read.
    assert int(capsys.readouterr().out) == 100 * 6 * 4


def without_docstrings(source: str) -> dict[str, str]:
    """Functions by name, as code without comments and docstrings."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node):
                node.body = node.body[1:]
            found[node.name] = ast.unparse(node)
    return found


def test_cocotb_shows_what_the_example_does() -> None:
    """tests/rtl/test_cocotb_bench.py runs the example itself."""
    layer, bench = blocks(DOCS / "cocotb.md")
    for code in (layer, bench):
        lines = [line for line in code.splitlines() if re.match(r"(from|import) ", line)]
        assert lines
        exec("\n".join(lines), {})
    example = ROOT / "examples/cocotb"
    shown, real = without_docstrings(layer), without_docstrings((example / "test_layer.py").read_text())
    assert shown["layer"] == real["layer"]
    shown, real = without_docstrings(bench), without_docstrings((example / "layer_bench.py").read_text())
    # The page writes the spikes out, the example has a function for them.
    spikes = without_docstrings((example / "layer_bench.py").read_text())["spikes"]
    assert "np.random.default_rng(1).random((steps, 64)) < rate" in spikes
    assert "np.random.default_rng(1).random((20, 64)) < 0.2" in shown["equals_the_golden_model"]
    told = [line for line in shown["equals_the_golden_model"].splitlines() if " spikes = " not in line]
    for line in told[:-1]:
        assert line.replace(": spikes}", ": spikes(20)}") in real["equals_the_golden_model"]


def headings(page: Path) -> set[str]:
    """Anchors of a page as a viewer makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in headings(path), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_that_are_named_exist(page: Path) -> None:
    """`lava_hw/x.py`, `tests/...` and the like, in running text."""
    tops = "lava_hw|rtl|sim|configs|examples|tests|bench|docs|make"
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for name in re.findall(rf"`((?:{tops})/[\w./*-]*)(?:::\w+)?`", text):
        if "*" in name:
            assert list(ROOT.glob(name)), f"{page.name} names {name}"
        elif not re.search(r"/_data/", name):
            # The map's paths are below tests/.
            assert (ROOT / name).exists() or (ROOT / "tests" / name).exists(), f"{page.name} names {name}"


def test_the_index_has_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name
    for folder in ("decisions", "howto"):
        for page in (DOCS / folder).glob("*.md"):
            assert f"]({folder}/{page.name})" in index, page.name


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(p.name[:4]) for p in (DOCS / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    for page in (DOCS / "decisions").glob("[0-9]*.md"):
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}: ")
        assert "**Decision.**" in text
        assert "**Why.**" in text


def test_the_map_names_tests_that_exist() -> None:
    """Names with a test, and names that go on in the folder of the file before."""
    page = (DOCS / "test_map.md").read_text(encoding="utf-8")
    tests = ROOT / "tests"
    names = re.findall(r"`((?:\w+/)?test_\w+(?:\.py(?:::\w+)?)?)`", page)
    assert len(names) > 80
    folder, file = tests, tests
    for name in names:
        path, _, function = name.partition("::")
        if path.endswith(".py"):
            file = tests / path if "/" in path else folder / path
            folder = file.parent
            assert file.is_file(), name
        else:
            function = name
        if function:
            assert re.search(rf"^def {function}\(", file.read_text(encoding="utf-8"), re.MULTILINE), (
                f"{file}: {name}"
            )
