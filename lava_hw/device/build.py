"""Builds the simulator of a top with Verilator and a C++ compiler, into the cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lava_hw import progress as bars
from lava_hw._resources import resource_dir
from lava_hw.chip import Chip
from lava_hw.device.build_time import expected_seconds
from lava_hw.device.cache import Cache, cache_root, full_disk
from lava_hw.device.errors import BuildError
from lava_hw.device.file_list import read_file_list
from lava_hw.device.tools import check_programs, find_compiler, find_make, find_verilator
from lava_hw.device.top import PREFIX, PortMap, write_top
from lava_hw.device.workshop import Workshop

KINDS = ("fast", "checked")
"""fast: no assertions, undefined values are 0. checked: with assertions, undefined values are random."""

_SIM_SOURCES = ("main.cpp", "options.cpp", "host.cpp", "sim.cpp", "stops.cpp")
_RUNTIME = ("verilated", "verilated_threads", "options", "host", "stops")
_VERILATOR_FLAGS = {
    "fast": ("--no-assert", "--x-assign", "fast", "--x-initial", "fast"),
    "checked": ("--assert", "--x-assign", "unique", "--x-initial", "unique"),
}
_TICK = 0.25  # seconds between two looks at a tool that works
_log = logging.getLogger("lava_hw.device")
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
    root: Path | None = None
    """Directory of the sources; Verilator sees it as ``rtl``, whatever its name is."""
    name: str = ""
    """What it is called to the user; "" for the name of the top."""


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
    files = read_file_list(rtl)
    waivers = tuple(sorted(resource_dir("sim").glob("*.vlt")))
    parameters, name = chip.to_sv_parameters(), f"chip {chip.name}"
    return Design("lhw_chip", files.sources, files.include, waivers, parameters, root=rtl, name=name)


@dataclass(frozen=True)
class Simulator:
    """A simulator that was built."""

    program: Path
    directory: Path
    kind: str
    traced: bool
    one_eval: bool
    was_built: bool = False
    """Whether it was built by this call, and not found in the cache."""


def build_simulator(
    design: Design,
    kind: str = "fast",
    *,
    traced: bool = False,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
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
    progress : bool, optional
        Whether a bar shows a build, with an estimate of its time; None: in a terminal or notebook. The log
        ``lava_hw.device`` has a line in any case.

    Raises
    ------
    BuildError
        If a tool is missing, the design is not accepted, or the disk is full.
    """
    if kind not in KINDS:
        raise BuildError(f"there is no build {kind!r}; there are {' and '.join(KINDS)}")
    root = cache_root(cache) / "simulators"
    expected = expected_seconds(root, design.parameters, kind, traced)
    builder = _Builder(design, kind, traced, Cache(root, progress))
    key = builder.key()
    built: list[Path] = []

    def make(work: Path) -> None:
        what = f"building the {kind} simulator of {design.name or design.top}"
        what += " with waveforms" if traced else ""
        _log.info(f"{what} (once a chip)")
        built.append(work)
        begin = time.monotonic()
        with bars.bar(expected, what, "s", progress) as bar:
            builder.tick = bar.reach_now
            builder.make(work)
            bar.done()
        facts = {
            "one_eval": builder.one_eval,
            "seconds": round(time.monotonic() - begin, 1),
            "parameters": dict(design.parameters),
            "kind": kind,
            "traced": traced,
        }
        (work / "facts.json").write_text(json.dumps(facts) + "\n")
        if builder.key() != key:
            raise BuildError("the sources were changed while the simulator was built; build it again")

    entry = builder.cache.get(key, make)
    facts = json.loads((entry / "facts.json").read_text())
    return Simulator(entry / "simulator", entry, kind, traced, bool(facts["one_eval"]), bool(built))


