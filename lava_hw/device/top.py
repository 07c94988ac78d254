"""The header that tells the C++ harness which top it drives and what its pins are called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lava_hw.device.evaluation import Evaluation, edge_text, includes_text, read_evaluation
from lava_hw.device.pins import check_pins, read_pins, zero_text

PREFIX = "Vlhw_sim"
"""Name of the class that Verilator makes of any top."""


@dataclass(frozen=True)
class PortMap:
    """The pins of a top with a 64-bit AXI4-Stream in and out.

    Attributes
    ----------
    clock, reset : str
        Clock, and synchronous reset (`reset_low`: active low).
    sink, source : str
        Prefixes of the stream into the top and out of it (``_tdata``, ``_tvalid``, ``_tready``).
    idle : str
        Output that is 1 when nothing more happens without input; it may be late by four cycles.
    step : str or None
        Output with the number of the step, if there is one: for traces and progress.
    registered : bool
        True if no output depends on an input within a cycle; then one evaluation a cycle is enough.
    """

    clock: str = "clk_i"
    reset: str = "rst_ni"
    reset_low: bool = True
    sink: str = "s_axis"
    source: str = "m_axis"
    idle: str = "idle_o"
    step: str | None = "step_o"
    registered: bool = True


def write_top(directory: Path, top: str, ports: PortMap) -> Evaluation:
    """Write ``lhw_top.hpp`` beside what Verilator made in `directory`.

    Returns
    -------
    Evaluation
        How it is clocked.

    Raises
    ------
    BuildError
        If the top lacks a pin, or one has another width or direction.
    """
    pins = read_pins((directory / f"{PREFIX}.h").read_text())
    wanted = {
        ports.clock: ("IN", 1),
        ports.reset: ("IN", 1),
        f"{ports.sink}_tdata": ("IN", 64),
        f"{ports.sink}_tvalid": ("IN", 1),
        f"{ports.sink}_tready": ("OUT", 1),
        f"{ports.source}_tdata": ("OUT", 64),
        f"{ports.source}_tvalid": ("OUT", 1),
        f"{ports.source}_tready": ("IN", 1),
        ports.idle: ("OUT", 1),
    }
    if ports.step is not None:
        wanted[ports.step] = ("OUT", 32)
    check_pins(f"top {top}", pins, wanted)
    evaluation = read_evaluation(directory, PREFIX, ports.clock, ports.registered)
    step = f"t.{ports.step}" if ports.step is not None else "(static_cast<void>(t), 0)"
    text = f"""// Written by the build for top {top}.
#pragma once
#include <cstdint>

{includes_text(evaluation, PREFIX)}
using LhwTop = {PREFIX};

namespace lhw::top {{
inline constexpr const char* kName = "{top}";
{zero_text(pins, "LhwTop")}
{edge_text(evaluation, "LhwTop", ports.clock)}
inline void set_reset(LhwTop& t, bool active) {{ t.{ports.reset} = {"!" if ports.reset_low else ""}active; }}
inline void set_in(LhwTop& t, bool valid, std::uint64_t data) {{
  t.{ports.sink}_tvalid = valid;
  t.{ports.sink}_tdata = data;
}}
inline bool in_ready(const LhwTop& t) {{ return t.{ports.sink}_tready != 0; }}
inline void set_out_ready(LhwTop& t, bool ready) {{ t.{ports.source}_tready = ready; }}
inline bool out_valid(const LhwTop& t) {{ return t.{ports.source}_tvalid != 0; }}
inline std::uint64_t out_data(const LhwTop& t) {{ return t.{ports.source}_tdata; }}
inline bool idle(const LhwTop& t) {{ return t.{ports.idle} != 0; }}
inline std::uint32_t step(const LhwTop& t) {{ return {step}; }}
}}  // namespace lhw::top
"""
    (directory / "lhw_top.hpp").write_text(text)
    return evaluation
