"""The wheel is complete: installed without the checkout it imports, knows its sources and runs on RTL."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.venvs import ROOT, build_wheel, make_environment, requirements_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

DATA = ("rtl", "sim", "firmware", "configs")


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_below(source: Path, *folders: str) -> set[str]:
    found = (path for folder in folders for path in (source / folder).rglob("*") if path.is_file())
    return {path.relative_to(source).as_posix() for path in found if "__pycache__" not in path.parts}


def test_contents(source, wheel):
    """All sources of the hardware and of the package are in it, the compiled module, and nothing else."""
    names = contents(wheel)
    inside = {name for name in names if ".dist-info/" not in name}
    compiled = {name for name in inside if name.startswith("lava_hw/bridge/_ring.") and name.endswith(".so")}
    assert len(compiled) == 1
    expected = files_below(source, "lava_hw") | {
        f"lava_hw/_data/{name}" for name in files_below(source, *DATA)
    }
    assert inside - compiled == expected
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_runs_without_the_checkout(wheel, tmp_path):
    """The example on the RTL gives what it gives on golden, in an environment that has the wheel only."""
    environment = make_environment(sys.executable, "wheel", requirements_of(wheel, "rtl"), tmp_path)
    environment.install(wheel)
    where = environment.run("-c", "import lava_hw._resources as r; print(r.__file__, r.resource_root())")
    assert str(ROOT / "lava_hw") not in where
    assert where.rstrip().endswith("lava_hw/_data")
    assert environment.first_steps("verilator") == environment.first_steps("golden")


def path_without_compiler(folder: Path) -> str:
    """Return a PATH on which there are a few everyday programs only."""
    folder.mkdir()
    for program in ("sh", "ls", "rm", "mkdir", "cat", "sed", "uname", "env"):
        found = shutil.which(program)
        assert found
        (folder / program).symlink_to(found)
    return str(folder)


@pytest.mark.parametrize("case", ["no compiler", "broken compiler"])
def test_installs_without_a_compiler(source, tmp_path, case):
    """The rest works: the reason is kept for whoever asks for a channel, golden runs."""
    if case == "no compiler":
        settings = {"PATH": path_without_compiler(tmp_path / "bin")}
        reason = "no C++ compiler was found when the package was installed (Debian, Ubuntu: apt install g++)"
    else:
        broken = tmp_path / "broken-c++"
        broken.write_text("#!/bin/sh\necho cannot compile >&2\nexit 1\n")
        broken.chmod(0o755)
        settings = {"CXX": str(broken), "CC": str(broken)}
        reason = "no C++ compiler was found"
    wheel = build_wheel(source, tmp_path / "wheel", **settings)
    assert "lava_hw/bridge/_unavailable.py" in contents(wheel)
    environment = make_environment(sys.executable, case.replace(" ", "-"), requirements_of(wheel), tmp_path)
    environment.install(wheel)
    said = environment.run(
        "-c", "from lava_hw import bridge; print(bridge.available(), bridge.unavailable_reason())"
    )
    assert said.startswith(f"False the compiled module lava_hw.bridge._ring is missing: {reason}")
    environment.first_steps("golden")


def test_editable(source, tmp_path):
    """An editable installation finds the compiled module, the checkout's sources, and modules added later."""
    wheel_tools = ["scikit-build-core>=1.0", "nanobind>=2.5", "cmake>=3.26", "ninja>=1.11", "numpy>=1.26"]
    environment = make_environment(sys.executable, "editable", wheel_tools, tmp_path)
    environment.pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", source)
    added = source / "lava_hw/bridge/added_later.py"
    added.write_text("VALUE = 5\n")
    try:
        said = environment.run(
            "-c",
            "from lava_hw import bridge; from lava_hw._resources import resource_root;"
            "from lava_hw.bridge.added_later import VALUE;"
            "print(bridge.available(), VALUE, resource_root(), bridge.__file__)",
        )
    finally:
        added.unlink()
    assert said.split() == ["True", "5", str(source), str(source / "lava_hw/bridge/__init__.py")]