class _Builder:
    """One simulator to be built."""

    tick: Callable[[], object] | None = None
    """Called now and then while a tool works."""
    one_eval = True

    def __init__(self, design: Design, kind: str, traced: bool, cache: Cache) -> None:
        self.design, self.kind, self.traced, self.cache = design, kind, traced, cache
        self.tools = (find_verilator(), find_compiler(), find_make())
        self.sim = resource_dir("sim")
        self.environment = {**os.environ, **self.tools[0].environment}
        root = self.tools[0].environment.get("VERILATOR_ROOT")
        directories = {"sim": self.sim, "rtl": design.root, "verilator": Path(root) if root else None}
        self.workshop = Workshop({name: path for name, path in directories.items() if path is not None})
        self._root = ["VERILATOR_ROOT=../verilator"] if root else []
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

    def verilate(self) -> list[str]:
        """Give the command that turns the design into C++, in a place of the workshop."""
        design = self.design
        command = [*self.tools[0].command, "--cc", "--exe", "-Wall", "-O3", *_VERILATOR_FLAGS[self.kind]]
        command += ["--trace-vcd"] if self.traced else []
        command += ["--output-split", "0", "--prefix", PREFIX, "--top-module", design.top, "--Mdir", "obj"]
        command += ["--timescale", "1ns/1ps", "-o", "simulator", "-CFLAGS", f"{_CFLAGS} -I../sim -I."]
        command += [f"-G{name}={value}" for name, value in design.parameters.items()]
        command += [f"+incdir+{self.workshop.name(path)}" for path in design.include]
        command += [self.workshop.name(path) for path in (*design.waivers, *design.sources)]
        return command + [f"../sim/{source}" for source in _SIM_SOURCES]

    def make(self, result: Path) -> None:
        """Build into an empty directory."""
        check_programs(self.tools[1])
        with self.workshop.place(result) as work:
            self._make(work)

    def _make(self, work: Path) -> None:
        design = self.design
        self._run(self.verilate(), work, "Verilator does not accept the design")
        obj = work / "obj"
        self.one_eval = write_top(obj, design.top, design.ports)
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

    def _shared_objects(self) -> dict[str, Path]:
        """Give the objects that do not depend on the top: Verilator's own code, and most of the harness."""
        names = [f"{name}.o" for name in (*_RUNTIME, *(("verilated_vcd_c",) if self.traced else ()))]

        def make(result: Path) -> None:
            with self.workshop.place(result) as work:
                make_there(work)

        def make_there(work: Path) -> None:
            (work / "empty.sv").write_text("module empty (input logic clk_i);\nendmodule\n")
            command = [*self.tools[0].command, "--cc", "--exe", "--prefix", PREFIX, "--Mdir", "obj"]
            command += ["--trace-vcd"] if self.traced else []
            command += ["-Wno-fatal", "-CFLAGS", f"{_CFLAGS} -I../sim -I.", "empty.sv"]
            command += [f"../sim/{source}" for source in _SIM_SOURCES]
            self._run(command, work, "Verilator does not work")
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
        command += [f"OPT_FAST={level}", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1", *self._root]
        program = shlex.quote(compiler.command[0])
        command += [f"PYTHON3={shlex.quote(sys.executable)}", f"CXX={program}", f"LINK={program}"]
        self._run(command, work, "the C++ compiler does not accept the simulator")

    def _run(self, command: list[str], work: Path, failure: str) -> None:
        try:
            process = subprocess.Popen(
                command,
                cwd=work,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise BuildError(f"{command[0]} cannot be run: {error.strerror or error}") from error
        with process:
            try:
                output = self._output_of(process)
            except BaseException:
                process.kill()
                raise
        _check_output(self.workshop.full(output), process.returncode, work, failure)

    def _output_of(self, process: subprocess.Popen[str]) -> str:
        while True:
            try:
                return process.communicate(timeout=None if self.tick is None else _TICK)[0]
            except subprocess.TimeoutExpired:
                if self.tick is not None:
                    self.tick()


def _check_output(output: str, returncode: int, work: Path, failure: str) -> None:
    if returncode == 0:
        return
    if "No space left on device" in output or "Disk quota exceeded" in output:
        raise BuildError(full_disk(work.parent))
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [i for i, line in enumerate(lines) if "%Error" in line or "error:" in line or "%Warning" in line]
    start = errors[0] if errors else max(len(lines) - 20, 0)
    shown = "\n".join(lines[start : start + 20])
    raise BuildError(f"{failure} (exit code {returncode}):\n{shown}")
