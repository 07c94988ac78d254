"""Rules of the tree: sizes, docstrings, names in the facade, nothing of one machine in a file."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import lava_hw
from lava_hw import _resources
from tests.budgets import MOST_MINUTES

ROOT = Path(__file__).resolve().parents[2]
# A person reads a module in one sitting. Generated files and tables of tests may be longer.
HALF_HAVE_AT_MOST, MOST_LINES, MOST_LINES_OF_TESTS = 150, 420, 500
GENERATED = {"lava_hw/regs/_generated.py", "sim/regs/lhw_regs.hpp", "rtl/regs/lhw_regs_pkg.sv"}
# Kinds instead of subjects. Lava's own public paths keep their names.
NO_NAMES = {"utils.py", "interfaces.py", "constants.py", "helpers.py", "common.py", "misc.py"}
LAVAS = {
    "lava_hw/magma/compiler/channels/interfaces.py",
    "lava_hw/magma/core/learning/constants.py",
    "lava_hw/magma/core/learning/utils.py",
    "lava_hw/magma/core/process/interfaces.py",
    "lava_hw/proc/conv/utils.py",
    "lava_hw/proc/io/utils.py",
}
# Hosts that a tracked file may name. A package index is never one of them: pip's own settings choose it.
HOSTS = {
    "github.com",
    "www.cocotb.org",
    "keepachangelog.com",
    "semver.org",
    "www.w3.org",
    "www.apache.org",
    "json-schema.org",
}
SOURCE = re.compile(r"\.(py|sv|svh|cpp|hpp)$")


@cache
def tracked() -> tuple[str, ...]:
    """Files that belong to the project: those git knows, or, without git, all but what is built."""
    git = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if git.returncode == 0:
        return tuple(sorted(n for n in git.stdout.decode().split("\0") if n and (ROOT / n).is_file()))
    built = {
        ".venv",
        "build",
        ".git",
        "__pycache__",
        ".hypothesis",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
    }
    paths = (p for p in ROOT.rglob("*") if p.is_file() and not built & set(p.relative_to(ROOT).parts))
    return tuple(sorted(p.relative_to(ROOT).as_posix() for p in paths))


def text(name: str) -> str | None:
    data = (ROOT / name).read_bytes()
    return None if b"\0" in data else data.decode("utf-8")


def test_modules_can_be_read_in_one_sitting() -> None:
    long = {}
    for name in tracked():
        if SOURCE.search(name) and name not in GENERATED:
            most = MOST_LINES_OF_TESTS if name.startswith("tests/") else MOST_LINES
            lines = len((text(name) or "").splitlines())
            if lines > most:
                long[name] = lines
    assert long == {}


def test_half_of_the_modules_are_short() -> None:
    sizes = sorted(
        len((text(n) or "").splitlines())
        for n in tracked()
        if n.startswith("lava_hw/")
        and n.endswith(".py")
        and not n.endswith("__init__.py")
        and n not in GENERATED
    )
    assert sizes[len(sizes) // 2] <= HALF_HAVE_AT_MOST


def test_contributors_read_the_numbers_that_are_held() -> None:
    page = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    assert f"half of them have at most {HALF_HAVE_AT_MOST} lines" in page
    assert f"all at most {MOST_LINES} (in `tests/` {MOST_LINES_OF_TESTS})." in page
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (length,) = re.findall(r"^line-length = (\d+)$", project, re.MULTILINE)
    assert f"line length {length}." in page
    minutes = {f"at most {MOST_MINUTES} minutes on two cores"}
    assert set(re.findall(r"at most \d+ minutes on two cores", page)) == minutes


def test_modules_are_named_after_what_they_do() -> None:
    assert [n for n in tracked() if Path(n).name in NO_NAMES and n not in LAVAS] == []


@pytest.mark.parametrize("folder", ["lava_hw", "examples", "bench", "tests"])
def test_every_module_says_what_it_is(folder: str) -> None:
    silent = [
        name
        for name in tracked()
        if name.startswith(f"{folder}/")
        and name.endswith(".py")
        and (tree := ast.parse(text(name) or "")).body
        and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_every_public_class_and_function_says_what_it_does() -> None:
    silent = []
    for name in tracked():
        if not (name.startswith("lava_hw/") and name.endswith(".py")) or name in GENERATED:
            continue
        for node in ast.parse(text(name) or "").body:
            if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                silent.append(f"{name}: {node.name}")
    assert silent == []


def test_files_name_no_host_but_these() -> None:
    found = {
        f"{name}: {host}"
        for name in tracked()
        for host in re.findall(r"https?://([A-Za-z0-9.-]+)", text(name) or "")
        if host not in HOSTS
    }
    assert found == set()


def test_files_name_no_path_of_one_machine() -> None:
    homes = "|".join(("work", "home", "root", "mnt", "Users", "opt"))
    found = {
        f"{name}: {match}"
        for name in tracked()
        for match in re.findall(
            rf"(?:^|[\s\"'(=:`])(/(?:{homes})/[^\s\"'`)]+)", text(name) or "", re.MULTILINE
        )
    }
    assert found == set()
    assert str(ROOT) not in "".join(text(n) or "" for n in tracked())


def test_facade_names_exist_and_are_those_of_their_paths() -> None:
    for name in lava_hw.__all__:
        value = getattr(lava_hw, name)
        if isinstance(value, type):
            module = importlib.import_module(value.__module__)
            assert getattr(module, value.__name__) is value
    assert set(lava_hw.__all__) <= set(dir(lava_hw))
    with pytest.raises(AttributeError, match="no attribute 'LIFE'"):
        lava_hw.LIFE  # noqa: B018


def test_importing_the_package_loads_nothing_else() -> None:
    """Tools that need a part do not pay for the whole."""
    code = "import sys, lava_hw; print(*(m for m in sys.modules if m.startswith('lava_hw.') or m == 'numpy'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_package_data_has_every_folder_that_the_package_looks_for() -> None:
    # Python 3.10 has no tomllib; these lines are plain enough.
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = project.split("[tool.scikit-build.wheel.packages]\n")[1].split("\n[")[0]
    packages = dict(re.findall(r'^"(.+)" = "(.+)"$', section, re.MULTILINE))
    assert packages == {"lava_hw": "lava_hw"} | {f"lava_hw/_data/{kind}": kind for kind in _resources._KINDS}


def test_every_top_folder_has_a_readme_and_stands_in_the_directory_page() -> None:
    page = (ROOT / "docs/layout.md").read_text(encoding="utf-8")
    folders = {n.split("/")[0] for n in tracked() if "/" in n and not n.startswith(".")}
    assert [f for f in sorted(folders) if f"{f}/README.md" not in tracked()] == []
    assert [f for f in sorted(folders) if f"`{f}/`" not in page] == []
    # Theory and numbered rules, and how to test it: whoever opens a folder for the first time finds the same.
    for folder in sorted(folders - {"docs"}):
        readme = text(f"{folder}/README.md") or ""
        assert re.search(r"^1\. ", readme, re.MULTILINE), f"{folder}/README.md has no numbered rules"
        assert re.search(r"pytest|tests/", readme), f"{folder}/README.md does not say how to test it"
    below = {
        "/".join(n.split("/")[:2])
        for n in tracked()
        if n.count("/") >= 2 and n.split("/")[0] in ("lava_hw", "rtl", "sim", "tests", "examples")
    }
    assert [f for f in sorted(below) if f"`{f.split('/')[1]}/`" not in page] == []
