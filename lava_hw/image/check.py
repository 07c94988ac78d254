"""What the chip would trip over when it runs an image: sentences, none if all is well."""

from __future__ import annotations

from collections.abc import Sequence

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import descriptor_kind
from lava_hw.image.manifest import Stages
from lava_hw.image.segments import Segment
from lava_hw.image.tables import CoreTables, cores_of
from lava_hw.isa import problems
from lava_hw.regs import CONTROL_CORE, HOST_PORT, ChipCsr, CoreRegion


def check(chip: Chip, segments: Sequence[Segment], stages: Stages) -> list[str]:
    """Give a sentence per problem of what a loader writes into a chip; `stages` is the manifest's."""
    cores = {core.number: core for core in cores_of(segments, chip.lanes)}
    out = _stages(segments, stages)
    for core in cores.values():
        for number, stage in enumerate(core.stages):
            missing = [
                p for p in range(stage["first"], stage["first"] + stage["count"]) if p not in core.populations
            ]
            out += [
                f"core {core.number}: stage {number} runs population {p}, which is not there" for p in missing
            ]
            if stage["count"] and number >= stages.count:
                out.append(f"core {core.number}: stage {number} has populations and is never run")
        for number, pop in core.populations.items():
            where = f"core {core.number} population {number}"
            out += [f"{where}: {text}" for text in _population(core, pop, chip)]
            for i in range(pop["route_base"], pop["route_base"] + pop["route_count"]):
                out += [f"{where} route {i}: {text}" for text in _route(core.routes.get(i), pop, cores)]
        for number, conn in core.connections.items():
            out += [f"core {core.number} connection {number}: {text}" for text in _connection(conn, chip)]
    return out


def _stages(segments: Sequence[Segment], stages: Stages) -> list[str]:
    registers: dict[int, int] = {}
    for core, first, data in segments:
        if core == CONTROL_CORE:
            registers.update((first + i, int(w)) for i, w in enumerate(data))
    want = {
        ChipCsr.STAGES: stages.count,
        ChipCsr.NEEDS_CLOSE: sum(1 << s for s in set(stages.needs_close)),
        ChipCsr.NEEDS_END: sum(1 << s for s in set(stages.needs_end)),
    }
    return [
        f"register {key.name} is set to {registers.get(key)}, and the manifest says {value}"
        for key, value in want.items()
        if registers.get(key) != value
    ]


def _population(core: CoreTables, pop: dict[str, int], chip: Chip) -> list[str]:
    out = []
    if not pop["groups"] or not 1 <= pop["tail"] <= chip.lanes:
        out.append(f"{pop['groups']} groups with {pop['tail']} neurons in the last one")
    last = pop["state_base"] + pop["groups"] * pop["nvars"]
    if last > chip.state_lines:
        out.append(f"needs state lines up to {last - 1}, and the chip has {chip.state_lines}")
    if pop["route_base"] + pop["route_count"] > chip.routes:
        out.append(f"needs routes up to {pop['route_base'] + pop['route_count'] - 1} of {chip.routes}")
    code = core.program(pop)
    if code is None:
        return [*out, f"its program {pop['pc']} to {pop['pc'] + pop['count'] - 1} is not in the image"]
    constants = core.words.get(CoreRegion.CONSTANT, {})
    known = 0
    while pop["const_base"] + known in constants:
        known += 1
    return out + problems(code, pop["nvars"], known)


def _route(route: dict[str, int] | None, pop: dict[str, int], cores: dict[int, CoreTables]) -> list[str]:
    if route is None:
        return ["is not there"]
    out = []
    if route["first"] + route["groups"] > pop["groups"]:
        out.append(f"sends groups {route['first']} + {route['groups']} of {pop['groups']}")
    if route["egress"]:
        if route["dest"] != HOST_PORT:
            out.append(f"leaves through port {route['dest']}; there is only port {HOST_PORT}")
        return out
    there = cores.get(route["dest"])
    if there is None or route["conn"] not in there.connections:
        out.append(f"goes to connection {route['conn']} of core {route['dest']}, which is not there")
    return out


def _connection(conn: dict[str, int], chip: Chip) -> list[str]:
    out = []
    kind = descriptor_kind(conn["kind"])
    if kind is None or conn["format"] not in kind.formats:
        return [f"kind {conn['kind']} with format {conn['format']} is not one that the chip has"]
    if conn["acc_base"] + conn["groups"] > chip.acc_groups:
        out.append(f"adds to groups {conn['acc_base']} + {conn['groups']} of {chip.acc_groups}")
    if conn["slot"] >= chip.delay_slots:
        out.append(f"slot {conn['slot']} of {chip.delay_slots}")
    return out + kind.problems(conn, chip)
