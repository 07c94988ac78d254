"""Names in the language of learning rules (Lava's path)."""

from __future__ import annotations

X0 = "x0"
"""Whether the source of a synapse has spiked in the epoch."""
Y0 = "y0"
"""Whether its target has."""
SPIKE_DEPENDENCIES = {X0, Y0}

U = "u"
"""Whether the epoch is one of each 2^K."""
DEPENDENCIES = SPIKE_DEPENDENCIES | {U}

X1 = "x1"
X2 = "x2"
PRE_TRACES = {X1, X2}

Y1 = "y1"
Y2 = "y2"
Y3 = "y3"
POST_TRACES = {Y1, Y2, Y3}

TRACES = PRE_TRACES | POST_TRACES

W = "w"
D = "d"
T = "t"
SYNAPTIC_VARIABLES = {W, D, T}

C = "C"
"""A factor without a variable."""

FACTOR_STATE_VARS = SPIKE_DEPENDENCIES | TRACES | SYNAPTIC_VARIABLES | {C}

DW = "dw"
DD = "dd"
DT = "dt"
LEARNING_RULE_TARGETS = {DW, DD, DT}

SYNAPTIC_VARIABLE_VAR_MAPPING = {W: "weights", D: "tag_2", T: "tag_1"}
"""The Var of a connection that holds a variable."""
