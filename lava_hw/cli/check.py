"""`lava-hw check`: what would run where, before anything is compiled or built."""

from __future__ import annotations

import argparse
from typing import Any

from lava_hw.chip import Chip
from lava_hw.cli.commands import add_split, load_network
from lava_hw.cli.outcome import Code, CommandError, Outcome


def add_check(sub: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    what = "a process, a list of them, or a function without arguments that gives one of these"
    sub.add_argument("network", metavar="FILE.py:NETWORK", help=what)
    sub.add_argument("--chip", default="default", help="name of a chip, or a YAML file (default: default)")
    add_split(sub)
    what = "what becomes of processes whose values the chip cannot hold (default: error)"
    sub.add_argument("--unfit", choices=("error", "python"), default="error", help=what)


def check_file(options: argparse.Namespace) -> Outcome:
    """Say what would run where, and whether it fits."""
    from lava_hw.compiler import CompileError, DoesNotFit, UnfitProcesses, choose_models
    from lava_hw.compiler.legalise import legalise
    from lava_hw.compiler.lower import lower_network
    from lava_hw.compiler.pipeline import plan
    from lava_hw.compiler.uses import Summary, needed, summary
    from lava_hw.magma.compiler.exceptions import NoProcessModelFound
    from lava_hw.magma.core.run_configs import HwRunCfg
    from lava_hw.report import make_report

    chip = Chip.load(options.chip)
    network = load_network(options.network)
    problems: list[str] = []
    found = Summary()
    more: dict[str, Any] = {"chips": [], "keys": {}}
    try:
        try:
            flat = choose_models(network, HwRunCfg(device="golden", chip=chip, unfit=options.unfit))
        except UnfitProcesses as error:
            problems.append(str(error))
            # The table has the reasons; whether the others fit is said as well.
            flat = choose_models(network, HwRunCfg(device="golden", chip=chip, unfit="python"))
        if any(process.on_chip for process in flat.processes):
            legal = legalise(lower_network(flat), open_inputs=True)
            try:
                found = summary(plan(legal, chip, split=dict(options.split)), chip)
            except CompileError as error:
                problems.append(str(error))
                found = needed(legal, chip)
                if isinstance(error, DoesNotFit):
                    more = {"chips": list(error.chips), "keys": error.keys}
        else:
            problems.append("Nothing of this network would be on the chip.")
    except (ValueError, TypeError, NoProcessModelFound, AssertionError) as error:
        # What a compilation of the network would say (`choose_models`, `plan`).
        raise CommandError(Code.COMPILE, str(error)) from error
    report = make_report(flat, chip, "", found, problems=problems)
    fits = not problems
    text = str(report) + ("\n\nit fits" if fits else "")
    return Outcome(text, {"fits": fits, **more, **report.to_dict()}, Code.DONE if fits else Code.NO)
