"""What sleeps although it should not, in the tile-wise simulator and in the RTL that tells it so."""

from __future__ import annotations

from tests.faults.fault import Fault

_TILES = "tests/device/test_tiles.py::test_random_networks[0]"

ASLEEP: tuple[Fault, ...] = (
    Fault(
        "host-part-sleeps-with-a-flit",
        "The host part says that it may sleep although a flit waits for the host.",
        "rtl/chip/lhw_host.sv",
        "!(token_valid || ingress_empty) || !egress_empty ||",
        "!(token_valid || ingress_empty) ||",
        (_TILES,),
    ),
    Fault(
        "cycles-are-not-counted-asleep",
        "Cycles in which the host part sleeps are missing from the counter of cycles.",
        "sim/mesh_model.hpp",
        "if (host_->counts_o) stage_cycles_ += cycles_ - counted_;",
        "",
        (_TILES,),
    ),
    Fault(
        "links-are-left-as-they-were",
        "What a router takes back from its links at its last edge is not seen by its neighbours.",
        "sim/mesh_model.hpp",
        "for_each(routing_ | routed_, [&](int t) {",
        "for_each(routing_, [&](int t) {",
        (_TILES,),
    ),
)
