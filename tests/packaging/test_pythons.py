"""Installation and a smoke test on each supported Python at hand, two of them in `make nightly` only.

`LHW_PYTHONS=3.10,3.13` chooses some of them. The environments with numpy and scipy stay below
build/tests-packaging, so that a second run only builds and installs the package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.venvs import build_wheel, make_environment, requirements_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

# The oldest and the newest in `make test`; an environment takes a minute, so the others wait for the night.
VERSIONS = (
    "3.10",
    pytest.param("3.11", marks=pytest.mark.nightly),
    pytest.param("3.12", marks=pytest.mark.nightly),
    "3.13",
)
TOOLS = ["scikit-build-core>=1.0", "nanobind>=2.5", "cmake>=3.26", "ninja>=1.11"]
# The oldest numpy that is promised runs on the oldest Python, the newest of all on the others.
OLDEST = {"3.10": ["numpy==1.26.*"]}
PROBE = Path(__file__).resolve().parents[2] / "make/probe.py"


def interpreter(version: str) -> str | None:
    """Return a suitable interpreter of `version` from the PATH or from pyenv, None if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python{version}"))]
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, PROBE], capture_output=True).returncode == 0:
            return str(candidate)
    return None


@pytest.mark.parametrize("version", VERSIONS)
def test_install_and_smoke(version, source, wheel, tmp_path):
    chosen = os.environ.get("LHW_PYTHONS")
    if chosen and version not in chosen.split(","):
        pytest.skip(f"LHW_PYTHONS={chosen} leaves it out")
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} with venv and headers is at hand")
    needed = [*requirements_of(wheel), *OLDEST.get(version, []), *TOOLS]
    environment = make_environment(python, f"python{version}", needed, tmp_path)
    # Unoptimised, which halves the time of compilation.
    options = ["--config-settings=cmake.build-type=Debug"]
    environment.install(build_wheel(source, tmp_path / "wheel", environment.python, options))
    shutil.copy(Path(__file__).with_name("smoke.py"), tmp_path)
    said = environment.run("-W", "error", "smoke.py")
    assert said.splitlines()[-1] == f"Python {version}: all good"
    environment.first_steps("golden")
