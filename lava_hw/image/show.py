"""An image as text for a person."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from lava_hw.image.tables import Core, cores_of
from lava_hw.isa import AsmError, Names, listing
from lava_hw.regs import CONTROL_CORE, CORE_ADDR, ChipCsr, ConnKind, CoreRegion

if TYPE_CHECKING:
    from lava_hw.image.image import Image


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


def show(image: Image) -> str:
    """Give the whole description."""
    m, chip = image.manifest, image.chip
    words = sum(len(b.data) for b in image.segments)
    stages = m["stages"]
    out = [
        f"chip {chip.name}: {chip.mesh_x} x {chip.mesh_y} cores, {chip.lanes} lanes, {chip.word} bits, "
        f"configuration {chip.config_id:08x}, layout {m['layout_hash']:08x}",
        f"{words} words in {len(image.segments)} segments",
        f"stages: {stages['count']}; CLOSE before {_list(stages['needs_close'])}, "
        f"END after {_list(stages['needs_end'])}",
        "",
        "processes",
    ]
    out += [
        f"  {name}: {p['class']} on cores {_list(p['cores'])}" for name, p in sorted(m["processes"].items())
    ]
    for title, line in (("inputs", _input), ("outputs", _output), ("vars", _var)):
        if m[title]:
            out += ["", title, *(f"  {name}: {line(entry)}" for name, entry in sorted(m[title].items()))]
    for core in cores_of(image):
        out += ["", *_core(core, m)]
    return "\n".join(out) + "\n"


def _list(values: list[int]) -> str:
    return ", ".join(map(str, values)) or "none"


def _input(entry: dict[str, Any]) -> str:
    to = ", ".join(f"core {t['core']} connection {t['conn']} ({t['count']})" for t in entry["targets"])
    when = f"port of stage {entry['stage']}" if entry["kind"] == "port" else "connection"
    return f"{tuple(entry['shape'])} {entry['mode']}, {when}, to {to or 'nothing'}"


def _output(entry: dict[str, Any]) -> str:
    streams = ", ".join(f"{s['stream']} ({s['count']})" for s in entry["streams"])
    kind = f"{tuple(entry['shape'])} {entry['dtype']} {entry['mode']}"
    return f"{kind}, stage {entry['stage']}, streams {streams or 'none'}"


def _var(entry: dict[str, Any]) -> str:
    return f"{tuple(entry['shape'])} {entry['dtype']}, {_store(entry['store'])}"


def _store(store: dict[str, Any]) -> str:
    if store["kind"] == "latched":
        return f"{_store(store['raw'])}, latched as {_store(store['latched'])}"
    if store["kind"] == "const":
        return "constant " + ", ".join(f"{index} of core {core}" for core, index in store["places"])
    if store["kind"] == "host":
        return "kept by the host"
    places = (f"line {p['line']}" if "line" in p else f"from {p['base']}" for p in store["pieces"])
    where = ", ".join(f"core {p['core']} {at}" for p, at in zip(store["pieces"], places, strict=True))
    return f"{store['kind']} {where or 'of no core'}"


def _core(core: Core, m: dict[str, Any]) -> list[str]:
    out = [f"core {core.number}"]
    for name, (used, limit) in sorted(m["report"].get(str(core.number), {}).items()):
        share = f" {100 * used / limit:5.1f} %" if limit else ""
        out.append(f"  {name:<16} {used:>8} of {limit:>8}{share}")
    for number, stage in enumerate(core.stages):
        if stage["count"]:
            last = stage["first"] + stage["count"] - 1
            out.append(f"  stage {number}: populations {stage['first']} to {last}")
    for number, pop in core.populations.items():
        names, owner = _names(m, core.number, number)
        out += ["", f"  population {number}{owner}: {_size(pop, core)}"]
        out.append(
            f"    state from line {pop['state_base']}, {pop['nvars']} variables; "
            f"constants from {pop['const_base']}"
        )
        code = core.program(pop)
        if code is None:
            out.append(f"    program {pop['pc']} to {pop['pc'] + pop['count'] - 1} is not in the image")
        else:
            out += ["    " + line for line in listing(code, names, pop["pc"]).splitlines()]
        for i in range(pop["route_base"], pop["route_base"] + pop["route_count"]):
            out.append(f"    route {i}: {_route(core.routes.get(i))}")
    if core.connections:
        out.append("")
    out += [f"  connection {n}: {_connection(c)}" for n, c in core.connections.items()]
    return out


def _size(pop: dict[str, int], core: Core) -> str:
    neurons = (pop["groups"] - 1) * core.lanes + pop["tail"] if pop["groups"] else 0
    return f"{neurons} neurons in {pop['groups']} groups, index from {pop['index_base']}"


def _names(m: dict[str, Any], core: int, population: int) -> tuple[Names, str]:
    """Give what the optional key `programs` says about a population; what it says wrongly is left out."""
    try:
        entry = m["programs"][str(core)][population]
        return Names(
            tuple(map(str, entry["state"])), tuple(map(str, entry["const"]))
        ), f" of {entry['process']}"
    except (KeyError, IndexError, TypeError, AsmError):
        return Names(), ""


def _route(route: dict[str, int] | None) -> str:
    if route is None:
        return "not in the image"
    groups = f"channel {route['channel']}, groups {route['first']} to {route['first'] + route['groups'] - 1}"
    to = f"port {route['dest']} stream" if route["egress"] else f"core {route['dest']} connection"
    return f"{groups} to {to} {route['conn']}, index base {route['index_base']}"


def _connection(c: dict[str, int]) -> str:
    kind = _name(ConnKind, c["kind"], f"kind {c['kind']}")
    text = (
        f"{kind}, slot {c['slot']}, shift {c['shift']}, accumulators {c['acc_base']} + {c['groups']} groups"
    )
    if c["kind"] == ConnKind.DENSE:
        sign = ("" if c["is_signed"] else "un") + "signed" + (" negated" if c["negate"] else "")
        text += f", {c['sources']} sources to {c['targets']} targets"
        text += f", lines {c['syn_base']} step {c['stride']}, {sign}"
    return text
