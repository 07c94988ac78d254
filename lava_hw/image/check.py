"""What the chip would trip over when it runs an image: sentences, none if all is well.

Each sentence says where (core, table entry and process), what it found, what the limit is, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import descriptor_kind
from lava_hw.image.manifest import Manifest, Stages
from lava_hw.image.segments import Segment
from lava_hw.image.tables import CoreTables, cores_of
from lava_hw.isa import group_problems, problems
from lava_hw.regs import CONTROL_CORE, HOST_PORT, ChipCsr, CoreRegion

Fields = dict[str, int]


def check(chip: Chip, segments: Sequence[Segment], manifest: Manifest) -> list[str]:
    """Give a sentence per problem of what a loader writes into a chip.

    Parameters
    ----------
    manifest : Manifest
        Says how many stages there are, and which process each population is of.
    """
    cores = {core.number: core for core in cores_of(segments, chip.lanes)}
    out = _stages(segments, manifest.stages)
    for core in cores.values():
        out += [f"core {core.number}: {text}" for text in _stage_table(core, chip, manifest.stages)]
        names = [entry.process for entry in manifest.programs.get(core.number, ())]
        for number, pop in core.populations.items():
            of = f" ({names[number]})" if number < len(names) else ""
            where = f"core {core.number} population {number}{of}"
            out += [f"{where}: {text}" for text in _population(core, pop, chip)]
            for i in range(pop["route_base"], min(pop["route_base"] + pop["route_count"], chip.routes)):
                out += [f"{where} route {i}: {text}" for text in _route(core.routes.get(i), pop, cores)]
        for number, conn in core.connections.items():
            where = f"core {core.number} connection {number}"
            out += [f"{where}: {text}" for text in _connection(core, conn, chip)]
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


def _stage_table(core: CoreTables, chip: Chip, stages: Stages) -> Iterator[str]:
    for number, stage in enumerate(core.stages):
        for population in range(stage["first"], stage["first"] + stage["count"]):
            if population >= chip.populations:
                yield f"stage {number} " + _beyond(
                    "runs populations", stage["first"], stage["count"], chip.populations, "populations"
                )
                break
            if population not in core.populations:
                yield (
                    f"stage {number} runs population {population}, which is not there; "
                    "write its entry, or run fewer"
                )
        if stage["count"] and number >= stages.count:
            yield f"stage {number} has populations and is never run; the manifest has {stages.count} stages"


def _beyond(what: str, first: int, count: int, limit: int, resource: str) -> str:
    """Say that a run of table entries or lines does not end within the chip's."""
    return (
        f"{what} {first} to {first + count - 1}, and a core of the chip has {limit} (0 to {limit - 1}); "
        f"move them to lower numbers, or use a chip with more {resource}"
    )


def _population(core: CoreTables, pop: Fields, chip: Chip) -> list[str]:
    out = []
    if not pop["groups"] or not 1 <= pop["tail"] <= chip.lanes:
        out.append(
            f"{pop['groups']} groups with {pop['tail']} neurons in the last one; "
            f"there must be a group, and 1 to {chip.lanes} neurons in the last one"
        )
    lines = pop["groups"] * pop["nvars"]
    for what, first, count, limit, resource in (
        ("needs state lines", pop["state_base"], lines, chip.state_lines, "state_lines"),
        ("needs routes", pop["route_base"], pop["route_count"], chip.routes, "routes"),
        ("has instructions", pop["pc"], pop["count"], chip.ucode_words, "ucode_words"),
    ):  # fmt: skip
        if first + count > limit:
            out.append(_beyond(what, first, count, limit, resource))
    code = core.program(pop)
    if code is None:
        if pop["pc"] + pop["count"] <= chip.ucode_words:
            last = pop["pc"] + pop["count"] - 1
            out.append(
                f"its program {pop['pc']} to {last} is not in the image; the image must write all of it"
            )
        return out
    constants = core.words.get(CoreRegion.CONSTANT, {})
    known: dict[int, int] = {}
    while pop["const_base"] + len(known) in constants:
        known[len(known)] = constants[pop["const_base"] + len(known)]
    out += problems(code, pop["nvars"], len(known))
    return out + group_problems(code, known, pop["groups"], chip.acc_groups, chip.delay_slots)


def _route(route: Fields | None, pop: Fields, cores: dict[int, CoreTables]) -> list[str]:
    if route is None:
        return ["is not there; the image must write it"]
    out = []
    if route["first"] + route["groups"] > pop["groups"]:
        out.append(
            f"sends groups {route['first']} + {route['groups']} of {pop['groups']}; "
            "it must end with the last group of the population"
        )
    if route["egress"]:
        if route["dest"] != HOST_PORT:
            out.append(f"leaves through port {route['dest']}; there is only port {HOST_PORT}")
        return out
    there = cores.get(route["dest"])
    if there is None or route["conn"] not in there.connections:
        out.append(
            f"goes to connection {route['conn']} of core {route['dest']}, which is not there; "
            "the image must write its descriptor"
        )
    return out


def _connection(core: CoreTables, conn: Fields, chip: Chip) -> list[str]:
    out = []
    kind = descriptor_kind(conn["kind"])
    if kind is None or conn["format"] not in kind.formats:
        return [f"kind {conn['kind']} with format {conn['format']} is not one that the chip has"]
    if conn["acc_base"] + conn["groups"] > chip.acc_groups:
        out.append(
            _beyond(
                "adds to accumulator groups", conn["acc_base"], conn["groups"], chip.acc_groups, "acc_groups"
            )
        )
    if conn["slot"] >= chip.delay_slots:
        out.append(
            f"slot {conn['slot']} of {chip.delay_slots}; use slots 0 to {chip.delay_slots - 1}, "
            "or a chip with more delay_slots"
        )
    if conn["learns"]:
        out.append("learns is set, and connections of the chip do not learn; clear it")
    out += kind.problems(conn, chip)
    return out or kind.content_problems(conn, chip, core.memory)
