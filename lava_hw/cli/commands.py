"""The commands that neither run anything nor look at the machine: chips, build, compile, image."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from lava_hw.chip import Chip, list_chips
from lava_hw.cli.differences import differences
from lava_hw.cli.outcome import Code, CommandError, Outcome
from lava_hw.image import Image, ImageError


def chips(options: argparse.Namespace) -> Outcome:
    """List the chips of configs/, or those that are named."""
    every = [Chip.load(name) for name in options.chips or list_chips()]
    lines = [
        f"{'name':10} {'mesh':>5} {'lanes':>5} {'neurons':>8} {'synapses':>9}   (neurons and KiB a core)"
    ]
    for c in every:
        mesh, kib = f"{c.mesh_x}x{c.mesh_y}", c.synapse_lines * c.word // 8192
        lines.append(f"{c.name:10} {mesh:>5} {c.lanes:5} {c.neurons:8} {kib:9}")
    if len(options.chips) == 1:
        lines += ["", *(f"{key:14} {value}" for key, value in every[0].to_dict().items())]
    data = [{**c.to_dict(), "config_id": c.config_id} for c in every]
    return Outcome("\n".join(lines), {"chips": data})


def build_chip(options: argparse.Namespace) -> Outcome:
    """Build the simulator of a chip, if it is not in the cache."""
    from lava_hw.device.build import build_simulator, chip_design

    begin = time.monotonic()
    design = chip_design(Chip.load(options.chip), options.rtl_dir)
    simulator = build_simulator(design, options.kind, traced=options.trace, progress=options.progress)
    seconds = round(time.monotonic() - begin, 3)
    data = {
        "program": str(simulator.program),
        "built": simulator.was_built,
        "one_eval": simulator.one_eval,
        "seconds": seconds,
    }
    return Outcome(
        f"{simulator.program} ({'built' if simulator.was_built else 'from the cache'}, {seconds} s)", data
    )


def add_split(sub: argparse.ArgumentParser) -> None:
    """Add the argument that cuts the sources of connections into parts."""
    what = "sum what the sources of a connection send in so many parts, on different cores; may be repeated"
    sub.add_argument("--split", metavar="NAME=PARTS", type=_parts, action="append", default=[], help=what)


def _parts(text: str) -> tuple[str, int]:
    """Read NAME=PARTS."""
    name, _, parts = text.rpartition("=")
    if not name or not parts.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PARTS, such as dense=3")
    return name, int(parts)


def compile_file(options: argparse.Namespace) -> Outcome:
    """Compile a network of a Python file."""
    from lava_hw.compiler import compile_network
    from lava_hw.magma.compiler.exceptions import NoProcessModelFound

    chip = Chip.load(options.chip)
    network = load_network(options.network)
    begin = time.monotonic()
    try:
        image = compile_network(network, chip, outputs=options.drain, split=dict(options.split))
    except (ValueError, TypeError, NoProcessModelFound, AssertionError) as error:
        # What `compile_network` raises for a network that is wrong.
        raise CommandError(Code.COMPILE, str(error)) from error
    seconds = round(time.monotonic() - begin, 3)
    try:
        image.save(options.output)
    except ImageError as error:
        raise CommandError(Code.OUTPUT, str(error)) from error
    size, manifest = options.output.stat().st_size, image.manifest
    data = {
        "image": str(options.output),
        "bytes": size,
        "chip": chip.name,
        "seconds": seconds,
        "inputs": sorted(manifest.inputs),
        "outputs": sorted(manifest.outputs),
        "vars": sorted(manifest.vars),
        "processes": sorted(manifest.processes),
        "report": {str(core): dict(uses) for core, uses in manifest.report.items()},
    }
    lines = [f"{options.output}: {size} bytes for chip {chip.name}, compiled in {seconds} s"]
    lines += [f"{key}: {', '.join(data[key]) or 'none'}" for key in ("processes", "inputs", "outputs")]
    if not data["outputs"]:
        lines.append(f"Without outputs nothing that the chip sends can be read. {_drain_hint(network, data)}")
    return Outcome("\n".join(lines), data)


def _drain_hint(network: Any, data: dict[str, Any]) -> str:
    """Say how an out port becomes an output, with one of this network where its name is known."""
    parts = network if isinstance(network, list) else [network]
    ports = [
        f"{name}.{port}"
        for part in parts
        for name in {getattr(part, "label", None), part.name}
        if name in data["processes"]
        for port in part.out_ports.member_names
    ]
    example = f", here for instance --drain {ports[0]}" if ports else ""
    return f"--drain PROCESS.PORT makes an out port an output{example}."


def load_network(name: str) -> Any:
    """Give the network that ``FILE.py:NETWORK`` names.

    Raises
    ------
    CommandError
        If the file is not there or fails, or the name is not a network.
    """
    from lava_hw.magma.core.process.process import AbstractProcess

    file, _, attribute = name.rpartition(":")
    if not file or not attribute.isidentifier():
        raise CommandError(Code.INPUT, f"{name}: give FILE.py:NETWORK, a file and a name in it")
    path = Path(file).absolute()
    if not path.is_file():
        raise CommandError(Code.INPUT, f"{file}: there is no such file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise CommandError(Code.INPUT, f"{file}: is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # models are found through the module of their process
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
        network = getattr(module, attribute, None)
        if callable(network) and not isinstance(network, AbstractProcess):
            network = network()
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        where = f" in line {frames[-1].lineno}" if frames else ""
        raise CommandError(Code.INPUT, f"{file}: {type(error).__name__}{where}: {error}") from error
    parts = list(network) if isinstance(network, (list, tuple)) else [network]
    if not parts or not all(isinstance(part, AbstractProcess) for part in parts):
        own = {key: value for key, value in vars(module).items() if not key.startswith("_")}
        found = {
            "processes": [key for key, value in own.items() if isinstance(value, AbstractProcess)],
            "functions": [
                key
                for key, value in own.items()
                if inspect.isfunction(value) and value.__module__ == module.__name__
            ],
        }
        known = "".join(f"; {kind} in it: {', '.join(names)}" for kind, names in found.items() if names)
        raise CommandError(
            Code.INPUT, f"{file}: {attribute} is no process, list of processes or function{known}"
        )
    return network if isinstance(network, AbstractProcess) else parts


def image_show(options: argparse.Namespace) -> Outcome:
    """Describe an image."""
    image = Image.load(options.image)
    words = sum(len(segment.data) for segment in image.segments)
    data = {"manifest": image.manifest.to_json(), "segments": len(image.segments), "words": words}
    return Outcome(image.show(), data)


def image_diff(options: argparse.Namespace) -> Outcome:
    """Say in what two images differ."""
    lines = differences(Image.load(options.first), Image.load(options.second), options.words)
    code = Code.NO if lines else Code.DONE
    return Outcome("\n".join(lines) or "the images are equal", {"differences": lines}, code)


def image_check(options: argparse.Namespace) -> Outcome:
    """Look for what the chip would trip over."""
    lines = Image.load(options.image).check()
    code = Code.NO if lines else Code.DONE
    return Outcome("\n".join(lines) or "the image is sound", {"problems": lines}, code)
