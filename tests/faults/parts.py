"""Faults of connections whose sources are in parts, and of placing."""

from __future__ import annotations

from tests.faults.fault import Fault

_DIVIDE = "tests/compiler/test_divide.py"

PARTS = (
    Fault(
        "partial-sums-come-a-step-late",
        "What a part of a connection's sources add up to is added in the next step.",
        "lava_hw/compiler/layout.py",
        "self._adder(0, self.acc, groups, len(order))",
        "self._adder(1, self.acc, groups, len(order))",
        (f"{_DIVIDE}::test_parts_give_what_the_whole_gives",),
    ),
    Fault(
        "each-part-is-shifted",
        "The right shift, and the wrap at 24 bits, are applied to each part of a sum.",
        "lava_hw/compiler/divide.py",
        'connection, name=part, right=0, sum_bits=32, sums="", variables=()',
        'connection, name=part, sums="", variables=()',
        (f"{_DIVIDE}::test_parts_give_what_the_whole_gives",),
    ),
    Fault(
        "partial-sums-come-twice",
        "Neurons and an output that share a table both get the sums of its other parts.",
        "lava_hw/compiler/route.py",
        "if direct.connection and (core.number, conn, part) in served:",
        "if False:",
        (f"{_DIVIDE}::test_parts_give_what_the_whole_gives",),
    ),
    Fault(
        "neurons-of-later-parts-count-from-0",
        "Neurons of the second part of a connection's sources use the source rows of neurons before them.",
        "lava_hw/compiler/route.py",
        "_Reached(core.number, conn, edge.channel, edge.first, len(edge.sources))",
        "_Reached(core.number, conn, edge.channel, 0, len(edge.sources))",
        (f"{_DIVIDE}::test_parts_give_what_the_whole_gives",),
    ),
    Fault(
        "weights-of-later-parts-are-lost",
        "The manifest names the weights of the first part only.",
        "lava_hw/compiler/manifest.py",
        "    if not others:\n        return first\n",
        "    return first\n",
        (f"{_DIVIDE}::test_weights_and_sums_are_set_in_all_parts",),
    ),
    Fault(
        "a-permutation-in-parts-starts-too-early",
        "The other parts of a connection of latency 0 are summed before its sources have sent.",
        "lava_hw/compiler/divide.py",
        "if connection.slot == 0:",
        "if connection.slot < 0:",
        (f"{_DIVIDE}::test_what_no_core_holds_is_divided",),
    ),
    Fault(
        "values-of-neuron-4096-are-those-of-neuron-0",
        "An edge may drive more sources by values than a flit can count.",
        "lava_hw/compiler/legalise.py",
        "return MAX_SHARD if graded else MAX_SOURCES",
        "return MAX_SOURCES",
        (f"{_DIVIDE}::test_values_of_more_neurons_than_a_flit_can_name",),
    ),
    Fault(
        "parts-meet-on-one-core",
        "Parts of a connection go to the first core with room.",
        "lava_hw/compiler/place.py",
        "not mine.isdisjoint(sums[core])",
        "False",
        (f"{_DIVIDE}::test_who_reads_the_sum_is_a_stage_later_and_the_parts_are_on_cores_of_their_own",),
    ),
    Fault(
        "shared-tables-are-counted-twice",
        "A core seems fuller than it is where populations share a table.",
        "lava_hw/compiler/room.py",
        "if not held.tables.isdisjoint(demand.tables):",
        "if False:",
        ("tests/compiler/test_place.py::test_what_is_counted_is_what_a_layout_takes",),
    ),
    Fault(
        "a-sum-is-set-in-each-part",
        "A sum that the user sets is put into each part, and counts as often.",
        "lava_hw/device/stores/lanes.py",
        "words[(self._part > 0) | (self._area > 0)] = 0",
        "words[self._area > 0] = 0",
        (f"{_DIVIDE}::test_weights_and_sums_are_set_in_all_parts",),
    ),
    Fault(
        "a-sum-is-that-of-one-part",
        "Reading a sum gives what one of its parts is.",
        "lava_hw/device/stores/lanes.py",
        "np.add.at(sums, (self._area[read], self._elements[read]), words)",
        "sums[self._area[read], self._elements[read]] = words",
        (f"{_DIVIDE}::test_weights_and_sums_are_set_in_all_parts",),
    ),
)
