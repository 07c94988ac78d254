"""An image as text for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import descriptor_kind
from lava_hw.image.entries.ports import PORT, InputEntry, OutputEntry
from lava_hw.image.entries.stores import VarEntry
from lava_hw.image.manifest import Manifest, ProgramEntry
from lava_hw.image.segments import Segment
from lava_hw.image.tables import CoreTables, cores_of
from lava_hw.isa import AsmError, Names, listing
from lava_hw.regs import CONTROL_CORE, CORE_ADDR, LAYOUT_HASH, ChipCsr, ConnKind, CoreRegion


def region_of(core: int, address: int) -> tuple[str, int]:
    """Give name of the region and offset of a word address."""
    if core == CONTROL_CORE:
        return _name(ChipCsr, address, "register"), address
    if address >> CORE_ADDR.fields["synapse"].lsb:
        return "SYNAPSE", address & ((1 << CORE_ADDR.fields["synapse"].lsb) - 1)
    parts = CORE_ADDR.unpack(address)
    return _name(CoreRegion, parts["region"], f"region {parts['region']}"), parts["offset"]


def _name(values: type[IntEnum], value: int, other: str) -> str:
    try:
        return values(value).name
    except ValueError:
        return other


def show(chip: Chip, segments: Sequence[Segment], manifest: Manifest) -> str:
    """Give the whole description of an image."""
    words = sum(len(segment.data) for segment in segments)
    stages = manifest.stages
    out = [
        f"chip {chip.name}: {chip.mesh_x} x {chip.mesh_y} cores, {chip.lanes} lanes, {chip.word} bits, "
        f"configuration {chip.config_id:08x}, layout {LAYOUT_HASH:08x}",
        f"{words} words in {len(segments)} segments",
        f"stages: {stages.count}; CLOSE before {_list(stages.needs_close)}, "
        f"END after {_list(stages.needs_end)}",
        "",
        "processes",
    ]
    for name, process in sorted(manifest.processes.items()):
        out.append(f"  {name}: {process.class_name} on cores {_list(process.cores)}")
    for title, lines in (
        ("inputs", {name: _input(entry) for name, entry in manifest.inputs.items()}),
        ("outputs", {name: _output(entry) for name, entry in manifest.outputs.items()}),
        ("vars", {name: _var(entry) for name, entry in manifest.vars.items()}),
    ):
        if lines:
            out += ["", title, *(f"  {name}: {line}" for name, line in sorted(lines.items()))]
    for core in cores_of(segments, chip.lanes):
        out += ["", *_core(core, manifest)]
    return "\n".join(out) + "\n"


def _list(values: Iterable[int]) -> str:
    return ", ".join(map(str, values)) or "none"


def _input(entry: InputEntry) -> str:
    to = ", ".join(f"core {t.core} connection {t.conn} ({t.elements.count})" for t in entry.targets)
    when = f"port of stage {entry.stage}" if entry.kind == PORT else "connection"
    return f"{entry.shape} {entry.mode}, {when}, to {to or 'nothing'}"


def _output(entry: OutputEntry) -> str:
    streams = ", ".join(f"{s.stream} ({s.elements.count})" for s in entry.streams)
    kind = f"{entry.shape} {entry.dtype} {entry.mode}"
    return f"{kind}, stage {entry.stage}, channel {entry.channel}, streams {streams or 'none'}"


def _var(entry: VarEntry) -> str:
    return f"{entry.shape} {entry.dtype}, {entry.store.places()}"


def _core(core: CoreTables, manifest: Manifest) -> list[str]:
    out = [f"core {core.number}"]
    for name, (used, limit) in sorted(manifest.report.get(core.number, {}).items()):
        share = f" {100 * used / limit:5.1f} %" if limit else ""
        out.append(f"  {name:<16} {used:>8} of {limit:>8}{share}")
    for number, stage in enumerate(core.stages):
        if stage["count"]:
            last = stage["first"] + stage["count"] - 1
            out.append(f"  stage {number}: populations {stage['first']} to {last}")
    for number, pop in core.populations.items():
        program = _program(manifest, core.number, number)
        owner = f" of {program.process}" if program else ""
        out += ["", f"  population {number}{owner}: {_size(pop, core)}"]
        if program and (program.in_ports or program.out_ports):
            out.append(f"    {_ports(program)}")
        out.append(
            f"    state from line {pop['state_base']}, {pop['nvars']} variables; "
            f"constants from {pop['const_base']}"
        )
        code = core.program(pop)
        if code is None:
            out.append(f"    program {pop['pc']} to {pop['pc'] + pop['count'] - 1} is not in the image")
        else:
            out += ["    " + line for line in listing(code, _names(program), pop["pc"]).splitlines()]
        for i in range(pop["route_base"], pop["route_base"] + pop["route_count"]):
            out.append(f"    route {i}: {_route(core.routes.get(i))}")
    if core.connections:
        out.append("")
    out += [f"  connection {n}: {_connection(c)}" for n, c in core.connections.items()]
    return out


def _size(pop: dict[str, int], core: CoreTables) -> str:
    neurons = (pop["groups"] - 1) * core.lanes + pop["tail"] if pop["groups"] else 0
    return f"{neurons} neurons in {pop['groups']} groups, index from {pop['index_base']}"


def _program(manifest: Manifest, core: int, population: int) -> ProgramEntry | None:
    programs = manifest.programs.get(core, ())
    return programs[population] if population < len(programs) else None


def _ports(program: ProgramEntry) -> str:
    sent = [f"{out.port} on channel {out.channel}" for out in program.out_ports]
    parts = [f"from {', '.join(program.in_ports)}"] if program.in_ports else []
    return "; ".join([*parts, *([f"to {', '.join(sent)}"] if sent else [])])


def _names(program: ProgramEntry | None) -> Names:
    """Give the names that a listing uses; those that it cannot use are left out."""
    try:
        return Names(program.state, program.const) if program else Names()
    except AsmError:
        return Names()


def _route(route: dict[str, int] | None) -> str:
    if route is None:
        return "not in the image"
    groups = f"channel {route['channel']}, groups {route['first']} to {route['first'] + route['groups'] - 1}"
    to = f"port {route['dest']} stream" if route["egress"] else f"core {route['dest']} connection"
    return f"{groups} to {to} {route['conn']}, index base {route['index_base']}"


def _connection(c: dict[str, int]) -> str:
    name = _name(ConnKind, c["kind"], f"kind {c['kind']}")
    text = (
        f"{name}, slot {c['slot']}, shift {c['shift']}, accumulators {c['acc_base']} + {c['groups']} groups"
    )
    kind = descriptor_kind(c["kind"])
    return text + kind.describe(c) if kind is not None else text
