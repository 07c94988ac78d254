"""Faults in sparse connections, in delays, and in the order that levels lanes."""

from __future__ import annotations

from tests.faults.fault import Fault

_SPARSE = "lava_hw/compiler/connections/sparse.py"
_LEVEL = "lava_hw/compiler/level.py"
_TESTS = "tests/compiler/test_sparse.py::"
_WORDS = (f"{_TESTS}test_values_of_32_bits",)
_SHIFTS = (f"{_TESTS}test_right_shifts_of_two_delays_are_not_that_of_their_sum",)
_SETS = (f"{_TESTS}test_values_are_set_between_steps",)
_HIDDEN = ("tests/compiler/test_level.py::test_nobody_sees_the_order[test8]",)
_SHORTER = ("tests/compiler/test_level.py::test_rows_become_shorter[8-1.5]",)
_NAMED = ("tests/system/test_sparse.py::test_what_does_not_fit_is_named",)

SPARSE = (
    Fault("sparse-words-by-target", "Synapses of one lane get into the same word.",
          _SPARSE, "np.lexsort((position, position % lanes, row))", "np.lexsort((position, row))", _WORDS),
    Fault("sparse-odd-rows-of-4-bits", "A row of 4 bits may have an odd number of words.",
          _SPARSE, "count = -(-count // together) * together", "count = -(-count // 1)",
          (f"{_TESTS}test_weights_of_all_widths_and_signs[mixed-4]",)),
    Fault("sparse-always-one-to-one", "Synapses to other places are taken for a one-to-one connection.",
          _SPARSE, "int(row.max()) < sources and np.array_equal(row, position)",
          "int(row.max()) < sources and len(row) == len(position)",
          (f"{_TESTS}test_what_does_not_fill_a_word[test8]",)),
    Fault("sparse-never-one-to-one", "A diagonal takes a row for each source.",
          _SPARSE, "if len(rows.edges) != 1 or", "if True or",
          (f"{_TESTS}test_a_diagonal_is_one_to_one[test8]",)),
    Fault("delays-in-one-area", "All delays add to the accumulators of delay 0.",
          _SPARSE, "target[first[row] + word, lane] = group + apart",
          "target[first[row] + word, lane] = group + 0 * apart", _SHIFTS),
    Fault("delays-one-area-is-read", "Only what comes without a delay is read.",
          "lava_hw/compiler/layout.py", "for area in range(conn.areas)", "for area in range(1)", _SHIFTS),
    Fault("delays-of-other-weights", "A weight without a delay has that of the next one.",
          "lava_hw/proc/sparse/hw_models.py", "np.where(keys[at] == wanted, at, -1)",
          "np.where(keys[at] >= 0, at, -1)", (f"{_TESTS}test_values_of_32_bits",)),
    Fault("delays-beyond-the-longest", "A delay that Python drops is not refused.",
          "lava_hw/proc/dense/hw_delays.py", "| (delays > most)", "| (delays > MOST)",
          (f"{_TESTS}test_what_cannot_be_held_is_refused",)),
    Fault("delays-around-the-ring", "A chip may have a slot too few.",
          "lava_hw/compiler/check.py", "if need > chip.delay_slots:", "if need > chip.delay_slots + 1:",
          (f"{_TESTS}test_a_chip_with_too_few_slots_is_named",)),
    Fault("delays-without-their-groups", "A delay that is set leaves its synapse in the old area.",
          "lava_hw/device/stores/delays.py", "groups % pitch + pitch * numbers)", "groups)",
          _SETS),
    Fault("delays-without-a-weight-are-lost", "A delay without a weight cannot be set.",
          "lava_hw/device/stores/delays.py", "return np.where(placed, values, kept.reshape(-1))",
          "return np.where(placed, values, values)", _SETS),
    Fault("sums-of-one-area", "a_buff has only what came with the shortest delay.",
          "lava_hw/device/stores/lanes.py", "values.sum(axis=0)", "values[0]", _SHIFTS),
    Fault("sums-are-set-in-each-area", "A value of a_buff counts once for each delay.",
          "lava_hw/device/stores/lanes.py", "words[(self._part > 0) | (self._area > 0)] = 0",
          "words[self._part > 0] = 0", _SETS),
    Fault("pattern-may-change", "A matrix with other entries is taken.",
          "lava_hw/sparse_values.py", "same = np.array_equal(given.indptr, first) and",
          "same = True or", _NAMED),
    Fault("level-leaves-lanes", "Neurons stay in their order.",
          _LEVEL, "if after < before:", "if after < 0:", _SHORTER),
    Fault("level-spares-nothing", "The lane of a neuron does not depend on its sources.",
          _LEVEL, "exponent[mine, lane] += 1", "exponent[mine, lane] += 0", _SHORTER),
    Fault("level-states-stay", "States of neurons keep the old order.",
          _LEVEL, "values=state.values[order]", "values=state.values[np.arange(len(order))]", _HIDDEN),
    Fault("level-rows-stay", "What permuted neurons drive has its rows in the old order.",
          _LEVEL, "sources=edge.sources[orders[edge.neurons]]", "sources=edge.sources", _HIDDEN),
    Fault("level-messages-go-back", "Messages from outside go to the place that a neuron came from.",
          _LEVEL, "np.argsort(orders[item.target])[item.index]", "orders[item.target][item.index]", _HIDDEN),
    Fault("level-spikes-in-the-new-order", "The host sees spikes in the order of the chip.",
          "lava_hw/compiler/manifest.py",
          "return Elements.of(places[stream.first : stream.first + stream.count])",
          "return Elements(stream.count, stream.first)", _HIDDEN),
)  # fmt: skip
