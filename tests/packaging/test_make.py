"""The Makefile's verbs, and what it says when something from the system is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lava_hw

ROOT = Path(__file__).resolve().parents[2]
VERBS = {
    *("help", "setup", "demo", "test", "fuzz", "faults", "mutants", "compat"),
    *("bench", "bench-lava", "nightly", "lint", "regs", "docs", "clean"),
}


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=dict(os.environ) | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def programs(folder: Path, *names: str, **scripts: str) -> str:
    """Make a PATH with the system's `names` and programs of our own."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_help_lists_every_verb_on_a_line():
    done = make("help")
    assert (done.returncode, done.stderr) == (0, "")
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert set(listed) >= VERBS
    assert all(re.fullmatch(r"  make \S+ +\S.{10,}", line) for line in done.stdout.splitlines())
    # Every verb of the file is listed: none is hidden for want of a description.
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert sorted(phony[1].split()) == sorted(listed)


def test_ci_runs_make_test_only():
    commands = [
        line
        for line in (ROOT / ".ci/run").read_text().splitlines()
        if line and not line.startswith("#") and line != "set -e"
    ]
    assert commands == ['cd "$(dirname "$0")/.."', "exec make test"]
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_no_python_says_why_of_each(tmp_path):
    path = programs(
        tmp_path / "bin",
        *("sh", "dirname"),
        **{
            "python3.10": "exit 127",  # a pyenv shim of a version that is not selected
            "python3": f'[ "$1" = -c ] && echo {tmp_path}/bin/old || exit 9',
            "old": "echo 'it is Python 3.8, lava_hw needs 3.10 to 3.13'; exit 1",
        },
    )
    done = subprocess.run(
        [ROOT / "make/find_python.sh", "python3.13", "python3.10", "python3"],
        env={"PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "No suitable Python among: python3.13 python3.10 python3" in done.stderr
    assert "python3: it is Python 3.8, lava_hw needs 3.10 to 3.13" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr
    assert "python3.10:" not in done.stderr


def test_first_suitable_python_is_taken(tmp_path):
    path = programs(tmp_path / "bin", "sh", "dirname", **{"python3.13": "exit 1"})
    done = subprocess.run(
        [ROOT / "make/find_python.sh", "python3.13", sys.executable],
        env={"PATH": path},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (0, sys.executable)


@pytest.mark.parametrize(
    ("prelude", "complaint"),
    [
        ("sys.modules['ensurepip'] = None", "it has no venv (Debian: apt install python3."),
        (
            "paths = sysconfig.get_paths() | {'include': '/nowhere'}\n"
            "sysconfig.get_paths = lambda *args, **options: paths",
            "its headers (Python.h) are missing",
        ),
        ("sys.version_info = (3, 14, 0)", "it is Python 3.14, lava_hw needs 3.10 to 3.13"),
        ("", ""),
    ],
    ids=["venv", "headers", "version", "nothing"],
)
def test_probe_names_what_an_interpreter_lacks(prelude, complaint):
    code = f"import sys, sysconfig, runpy\n{prelude}\nrunpy.run_path('make/probe.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == (1 if complaint else 0)
    assert done.stdout.startswith(complaint)
    assert done.stderr == ""


def test_missing_tools_are_named(tmp_path):
    path = programs(tmp_path / "bin", "sh", "mktemp", "rm")
    done = subprocess.run([ROOT / "make/check_tools.sh"], env={"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "a C++17 compiler, looked for 'c++' (Debian, Ubuntu: apt install g++" in done.stderr
    assert "apt install perl" in done.stderr
    assert "apt install binutils" in done.stderr


def test_compiler_that_is_too_old_is_named(tmp_path):
    path = programs(
        tmp_path / "bin",
        *("sh", "mktemp", "rm", "head", "perl", "ar", "ranlib"),
        **{"c++": "echo 'error: unrecognized option -std=c++17' >&2; exit 1"},
    )
    done = subprocess.run([ROOT / "make/check_tools.sh"], env={"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "'c++' does not compile a small program: error: unrecognized option -std=c++17" in done.stderr


def test_the_callers_environment_does_not_reach_in(tmp_path):
    extra = tmp_path / "show.mk"
    extra.write_text("include Makefile\nshow: ; @env\n")
    done = make(
        *("-f", str(extra), "show"),
        PYTHONPATH="/else",
        PIP_TARGET="/else",
        PIP_REQUIRE_VIRTUALENV="1",
        PIP_USER="1",
        PIP_INDEX_URL="kept",
        VIRTUAL_ENV="/else",
    )
    assert done.returncode == 0, done.stderr
    shown = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert not {"PYTHONPATH", "PIP_TARGET", "PIP_REQUIRE_VIRTUALENV", "VIRTUAL_ENV"} & set(shown)
    assert shown["PIP_USER"] == "0"
    assert shown["PIP_INDEX_URL"] == "kept"


def test_one_version():
    stated = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert stated
    assert stated[1] == lava_hw.__version__
