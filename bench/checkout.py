"""Programs of programs/ that are run in a checkout, with its Python: this one, or one to compare with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.machine import ROOT
from bench.plan import Plan, Tiles

SIMULATORS = Path(__file__).parent / "programs" / "simulators.py"


def python_of(checkout: Path) -> Path:
    """Give the Python of a checkout.

    Raises
    ------
    SystemExit
        If it has none, or if that Python imports the package of another checkout.
    """
    if checkout == ROOT:
        return Path(sys.executable)
    python = checkout / ".venv" / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{checkout} has no .venv; run `make setup` there")
    code = "import lava_hw; print(lava_hw.__file__)"
    found = subprocess.run([python, "-c", code], cwd=checkout, capture_output=True, text=True, check=True)
    if not Path(found.stdout.strip()).resolve().is_relative_to(checkout.resolve()):
        raise SystemExit(f"{python} imports {found.stdout.strip()}, not the package of {checkout}")
    return python


def ask(command: list[str], checkout: Path, limit: float | None = None, **environment: str) -> Any:
    """Run a program in a checkout; give what it prints as its last line.

    Parameters
    ----------
    command : list of str
        Program and arguments; the checkout's Python runs it.
    checkout : Path
    limit : float, optional
        Seconds that it may take.
    **environment
        Further variables.

    Raises
    ------
    RuntimeError
        If it fails or takes too long; the message ends with what it said.
    """
    child = subprocess.Popen(
        [str(python_of(checkout)), *command],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    title = f"{' '.join([Path(command[0]).name, *command[1:]])} in {checkout}"
    try:
        said, wrong = child.communicate(timeout=limit)
    except BaseException as error:
        os.killpg(child.pid, signal.SIGKILL)  # with the compilers that it has started
        child.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise RuntimeError(f"{title}: no answer within {limit:g} s") from None
        raise
    if child.returncode:
        raise RuntimeError(f"{title} failed: {wrong.strip()[-800:]}")
    return json.loads(said.splitlines()[-1])


def record(tiles: Tiles, plan: Plan, folder: Path, checkout: Path = ROOT, **options: Any) -> list[Any]:
    """Record a chain for a short and a long time; see programs/simulators.py, and `ask` for the options."""
    steps = (plan.warm_counted, plan.warm_counted + plan.counted)
    answer: list[Any] = ask([*_command("record", tiles, plan, folder), *map(str, steps)], checkout, **options)
    return answer


def build(tiles: Tiles, plan: Plan, folder: Path, checkout: Path = ROOT, **options: Any) -> dict[str, float]:
    """Build the simulator of a chain anew; see programs/simulators.py, and `ask` for the options."""
    answer: dict[str, float] = ask(_command("build", tiles, plan, folder), checkout, **options)
    return answer


def _command(what: str, tiles: Tiles, plan: Plan, folder: Path) -> list[str]:
    shape = (tiles.chip, *tiles.mesh, tiles.active, plan.core_neurons)
    return [str(SIMULATORS), what, *map(str, shape), str(folder)]
