"""Faults in chip models of neurons, and in the numbers that follow from their Vars."""

from __future__ import annotations

from tests.faults.fault import Fault

_GOLDEN = "tests/system/test_populations.py::test_golden"
_DECAY = "tests/system/test_decay_of_atrlif.py::test_golden"
_EDGES = "tests/system/test_edges_of_neurons.py"
_REFUSED = "tests/system/test_refused_neurons.py"
_RULES = "tests/device/test_computed.py"
_LIF = "lava_hw/proc/lif/hw_models.py"

NEURONS: tuple[Fault, ...] = (
    Fault(
        "ternary-two-signs-at-once",
        "A neuron above both thresholds sends a spike of -1, too.",
        _LIF,
        '"plog p1, p1, p0, andnot",',
        '"plog p1, p1, p1, and",',
        (f"{_EDGES}::test_thresholds_that_cross",),
    ),
    Fault(
        "reset-one-quotient-short",
        "LIFReset does not look for a rest of one interval.",
        _LIF,
        '"plog p0, p0, p1, or",',
        '"plog p0, p0, p0, or",',
        (f"{_GOLDEN}[LIFReset]",),
    ),
    Fault(
        "refractory-awake-a-step-early",
        "A voltage does not rest in the last step of its period.",
        _LIF,
        "cmp p1, r7 >= r6",
        "cmp p1, r7 > r6",
        (f"{_GOLDEN}[LIFRefractory]",),
    ),
    Fault(
        "learning-third-factor-is-not-kept",
        "y2 of LearningLIF stays as it is.",
        _LIF,
        '"st [y2], r1",',
        '"nop",',
        (f"{_GOLDEN}[LearningLIF]",),
    ),
    Fault(
        "prototype-keeps-its-own-spikes",
        "A neuron that was not chosen spikes beside the one that was.",
        "lava_hw/proc/clp/prototype_lif/hw_models.py",
        '"plog p0, p0, p2, andnot",',
        '"plog p0, p0, p2, copy",',
        (f"{_GOLDEN}[PrototypeLIF]",),
    ),
    Fault(
        "broadcast-of-another-element",
        "All neurons get what arrives at the last element of the port.",
        "lava_hw/compiler/lower.py",
        "source = link.source[link.target == 0]",
        "source = link.source[link.target == cell.size - 1]",
        (f"{_REFUSED}::test_a_number_for_all_neurons_comes_from_element_0",),
    ),
    Fault(
        "atrlif-a-tie-is-rounded-down",
        "Half of a last bit is not rounded up to the even neighbour.",
        "lava_hw/proc/atrlif/hw_models.py",
        '"add r7, r7, low_most",',
        '"add r7, r7, low_most", "add r7, r7, #1",',
        (_DECAY,),
    ),
    Fault(
        "atrlif-no-carry-of-the-fraction",
        "What the low part of the factor adds does not reach the whole part of the product.",
        "lava_hw/proc/atrlif/hw_models.py",
        '"sub r1, r1, r7",',
        '"nop",',
        (_DECAY,),
    ),
    Fault(
        "atrlif-spikes-above-the-threshold-only",
        "ATRLIF needs more than its threshold.",
        "lava_hw/proc/atrlif/hw_models.py",
        '"cmp p0, r5 >= r3",',
        '"cmp p0, r5 > r3",',
        (f"{_EDGES}::test_at_the_threshold",),
    ),
    Fault(
        "atrlif-theta-is-not-taken-over",
        "A theta_0 that is set before step 1 does not start theta.",
        "lava_hw/proc/atrlif/hw_models.py",
        '(("scaled", "theta_0"), ("scaled", "theta"))',
        '(("scaled", "theta_0"),)',
        (f"{_GOLDEN}[ATRLIF]",),
    ),
    Fault(
        "rf-input-is-not-clipped",
        "A large input wraps before the sum is clipped.",
        "lava_hw/proc/rf/hw_models.py",
        '"clip r0, r0, input_limit",',
        '"nop",',
        (f"{_GOLDEN}[RF]",),
    ),
    Fault(
        "rf-states-without-limits",
        "States of RF may be set to what its sums do not hold.",
        "lava_hw/proc/rf/hw_models.py",
        '"state", part, least=-most, most=most)',
        '"state", part)',
        (f"{_REFUSED}::test_when_it_is_set",),
    ),
    Fault(
        "rf-zero-rounds-toward-zero",
        "RFZero's products are shifted toward zero.",
        "lava_hw/proc/resfire/hw_models.py",
        '"mul r4, r2, [lct], >>0",\n                "shv r4, r4, #-15",',
        '"mul r4, r2, [lct], >>0",\n                "multz r4, r4, #1, >>15",',
        (f"{_GOLDEN}[RFZero]",),
    ),
    Fault(
        "integrator-input-is-clipped-too-early",
        "An input that a large bias could meet is clipped below what saturates.",
        "lava_hw/proc/integrate/hw_models.py",
        "_INPUT_BITS = 25",
        "_INPUT_BITS = 23",
        (_GOLDEN,),
    ),
    Fault(
        "integrator-resets-to-zero",
        "A spike clears the voltage where it should take the threshold.",
        "lava_hw/proc/integrate/hw_models.py",
        '{"subtract": ("sub r2, r2, r3 if p0",)',
        '{"subtract": ("mov r2, #0 if p0",)',
        (f"{_GOLDEN}[IF]",),
    ),
    Fault(
        "limits-of-a-var-do-not-hold",
        "A Var takes what lies above its limit.",
        "lava_hw/device/stores/variable.py",
        "min(high, _or(self.high, high))",
        "high",
        (f"{_RULES}::test_limits_of_a_variable",),
    ),
    Fault(
        "rules-are-forgotten-when-a-var-is-set",
        "A new value reaches the host, and not the numbers of the chip.",
        "lava_hw/device/stores/access.py",
        "if isinstance(store, ComputedStore) and visible is store.raw:",
        "if isinstance(store, ComputedStore) and visible is not store.raw:",
        (f"{_GOLDEN}[LIFReset]",),
    ),
    Fault(
        "a-decay-keeps-one-part-more",
        "What a decay keeps is rounded up.",
        "lava_hw/computed.py",
        "return np.asarray(4096 - values * 4096).astype(np.int64)",
        "return np.ceil(4096 - values * 4096).astype(np.int64)",
        (f"{_RULES}::test_rules_are_those_of_the_models",),
    ),
)
