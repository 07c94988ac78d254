"""The router in the middle of a mesh, at its corners and alone."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test, file_list

pytestmark = pytest.mark.rtl


@pytest.mark.parametrize(("x", "y", "mesh_x", "mesh_y"), [(1, 1, 3, 3), (0, 0, 3, 2), (2, 3, 3, 4)])
def test_router(x, y, mesh_x, mesh_y):
    sources = [path for path in file_list("lhw_router") if "rtl/core/" not in path.as_posix()]
    parameters = {"MeshX": mesh_x, "MeshY": mesh_y}
    place = {"LHW_X": str(x), "LHW_Y": str(y)}
    build_and_test(
        "lhw_router", "cocotb_router", sources=sources, parameters=parameters, extra_env=place, seed=1
    )
