"""Faults in Python's formats of connections: golden, layouts of an image, checks of what it writes."""

from __future__ import annotations

from tests.faults.fault import Fault

_GOLDEN = ("tests/golden/test_connections.py::test_kinds_and_formats",)
_ROWS = ("tests/image/test_layouts.py::test_rows",)
_DENSE = ("tests/image/test_layouts.py::test_dense",)
_CHECK = ("tests/image/test_contents.py::test_what_is_wrong_is_named",)
_G = "lava_hw/golden/connections/"
_I = "lava_hw/image/connections/"

FORMATS = (
    Fault("golden-halves-swapped", "Of two words of 4 bits the first one takes the high halves.",
          _G + "words.py", "[parts[:, :, 0] & 15, parts[:, :, 0] >> 4]",
          "[parts[:, :, 0] >> 4, parts[:, :, 0] & 15]", _GOLDEN),
    Fault("golden-16-bits-by-high-byte", "The first line of 16 bits holds the high bytes.",
          _G + "words.py", "parts[:, :, 0].astype(np.int32) | parts[:, :, 1].astype(np.int32) << 8",
          "parts[:, :, 1].astype(np.int32) | parts[:, :, 0].astype(np.int32) << 8", _GOLDEN),
    Fault("golden-wide-groups-lose-high-bits", "Target groups of 16 bits have 8.",
          _G + "words.py", "groups |= of[:, :words, 1].astype(np.int32) << 8", "groups |= 0",
          ("tests/golden/test_connections.py::test_sparse_row_with_wide_groups",)),
    Fault("golden-value-of-a-negative-mask", "A spike of MASK_NEG counts as 1 where the value counts.",
          _G + "weighed.py", "out *= np.int32(sign) if values is None",
          "out *= np.int32(abs(sign)) if values is None", _GOLDEN),
    Fault("golden-no-shift-with-tables", "The shift is left out of kinds with tables.",
          _G + "weighed.py", "np.left_shift(out, self.shift, out=out)", "np.left_shift(out, 0, out=out)",
          _GOLDEN),
    Fault("golden-delay-is-subtracted", "A delay leads to an earlier slot.",
          _G + "weighed.py", "(time + self.slot + late) % self.slots",
          "(time + self.slot - late) % self.slots", _GOLDEN),
    Fault("golden-channel-of-the-position", "A kernel is that of the channel before.",
          _G + "conv.py", "channel[source] * self.stride", "(channel[source] ^ 1) * self.stride", _GOLDEN),
    Fault("golden-tap-group-lost", "All taps add to the first groups.",
          _G + "conv.py", 'CONV_TAP.get_array(taps, "group")[:, None] +',
          '0 * CONV_TAP.get_array(taps, "group")[:, None] +', _GOLDEN),
    Fault("golden-synops-of-one-tap", "SYNOPS of a convolution counts positions, not taps.",
          _G + "conv.py", "int(count.sum()) * self.groups", "len(count) * self.groups", _GOLDEN),
    Fault("golden-one-to-one-takes-the-even-word", "One-to-one takes the low half of each byte.",
          _G + "one_to_one.py", "words.weights[row, place, lane]", "words.weights[row, 0, lane]", _GOLDEN),
    Fault("golden-rows-of-one-length", "The first row of a length stands for all of them.",
          _G + "sparse.py", "self.words_at(lines[mine], int(length))",
          "self.words_at(np.full_like(lines[mine], lines[mine][0]), int(length))", _GOLDEN),
    Fault("golden-conv-knows-delays", "A CONV with delays is not bad.",
          _G + "weighed.py", '(may_delay or not fields["delays"])', '(fields["delays"] in (0, 1))',
          ("tests/golden/test_connections.py::test_descriptors_that_are_not_known",)),
    Fault("golden-last-source-is-bad", "The last source of a connection is out of range.",
          "lava_hw/golden/synapses.py", "int(sources.max()) >= connection.limit",
          "int(sources.max()) + 1 >= connection.limit", _GOLDEN),
    Fault("layout-of-weights-behind-delays", "Delays are thought to lie in front of weights.",
          _I + "words.py", "weights + [DELAYS] * (words * self.delays)",
          "[DELAYS] * (words * self.delays) + weights", _ROWS),
    Fault("layout-of-one-group-line", "A word of 4 bits that stands alone has the target groups of two.",
          _I + "words.py", "[GROUPS] * (words * self.group_lines)",
          "[GROUPS] * (self.together * self.group_lines)",
          ("tests/image/test_layouts.py::test_words_that_stand_alone",)),
    Fault("layout-of-delays-has-weights-bits", "Delays are written with the bits of weights.",
          _I + "rows.py", "DELAYS: 8", "DELAYS: self.bits", _ROWS),
    Fault("dense-layout-clears-neighbours", "What follows the last target in its line becomes 0.",
          _I + "dense.py", "found = np.full((len(sources), width), KEPT, np.int64)",
          "found = np.full((len(sources), width), ZERO, np.int64)", _DENSE),
    Fault("check-takes-a-longer-delay", "A delay may lead to the slot that is read.",
          _I + "contents.py", "chip.delay_slots - 1 - slot", "chip.delay_slots - slot", _CHECK),
    Fault("check-of-low-bytes-only", "Of wide target groups only the low byte is looked at.",
          _I + "sparse.py", "8 * np.arange(form.group_lines)[:, None]",
          "0 * np.arange(form.group_lines)[:, None]",
          ("tests/image/test_contents.py::test_wide_groups_are_looked_at_in_both_lines",)),
    Fault("check-of-the-first-channel", "A kernel ends with its first channel.",
          _I + "conv.py", '(channels - 1) * fields["stride"]', '0 * fields["stride"]', _CHECK),
    Fault("check-of-the-first-tap", "Only the first tap of a position is looked at.",
          _I + "conv.py", "starts + np.arange(len(starts))", "first[count > 0]", _CHECK),
    Fault("check-of-a-port-with-delays", "A port with delays is not refused.",
          _I + "port.py", '("delays", "wide")', '("wide",)', _CHECK),
)  # fmt: skip
