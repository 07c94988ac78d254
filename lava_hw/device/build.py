"""Builds the simulator of a top with Verilator and a C++ compiler, into the cache."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lava_hw._resources import resource_dir
from lava_hw.chip import Chip
from lava_hw.device.cache import Cache, Progress, cache_root, full_disk
from lava_hw.device.errors import BuildError
from lava_hw.device.tools import find_compiler, find_make, find_verilator
from lava_hw.device.top import PREFIX, PortMap, write_top

KINDS = ("fast", "checked")
"""fast: no assertions, undefined values are 0. checked: with assertions, undefined values are random."""

_SIM_SOURCES = ("main.cpp", "options.cpp", "host.cpp", "sim.cpp", "stops.cpp")
_RUNTIME = ("verilated", "verilated_threads", "options", "host", "stops")
_VERILATOR_FLAGS = {
    "fast": ("--no-assert", "--x-assign", "fast", "--x-initial", "fast"),
    "checked": ("--assert", "--x-assign", "unique", "--x-initial", "unique"),
}
_OPTIMISATION = {"fast": "-O2", "checked": "-O1"}
# Verilator sets the local shadow of every wide memory word to 0 at the start of every cycle, although it is
# read only where it was written (under its flag __VdlySet); without that a cycle takes 0.7 of the time.
_DEAD_ZEROING = re.compile(r"^ *VL_ZERO_W\(\d+, __VdlyVal__\w+\);\n", re.MULTILINE)
_CFLAGS = "-std=gnu++17 -DVL_USER_STOP -DVL_USER_FINISH -DVL_USER_FATAL"


@dataclass(frozen=True)
class Design:
    """What is simulated.

    Attributes
    ----------
    top : str
        Name of the top module.
    sources : tuple of Path
        SystemVerilog files, packages first.
    include : tuple of Path
        Directories of headers.
    waivers : tuple of Path
        Files of lint waivers (.vlt).
    parameters : mapping
        Values of the top's parameters.
    """

    top: str
    sources: tuple[Path, ...]
    include: tuple[Path, ...] = ()
    waivers: tuple[Path, ...] = ()
    parameters: Mapping[str, int] = field(default_factory=dict)
    ports: PortMap = field(default_factory=PortMap)


def chip_design(chip: Chip, rtl_dir: str | os.PathLike[str] | None = None) -> Design:
    """Give the design of a chip.

    Parameters
    ----------
    chip : Chip
    rtl_dir : path, optional
        An edited copy of ``rtl/``; by default the one that belongs to this version.

    Raises
    ------
    BuildError
        If it has no file list, or a file of the list is missing.
    """
    rtl = Path(rtl_dir).absolute() if rtl_dir is not None else resource_dir("rtl")
    listing = rtl / "lhw.f"
    if not listing.is_file():
        raise BuildError(f"{listing} does not exist; rtl_dir must be a copy of the whole directory rtl/")
    sources, include = [], [rtl / "prim"]
    for line in listing.read_text().splitlines():
        text = line.split("//")[0].split("#")[0].strip()
        if text.startswith("+incdir+"):
            include.append(rtl / text.removeprefix("+incdir+").removeprefix("rtl/"))
        elif text:
            sources.append(rtl / text.removeprefix("rtl/"))
    for path in sources:
        if not path.is_file():
            raise BuildError(f"{path} does not exist, and {listing} lists it")
    waivers = tuple(sorted(resource_dir("sim").glob("*.vlt")))
    return Design("lhw_chip", tuple(sources), tuple(include), waivers, chip.to_sv_parameters())


@dataclass(frozen=True)
class Simulator:
    """A simulator that was built."""

    program: Path
    directory: Path
    kind: str
    traced: bool
    one_eval: bool


def build_simulator(
    design: Design,
    kind: str = "fast",
    *,
    traced: bool = False,
    cache: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Simulator:
    """Give the simulator of a design, from the cache or built now.

    Parameters
    ----------
    design : Design
    kind : {"fast", "checked"}
    traced : bool
        With waveforms.
    cache : path, optional
        Directory of the cache; see `cache_root`.
    progress : callable, optional
        Is given a line of text when something takes time.

    Raises
    ------
    BuildError
        If a tool is missing, the design is not accepted, or the disk is full.
    """
    if kind not in KINDS:
        raise BuildError(f"there is no build {kind!r}; there are {' and '.join(KINDS)}")
    say = progress if progress is not None else _silent
    root = cache_root(cache) / "simulators"
    builder = _Builder(design, kind, traced, Cache(root, say), say)
    key = builder.key()

    def make(work: Path) -> None:
        builder.make(work)
        if builder.key() != key:
            raise BuildError("the sources were changed while the simulator was built; build it again")

    entry = builder.cache.get(key, make)
    facts = json.loads((entry / "facts.json").read_text())
    return Simulator(entry / "simulator", entry, kind, traced, bool(facts["one_eval"]))


def _silent(text: str) -> None:
    return None


class _Builder:
    """One simulator to be built."""

    def __init__(self, design: Design, kind: str, traced: bool, cache: Cache, say: Progress) -> None:
        self.design, self.kind, self.traced, self.cache, self.say = design, kind, traced, cache, say
        self.tools = (find_verilator(), find_compiler(), find_make())
        self.sim = resource_dir("sim")
        self.environment = {**os.environ, **self.tools[0].environment}
        # Variables of a make that called us would reach ours.
        for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
            self.environment.pop(name, None)

    def key(self) -> str:
        """Give the hash of everything that the simulator depends on."""
        design = self.design
        files = [*design.sources, *design.waivers]
        files += sorted(p for d in design.include for p in d.glob("*.svh"))
        facts = {
            "top": design.top,
            "parameters": dict(design.parameters),
            "ports": asdict(design.ports),
        }
        return f"{design.top}-{self.kind}{'-trace' if self.traced else ''}-{self._hash(files, facts)}"

    def _hash(self, files: list[Path], facts: Mapping[str, object]) -> str:
        """Give the hash of files, facts, and what every simulator depends on."""
        own = Path(__file__).parent
        files = [*files, own / "build.py", own / "top.py"]
        files += sorted(p for p in self.sim.rglob("*") if p.suffix in (".cpp", ".hpp"))
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        facts = {
            **facts,
            "kind": self.kind,
            "traced": self.traced,
            "tools": [(tool.name, tool.version) for tool in self.tools],
            "machine": platform.machine(),
        }
        digest.update(json.dumps(facts, sort_keys=True).encode())
        return digest.hexdigest()[:32]

    def make(self, work: Path) -> None:
        """Build into an empty directory."""
        design = self.design
        with_waves = " with waveforms" if self.traced else ""
        self.say(f"building the {self.kind} simulator of {design.top}{with_waves} (once a chip)")
        command = [*self.tools[0].command, "--cc", "--exe", "-Wall", "-O3", *_VERILATOR_FLAGS[self.kind]]
        command += ["--trace-vcd"] if self.traced else []
        command += ["--output-split", "0", "--prefix", PREFIX, "--top-module", design.top, "--Mdir", "obj"]
        command += ["--timescale", "1ns/1ps", "-o", "simulator", "-CFLAGS", f"{_CFLAGS} -I{self.sim} -I."]
        command += [f"-G{name}={value}" for name, value in design.parameters.items()]
        command += [f"+incdir+{path}" for path in design.include]
        command += [str(path) for path in (*design.waivers, *design.sources)]
        command += [str(self.sim / source) for source in _SIM_SOURCES]
        _run(command, work, self.environment, "Verilator does not accept the design")
        obj = work / "obj"
        one_eval = write_top(obj, design.top, design.ports)
        if self.kind == "fast":
            for path in obj.glob(f"{PREFIX}___024root*.cpp"):
                path.write_text(_DEAD_ZEROING.sub("", path.read_text()))
        shared = self._shared_objects()
        for name in shared:
            # As if it had just been compiled here: make compares times.
            shutil.copyfile(shared[name], obj / name)
        self._compile(work, ["simulator"])
        shutil.move(obj / "simulator", work / "simulator")
        shutil.rmtree(obj)
        (work / "facts.json").write_text(json.dumps({"one_eval": one_eval}) + "\n")

    def _shared_objects(self) -> dict[str, Path]:
        """Give the objects that do not depend on the top: Verilator's own code, and most of the harness."""
        names = [f"{name}.o" for name in (*_RUNTIME, *(("verilated_vcd_c",) if self.traced else ()))]

        def make(work: Path) -> None:
            (work / "empty.sv").write_text("module empty (input logic clk_i);\nendmodule\n")
            command = [*self.tools[0].command, "--cc", "--exe", "--prefix", PREFIX, "--Mdir", "obj"]
            command += ["--trace-vcd"] if self.traced else []
            command += ["-Wno-fatal", "-CFLAGS", f"{_CFLAGS} -I{self.sim} -I.", "empty.sv"]
            command += [str(self.sim / source) for source in _SIM_SOURCES]
            _run(command, work, self.environment, "Verilator does not work")
            self._compile(work, names)
            for name in names:
                shutil.move(work / "obj" / name, work / name)
            shutil.rmtree(work / "obj")
            (work / "empty.sv").unlink()

        entry = self.cache.get(f"objects-{self.kind}-{self._hash([], {})}", make)
        return {name: entry / name for name in names}

    def _compile(self, work: Path, targets: list[str]) -> None:
        _, compiler, make = self.tools
        level = _OPTIMISATION[self.kind]
        command = [*make.command, "-j1", "-C", "obj", "-f", f"{PREFIX}.mk", *targets]
        command += [f"OPT_FAST={level}", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1"]
        command += [f"PYTHON3={sys.executable}", f"CXX={compiler.command[0]}", f"LINK={compiler.command[0]}"]
        _run(command, work, self.environment, "the C++ compiler does not accept the simulator")


def _run(command: list[str], work: Path, environment: Mapping[str, str], failure: str) -> None:
    try:
        result = subprocess.run(
            command,
            cwd=work,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{command[0]} cannot be run: {error.strerror or error}") from error
    if result.returncode == 0:
        return
    if "No space left on device" in result.stdout or "Disk quota exceeded" in result.stdout:
        raise BuildError(full_disk(work.parent))
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    errors = [i for i, line in enumerate(lines) if "%Error" in line or "error:" in line or "%Warning" in line]
    start = errors[0] if errors else max(len(lines) - 20, 0)
    shown = "\n".join(lines[start : start + 20])
    raise BuildError(f"{failure} (exit code {result.returncode}):\n{shown}")
