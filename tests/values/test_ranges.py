"""Each process of the library says in one table what its fixed-point models hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw.graph import flatten
from tests.values.rows import TABLE
from tests.values.test_table import python

# What the models of the library hold and no range is known of: shapes of a convolution.
NOT_NUMBERS = {"kernel_size", "stride", "padding", "dilation", "groups", "weight_exp", "num_weight_bits"}


@pytest.mark.parametrize("process", TABLE)
def test_every_integer_var_is_in_both_tables(process: str) -> None:
    make, rows = TABLE[process]
    (flat,) = flatten(make(), python()).processes
    ranges = flat.proc_class.var_ranges
    for name in flat.vars:
        declared: Any = flat.types[name]
        if declared.cls is int or (declared.cls is not str and np.dtype(declared.d_type).kind in "iu"):
            assert name in ranges, f"{process}.{name} has no entry in var_ranges"
            if declared.cls is not int:
                assert np.dtype(ranges[name].dtype) == np.dtype(declared.d_type), f"{process}.{name}"
            tested = name in rows or name in NOT_NUMBERS or ranges[name].taken_from
            assert tested or name in ("state_exp", "decay_bits"), f"no row for {process}.{name}"
    assert set(ranges) <= set(flat.vars)
