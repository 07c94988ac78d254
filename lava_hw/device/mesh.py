"""A top that is made of equal tiles and a host part: what the simulator needs to evaluate it tile by tile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lava_hw.device.errors import BuildError
from lava_hw.device.evaluation import Evaluation, edge_text, includes_text, read_evaluation
from lava_hw.device.pins import check_pins, read_pins, zero_text

TILE_PREFIX = "Vlhw_tile"
"""Name of the class that Verilator makes of a tile."""

_PARAMETER = re.compile(r"^ +parameter .*?(\w+) +=", re.MULTILINE)
_LINK = (("valid", 1), ("flit", 64))


@dataclass(frozen=True)
class Mesh:
    """Two modules that are simulated instead of the top that joins them (see sim/mesh_model.hpp).

    Attributes
    ----------
    tile, host : str
        The modules; the host part has the pins of the top. Each has its file in the sources, of its name.
    width, height : int
        Tiles from west to east, and from north to south.
    """

    tile: str
    host: str
    width: int
    height: int


def parameters_of(module: str, sources: tuple[Path, ...], values: Mapping[str, int]) -> dict[str, int]:
    """Give those of a top's parameters that a module within it has, too.

    Raises
    ------
    BuildError
        If no source is the module's.
    """
    for path in sources:
        if path.stem == module:
            declared = _PARAMETER.findall(path.read_text())
            return {name: value for name, value in values.items() if name in declared}
    raise BuildError(f"no source is called {module}.sv, the module that is to be simulated")


def write_mesh(directory: Path, host_prefix: str, tile: Path, mesh: Mesh) -> Evaluation:
    """Write ``lhw_mesh.hpp``, which tells sim/mesh_model.hpp what it is made of.

    Parameters
    ----------
    directory : Path
        Where to.
    host_prefix : str
        Name of the class of the host part.
    tile : Path
        Where Verilator made the class of the tile.
    mesh : Mesh

    Returns
    -------
    Evaluation
        How a tile is clocked.

    Raises
    ------
    BuildError
        If the tile or the host part lacks a pin, or one has another width or direction.
    """
    pins = read_pins((tile / f"{TILE_PREFIX}.h").read_text())
    wanted = {"clk_i": ("IN", 1), "rst_ni": ("IN", 1), "x_i": ("IN", 3), "y_i": ("IN", 3)}
    wanted |= {"go_i": ("IN", 1), "clear_i": ("IN", 1), "stage_i": ("IN", 4), "step_i": ("IN", 32)}
    wanted |= {"busy_o": ("OUT", 1), "awake_o": ("OUT", 1), "routing_o": ("OUT", 1), "faults_o": ("OUT", 4)}
    for side in "nesw":
        wanted |= {f"{side}_ready_o": ("OUT", 1), f"{side}_ready_i": ("IN", 1)}
        for name, width in _LINK:
            wanted |= {f"{side}_{name}_i": ("IN", width), f"{side}_{name}_o": ("OUT", width)}
    check_pins(f"tile {mesh.tile}", pins, wanted)
    host = read_pins((directory / f"{host_prefix}.h").read_text())
    wanted = {"go_o": ("OUT", 1), "clear_o": ("OUT", 1), "stage_o": ("OUT", 4), "awake_o": ("OUT", 1)}
    wanted |= {"counts_o": ("OUT", 1), "cycles_i": ("IN", 64)}
    check_pins(f"host part {mesh.host}", host, wanted)
    evaluation = read_evaluation(tile, TILE_PREFIX, "clk_i")
    text = f"""// Written by the build for a mesh of {mesh.tile}.
#pragma once
#include "{host_prefix}___024root.h"
{includes_text(evaluation, TILE_PREFIX)}#include "{TILE_PREFIX}___024root.h"

namespace lhw::mesh {{
using Tile = {TILE_PREFIX};
inline constexpr int kWidth = {mesh.width};
inline constexpr int kHeight = {mesh.height};
{edge_text(evaluation, "Tile", "clk_i")}
{zero_text(pins, "Tile")}
}}  // namespace lhw::mesh
"""
    (directory / "lhw_mesh.hpp").write_text(text)
    return evaluation
