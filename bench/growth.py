"""How the seconds of a run grow with neurons, synapses and steps, each doubled four times."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from bench.cosim import Case, timed_run
from bench.figures import Results
from bench.networks import Network, chain
from lava_hw import HwRunCfg, Loihi2SimCfg

DOUBLINGS = 4


def measure(results: Results, chip: str, first: int, steps: int, warm: int, runs: int) -> None:
    """Measure all three; what is not doubled stays as it is.

    Parameters
    ----------
    first : int
        Neurons of the smallest network.
    steps : int
        Timed steps of all runs but those in which steps are doubled, which begin with as many.
    """
    last = first << DOUBLINGS
    middle = first << DOUBLINGS // 2
    sizes = [first << k for k in range(DOUBLINGS + 1)]
    rows: list[tuple[str, int, Callable[[], Network], int]] = []
    # As many synapses in all: fewer inputs for more neurons.
    rows += [("neurons", n, lambda n=n: chain([last * first // n, n]), steps) for n in sizes]
    rows += [("synapses", n * middle, lambda n=n: chain([n, middle]), steps) for n in sizes]
    rows += [("steps", steps << k, lambda: chain([middle, middle]), steps << k) for k in range(DOUBLINGS + 1)]
    references = (
        ("Python models", Loihi2SimCfg(select_tag="fixed_pt")),
        ("golden", HwRunCfg(device="golden", chip=chip)),
        ("RTL", HwRunCfg(device="verilator", chip=chip)),
    )
    medians: dict[tuple[str, str], list[float]] = {}
    for what, amount, make, count in rows:
        for reference, run_cfg in references:
            case = Case(what, lambda make=make: make().start, run_cfg, warm, count)
            seconds = [count / timed_run(case, run_cfg)[0] for _ in range(runs)]
            figure = results.add(
                f"growth/{reference}, {amount} {what}", "s", seconds, amount=amount, steps=count
            )
            medians.setdefault((reference, what), []).append(figure.median)
    for (reference, what), values in medians.items():
        factors = [after / before for before, after in pairwise(values)]
        results.add(f"growth/{reference}, {what} doubled", "factor", factors, doublings=DOUBLINGS)
