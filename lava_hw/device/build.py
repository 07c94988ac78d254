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
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from lava_hw import progress as bars
from lava_hw._resources import resource_dir
from lava_hw.chip import Chip
from lava_hw.device.build_time import expected_seconds
from lava_hw.device.cache import Cache, cache_root, full_disk
from lava_hw.device.cpu import copying_flags, machine_flags
from lava_hw.device.errors import BuildError
from lava_hw.device.evaluation import Evaluation
from lava_hw.device.file_list import read_file_list
from lava_hw.device.mesh import TILE_PREFIX, Mesh, parameters_of, write_mesh
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
# -O3, because with less gcc leaves loops over lanes as they are.
_OPTIMISATION = {"fast": "-O3", "checked": "-O1"}
_REFUSED = "Verilator does not accept the design"
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
    mesh: Mesh | None = None
    """What is simulated tile by tile instead of the top; None to simulate the top as a whole."""


_CHIP, _CHIP_FILE = "lhw_chip", Path("chip/lhw_chip.sv")


def chip_design(chip: Chip, rtl_dir: str | os.PathLike[str] | None = None) -> Design:
    """Give the design of a chip, which can be simulated tile by tile.

    What joins the tiles is then sim/mesh_model.hpp; so a copy of the RTL with another lhw_chip.sv can only be
    simulated as a whole.

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
    mesh: Mesh | None = Mesh("lhw_tile", "lhw_host", chip.mesh_x, chip.mesh_y)
    if rtl_dir is not None and not _is_ours(files.sources):
        _log.info(f"{_CHIP_FILE} of {rtl} is another one: the chip is simulated as a whole, not tile by tile")
        mesh = None
    return Design(_CHIP, files.sources, files.include, waivers, parameters, root=rtl, name=name, mesh=mesh)


def _is_ours(sources: tuple[Path, ...]) -> bool:
    """Whether the tiles are joined as in this version, which sim/mesh_model.hpp does, too."""
    ours = (resource_dir("rtl") / _CHIP_FILE).read_bytes()
    return any(path.name == _CHIP_FILE.name and path.read_bytes() == ours for path in sources)


@dataclass(frozen=True)
class Simulator:
    """A simulator that was built."""

    program: Path
    directory: Path
    kind: str
    traced: bool
    one_eval: bool
    tilewise: bool = False
    """Whether it evaluates tile by tile."""
    was_built: bool = False
    """Whether it was built by this call, and not found in the cache."""


def build_simulator(
    design: Design,
    kind: str = "fast",
    *,
    traced: bool = False,
    whole: bool | None = None,
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
    whole : bool, optional
        Whether a design that could be simulated tile by tile is simulated as a whole; None: unless it is a
        fast build without waveforms. Both give the same answers in the same cycles.
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
    if traced and whole is False:
        raise BuildError("waveforms are of the whole chip: a simulator that goes tile by tile writes none")
    if traced or whole or (whole is None and kind != "fast"):
        design = replace(design, mesh=None)
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
            "one_eval": all(found.one for found in builder.evaluations.values()),
            "evaluation": {name: found.words for name, found in builder.evaluations.items()},
            "flags": list(builder.flags),
            "seconds": round(time.monotonic() - begin, 1),
            "parameters": dict(design.parameters),
            "kind": kind,
            "traced": traced,
            "tilewise": design.mesh is not None,
        }
        for name, found in builder.evaluations.items():
            if not found.function:
                _log.info(f"{name} is evaluated by {found.words}")
        (work / "facts.json").write_text(json.dumps(facts) + "\n")
        if builder.key() != key:
            raise BuildError("the sources were changed while the simulator was built; build it again")

    entry = builder.cache.get(key, make)
    facts = json.loads((entry / "facts.json").read_text())
    program, tilewise = entry / "simulator", design.mesh is not None
    return Simulator(program, entry, kind, traced, bool(facts["one_eval"]), tilewise, bool(built))


class _Builder:
    """One simulator to be built."""

    tick: Callable[[], object] | None = None
    """Called now and then while a tool works."""

    def __init__(self, design: Design, kind: str, traced: bool, cache: Cache) -> None:
        self.design, self.kind, self.traced, self.cache = design, kind, traced, cache
        self.tools = (find_verilator(), find_compiler(), find_make())
        self.flags: tuple[str, ...] = (_OPTIMISATION[kind],)
        if kind == "fast":
            self.flags += (*machine_flags(self.tools[1]), *copying_flags(self.tools[1]))
        self.evaluations: dict[str, Evaluation] = {}  # by module
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
            "mesh": design.mesh and asdict(design.mesh),
        }
        form = f"{'-trace' if self.traced else ''}{'-tiles' if design.mesh else ''}"
        return f"{design.top}-{self.kind}{form}-{self._hash(files, facts)}"

    def _hash(self, files: list[Path], facts: Mapping[str, object]) -> str:
        """Give the hash of files, facts, and what every simulator depends on."""
        own = Path(__file__).parent
        files += [own / f"{name}.py" for name in ("build", "evaluation", "mesh", "pins", "top")]
        files += sorted(p for p in self.sim.rglob("*") if p.suffix in (".cpp", ".hpp"))
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        facts = {
            **facts,
            "kind": self.kind,
            "traced": self.traced,
            "flags": self.flags,
            "tools": [(tool.name, tool.version) for tool in self.tools],
            "machine": platform.machine(),
        }
        digest.update(json.dumps(facts, sort_keys=True).encode())
        return digest.hexdigest()[:32]

    def verilate(self) -> list[str]:
        """Give the command that turns the design, or its host part, into C++, in a place of the workshop."""
        mesh = self.design.mesh
        command = self._verilate(self.design.top if mesh is None else mesh.host, PREFIX, "obj")
        command += ["--exe", "-o", "simulator", "-CFLAGS", "-I../tile"]
        command += [f"../sim/{source}" for source in _SIM_SOURCES]
        return command if mesh is None else [*command, f"../tile/{TILE_PREFIX}__ALL.a"]

    def _verilate(self, module: str, prefix: str, directory: str) -> list[str]:
        """Give the command that turns a module into a class in C++."""
        design = self.design
        values = design.parameters
        if module != design.top:
            values = parameters_of(module, design.sources, values)
        command = [*self.tools[0].command, "--cc", "-Wall", "-O3", *_VERILATOR_FLAGS[self.kind]]
        command += ["--trace-vcd"] if self.traced else []
        command += ["--output-split", "0", "--prefix", prefix, "--top-module", module, "--Mdir", directory]
        command += ["--timescale", "1ns/1ps", "-CFLAGS", f"{_CFLAGS} -I../sim -I."]
        command += [f"-G{name}={value}" for name, value in values.items()]
        command += [f"+incdir+{self.workshop.name(path)}" for path in design.include]
        return command + [self.workshop.name(path) for path in (*design.waivers, *design.sources)]

    def make(self, result: Path) -> None:
        """Build into an empty directory."""
        check_programs(self.tools[1])
        with self.workshop.place(result) as work:
            self._make(work)

    def _make(self, work: Path) -> None:
        design = self.design
        obj, mesh = work / "obj", design.mesh
        if mesh is not None:
            self._run(self._verilate(mesh.tile, TILE_PREFIX, "tile"), work, _REFUSED)
        self._run(self.verilate(), work, _REFUSED)
        self.evaluations[mesh.host if mesh else design.top] = write_top(obj, design.top, design.ports)
        if mesh is not None:
            self.evaluations[mesh.tile] = write_mesh(obj, PREFIX, work / "tile", mesh)
        model = "model" if mesh is None else "mesh_model"
        (obj / "lhw_model.hpp").write_text(f'#pragma once\n#include "{model}.hpp"\n')
        if self.kind == "fast":
            for path in work.glob("*/Vlhw_*___024root*.cpp"):
                path.write_text(_DEAD_ZEROING.sub("", path.read_text()))
        if mesh is not None:
            self._compile(work, "tile", TILE_PREFIX, [f"{TILE_PREFIX}__ALL.a"])
        shared = self._shared_objects()
        for name in shared:
            # As if it had just been compiled here: make compares times.
            shutil.copyfile(shared[name], obj / name)
        self._compile(work, "obj", PREFIX, ["simulator"])
        shutil.move(obj / "simulator", work / "simulator")
        for directory in (obj, work / "tile"):
            shutil.rmtree(directory, ignore_errors=True)

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
            self._compile(work, "obj", PREFIX, names)
            for name in names:
                shutil.move(work / "obj" / name, work / name)
            shutil.rmtree(work / "obj")
            (work / "empty.sv").unlink()

        entry = self.cache.get(f"objects-{self.kind}-{self._hash([], {})}", make)
        return {name: entry / name for name in names}

    def _compile(self, work: Path, directory: str, prefix: str, targets: list[str]) -> None:
        _, compiler, make = self.tools
        command = [*make.command, "-j1", "-C", directory, "-f", f"{prefix}.mk", *targets]
        command += [f"OPT_FAST={' '.join(self.flags)}", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1", *self._root]
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
