"""Networks by hand, one for each mechanism, on Python models, golden and RTL: every spike and state word."""

from __future__ import annotations

import pytest

from tests.fuzz.networks import EdgeSpec, NetworkSpec, PopulationSpec, SetSpec
from tests.fuzz.references import check

# The numbers go to the limits, and beyond what Loihi has, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

P, E = PopulationSpec, EdgeSpec

NETWORKS = {
    "one layer": NetworkSpec((40,), 0.3, (P(33, du=400, dv=200, vth=300),), (E("dense", 0, 0, seed=1),)),
    "one neuron": NetworkSpec((1,), 0.5, (P(1, vth=3),), (E("dense", 0, 0, low=1, high=9, seed=2),)),
    "bias only, padding lanes with a threshold below 0": NetworkSpec(
        (3,), 0.0, (P(9, vth=-1, bias_mant=-64, bias_exp=1, dv=4096),), (E("dense", 0, 0),)
    ),
    "excitatory, 4 bits": NetworkSpec(
        (64,), 0.2, (P(64, du=4095, dv=100, vth=200),), (E("dense", 0, 0, low=0, num_weight_bits=4, seed=3),)
    ),
    "inhibitory and excitatory into one": NetworkSpec(
        (31,),
        0.5,
        (P(65, du=2048, dv=0, vth=40),),
        (E("dense", 0, 0, low=-255, high=0, seed=4), E("dense", 0, 0, low=0, seed=5, weight_exp=1)),
    ),
    "given sign modes": NetworkSpec(
        (20,),
        0.4,
        (P(20, vth=100), P(20, vth=100), P(20, vth=100)),
        (
            E("dense", 0, 0, sign_mode=1, seed=6),
            E("dense", 0, 1, sign_mode=2, seed=7),
            E("dense", 0, 2, sign_mode=3, seed=8),
        ),
    ),
    "right and left exponents": NetworkSpec(
        (50,),
        0.3,
        (P(70, du=1, dv=1, vth=500),),
        (E("dense", 0, 0, weight_exp=-3, seed=9), E("dense", 0, 0, weight_exp=5, density=0.1, seed=10)),
    ),
    "recurrence and self loop": NetworkSpec(
        (32,),
        0.2,
        (P(32, du=4095, dv=400, vth=100), P(64, du=300, dv=300, vth=400)),
        (
            E("dense", 0, 0, seed=11),
            E("dense", 1, 1, seed=12),
            E("dense", 2, 0, seed=13, weight_exp=-2),
            E("dense", 2, 2 - 1, low=-60, high=10, seed=14),
        ),
        cores=(0, 3),
    ),
    "several sources into one binary connection": NetworkSpec(
        (40, 40),
        0.4,
        (P(40, du=4095, dv=0, vth=30), P(7, vth=90)),
        (E("dense", 0, 0, seed=15), E("dense", 1, 1, seed=16)),
        fan_in=((0, 2), (1, 0), (1, 2)),
    ),
    "latency 0 on the chip": NetworkSpec(
        (33,),
        0.3,
        (P(33, du=4095, vth=20), P(33, du=4095, vth=1), P(33, du=4095, vth=0)),
        (E("dense", 0, 0, seed=17), E("direct", 1, 1), E("direct", 2, 2), E("direct", 1, 2)),
        cores=(0, 1, 0),
    ),
    "latency 0 through Python": NetworkSpec(
        (40,),
        0.3,
        (P(40, du=4095, vth=20), P(40, du=100, vth=3), P(40, vth=2**17 - 1, dv=4000)),
        (E("dense", 0, 0, seed=18), E("echo", 1, 1), E("accumulate", 2, 2, seed=3)),
        cores=(2, 0, 1),
    ),
    "feedback through Python": NetworkSpec(
        (32,),
        0.3,
        (P(32, du=4095, vth=30), P(100, du=4095, vth=60)),
        (E("dense", 0, 0, seed=19), E("dense", 1, 1, seed=20), E("toggle", 2, 0, seed=21)),
    ),
    "graded values from Python": NetworkSpec(
        (65,),
        0.6,
        (P(65, du=4000, dv=10, vth=90000),),
        (E("accumulate", 0, 0, seed=39999), E("direct", 0, 0)),
    ),
    "permuted sources": NetworkSpec(
        (64,),
        0.3,
        (P(64, du=4095, vth=60), P(10, vth=50)),
        (E("dense", 0, 0, seed=22, reshape="transpose"), E("dense", 1, 1, seed=23, reshape="transpose")),
    ),
    "a layer over several cores": NetworkSpec(
        (300,),
        0.1,
        (P(300, du=400, dv=30, vth=300), P(300, vth=900)),
        (E("dense", 0, 0, seed=24), E("dense", 1, 1, seed=25)),
    ),
    "everything per neuron": NetworkSpec(
        (30,),
        0.3,
        (P(45, vectors=("bias_exp", "bias_mant", "du", "dv", "u", "v", "vth"), seed=5),),
        (E("dense", 0, 0, seed=26),),
    ),
    "beyond the intended ranges": NetworkSpec(
        (8,),
        0.5,
        (P(9, du=-7, dv=4100, vth=-300, bias_mant=32767, bias_exp=20, u=2**31 - 1, v=-(2**31)),),
        (E("dense", 0, 0, seed=27),),
    ),
    "several runs with changes between": NetworkSpec(
        (40,),
        0.4,
        (P(40, du=400, dv=200, vth=100), P(33, vth=200)),
        (E("dense", 0, 0, seed=28), E("dense", 1, 1, seed=29, weight_exp=-1)),
        sets=(
            SetSpec(7, 0, "u", 1),
            SetSpec(7, 0, "vth", 2),
            SetSpec(7, 1, "a_buff", 3),
            SetSpec(20, 1, "weights", 4),
            SetSpec(20, 1, "bias_mant", 5),
            SetSpec(20, 0, "du", 6),
            SetSpec(20, 1, "v", 7),
        ),
        runs=(7, 13, 10),
    ),
}


@pytest.mark.rtl
@pytest.mark.parametrize("lanes", [8, 32])
@pytest.mark.parametrize("name", list(NETWORKS))
def test_equal(name: str, lanes: int) -> None:
    check(NETWORKS[name], lanes)
