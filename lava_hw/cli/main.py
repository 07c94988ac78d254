"""Arguments, exit codes, and the one place where errors become messages."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from lava_hw import devices
from lava_hw.chip import ChipError
from lava_hw.cli.check import add_check, check_file
from lava_hw.cli.commands import (
    add_split,
    build_chip,
    chips,
    compile_file,
    image_check,
    image_diff,
    image_show,
)
from lava_hw.cli.doctor import doctor
from lava_hw.cli.outcome import EXIT_CODES, Code, CommandError, Outcome
from lava_hw.cli.run import run_image
from lava_hw.device import BuildError, ChipMismatch, DeviceError, SimulatorError, ValueRefused
from lava_hw.device.build import KINDS as BUILDS
from lava_hw.image import ImageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.

    Returns
    -------
    int
        One of `lava_hw.cli.outcome.Code`.
    """
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:  # argparse has written its message
        return end.code if isinstance(end.code, int) else Code.USAGE
    try:
        outcome: Outcome = options.call(options)
    except BaseException as error:
        code = _code(error)
        if code is None:
            raise
        return _fail(options, code, str(error) or type(error).__name__)
    try:
        print(
            json.dumps({**outcome.data, "exit": int(outcome.code)}) if options.json else outcome.text,
            flush=True,
        )
    except BrokenPipeError:
        # Whoever read has had enough; nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _fail(options, Code.OUTPUT, f"the answer cannot be written: {error.strerror}")
    return outcome.code


def _code(error: BaseException) -> Code | None:
    """Give the exit code of an error that has a message for the user; None for what is a bug."""
    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, KeyboardInterrupt):
        return Code.INTERRUPTED
    if isinstance(error, (ChipError, ImageError, ValueRefused, ChipMismatch)):
        return Code.INPUT
    if isinstance(error, BuildError):
        return Code.BUILD
    if isinstance(error, (DeviceError, SimulatorError)):
        return Code.RUN
    return None


def _fail(options: argparse.Namespace, code: Code, text: str) -> int:
    if code is Code.INTERRUPTED:
        text = "interrupted"
    if options.json:
        print(json.dumps({"error": text, "exit": int(code)}), flush=True)
    print(f"lava-hw: {text}", file=sys.stderr)
    return code


def _device(text: str) -> str:
    """Give a device that there is."""
    try:
        devices.check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _parser() -> argparse.ArgumentParser:
    table = "\n".join(f"  {int(code):3}  {text}" for code, text in EXIT_CODES.items())
    parser = argparse.ArgumentParser(
        prog="lava-hw",
        description="Chips, images and simulators of lava_hw.",
        epilog=f"exit codes:\n{table}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    version = import_module("lava_hw").__version__
    parser.add_argument("--version", action="version", version=f"lava-hw {version}")
    what = "one JSON object on standard output; before or after the command"
    parser.add_argument("--json", action="store_true", help=what)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    # A default of a sub-parser would take back what was said before the command.
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=what)

    long = argparse.ArgumentParser(add_help=False)
    what = "bars on standard error for what takes long (default: if it is a terminal)"
    long.add_argument("--progress", action=argparse.BooleanOptionalAction, default=None, help=what)

    def command(
        to: argparse._SubParsersAction[argparse.ArgumentParser],
        name: str,
        call: Callable[[argparse.Namespace], Outcome],
        text: str,
        lasts: bool = False,
    ) -> argparse.ArgumentParser:
        parents = [common, long] if lasts else [common]
        sub = to.add_parser(name, parents=parents, help=text, description=text)
        sub.set_defaults(call=call)
        return sub

    command(commands, "doctor", doctor, "say what is found, its version, what is missing and how to get it")
    sub = command(commands, "chips", chips, "list the chips")
    sub.add_argument("chips", nargs="*", metavar="CHIP", help="name of a chip, or a YAML file (default: all)")

    sub = command(commands, "build", build_chip, "build the simulator of a chip into the cache", lasts=True)
    sub.add_argument("chip", help="name of a chip, or a YAML file")
    sub.add_argument(
        "--kind", choices=BUILDS, default="fast", help="with assertions (checked) or without (fast)"
    )
    sub.add_argument("--trace", action="store_true", help="with waveforms")
    sub.add_argument("--rtl-dir", type=Path, help="an edited copy of rtl/")

    add_check(command(commands, "check", check_file, "say what of a network runs where, and whether it fits"))

    sub = command(commands, "compile", compile_file, "compile a network into an image")
    what = "a process, a list of them, or a function without arguments that gives one of these"
    sub.add_argument("network", metavar="FILE.py:NETWORK", help=what)
    sub.add_argument("-o", "--output", type=Path, required=True, metavar="IMAGE", help="file to write")
    sub.add_argument("--chip", default="default", help="name of a chip, or a YAML file (default: default)")
    what = "out port that can be drained, besides those that lead outside; may be repeated"
    sub.add_argument("--drain", action="append", default=[], metavar="PROCESS.PORT", help=what)
    add_split(sub)

    images = commands.add_parser("image", parents=[common], help="look at images").add_subparsers(
        metavar="COMMAND", required=True
    )
    sub = command(images, "show", image_show, "describe an image for a person")
    sub.add_argument("image", type=Path)
    sub = command(images, "diff", image_diff, "say in what two images differ")
    sub.add_argument("first", type=Path)
    sub.add_argument("second", type=Path)
    sub.add_argument("--words", action="store_true", help="also the raw words of variables")
    sub = command(images, "check", image_check, "look for what the chip would trip over")
    sub.add_argument("image", type=Path)

    sub = command(commands, "run", run_image, "run an image", lasts=True)
    sub.add_argument("image", type=Path)
    sub.add_argument("--inputs", type=Path, metavar="X.npz", help="arrays [T, ...] by input (process.port)")
    sub.add_argument("--steps", type=int, required=True, metavar="N", help="number of steps")
    sub.add_argument("-o", "--output", type=Path, metavar="Y.npz", help="file for the outputs and variables")
    what = "variable whose value after the last step is written, too; may be repeated"
    sub.add_argument("--read", action="append", default=[], metavar="PROCESS.VAR", help=what)
    what = f"{', '.join(devices.known())}, or scheme://address (default: verilator)"
    sub.add_argument("--device", type=_device, default="verilator", metavar="DEVICE", help=what)
    sub.add_argument("--build", choices=BUILDS, default="fast", help="build of the simulator")
    sub.add_argument("--rtl-dir", type=Path, help="an edited copy of rtl/")
    sub.add_argument("--trace", metavar="T0:T1:FILE.vcd", help="waveform of steps T0 to T1")
    sub.add_argument("--record", type=Path, metavar="FILE", help="write all flits that are sent to the chip")
    return parser
