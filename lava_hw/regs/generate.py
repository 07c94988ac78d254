"""Write what hardware, harness, Python and documentation need from rtl/regs/lava_hw.rdl.

Run as ``python -m lava_hw.regs.generate [ROOT]``. Needs the package ``systemrdl-compiler``; the outputs are
committed, so that installing and running lava_hw does not need it.
"""

from __future__ import annotations

import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

_SOURCE = "rtl/regs/lava_hw.rdl"
_NOTE = f"Generated from {_SOURCE} by `make regs`; do not edit."


@dataclass(frozen=True)
class Enum:
    """An enumeration: members are (name, value, description)."""

    name: str
    width: int
    members: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class Layout:
    """A word: fields are (name, msb, lsb, description, enumeration or None), highest bit first."""

    name: str
    title: str
    bits: int
    fields: tuple[tuple[str, int, int, str, str | None], ...]


@dataclass(frozen=True)
class Contract:
    """Everything the description says."""

    params: tuple[tuple[str, int], ...]
    enums: tuple[Enum, ...]
    words: tuple[Layout, ...]

    @property
    def layout_hash(self) -> int:
        """CRC32 of names, positions and values: changes when a layout changes, not when a text does."""
        plain = {
            "params": self.params,
            "enums": [[e.name, [[n, v] for n, v, _ in e.members]] for e in self.enums],
            "words": [[w.name, w.bits, [[n, m, low] for n, m, low, _, _ in w.fields]] for w in self.words],
        }
        return zlib.crc32(json.dumps(plain, separators=(",", ":")).encode())


def parse(path: Path) -> Contract:
    """Read the description with systemrdl-compiler."""
    from systemrdl import RDLCompiler
    from systemrdl.node import RegNode

    compiler = RDLCompiler()
    compiler.compile_file(str(path))
    top = compiler.elaborate().top
    enums: dict[str, Enum] = {}
    words = []
    for reg in top.children():
        if not isinstance(reg, RegNode):
            raise ValueError(f"{path.name}: {reg.inst_name} is no word; describe each word as a reg")
        fields = []
        for field in sorted(reg.fields(), key=lambda f: -f.high):
            encode = field.get_property("encode")
            if encode is not None:
                members = tuple((m.name, int(m.value), (m.rdl_desc or "").strip()) for m in encode)
                enums.setdefault(encode.type_name, Enum(encode.type_name, field.width, members))
            desc = (field.get_property("desc") or "").strip()
            fields.append(
                (field.inst_name, field.high, field.low, desc, encode.type_name if encode else None)
            )
        title = (reg.get_property("name") or reg.inst_name).strip()
        words.append(Layout(reg.inst_name, title, reg.get_property("regwidth"), tuple(fields)))
    params = tuple((p.name, int(p.get_value())) for p in top.inst.parameters)
    return Contract(params, tuple(enums.values()), tuple(words))


def to_systemverilog(c: Contract) -> str:
    """Give the package lhw_regs_pkg: constants, enumerations, packed structs."""
    out = [f"// {_NOTE}", "package lhw_regs_pkg;", ""]
    out += [f"  localparam int unsigned {n} = {v};" for n, v in c.params]
    out += [f"  localparam logic [31:0] LAYOUT_HASH = 32'h{c.layout_hash:08x};", ""]
    for e in c.enums:
        body = ",\n".join(f"    {e.name.upper()}_{n} = {e.width}'d{v}" for n, v, _ in e.members)
        out += [f"  typedef enum logic [{e.width - 1}:0] {{", body, f"  }} {e.name}_e;", ""]
    for w in c.words:
        out += [f"  // {w.title}", "  typedef struct packed {"]
        bit = w.bits - 1
        for name, msb, lsb, _, _ in w.fields:
            if bit > msb:
                out.append(f"    logic [{bit - msb - 1}:0] reserved{bit};")
            out.append(f"    logic [{msb - lsb}:0] {_sv_name(name)};")
            bit = lsb - 1
        if bit >= 0:
            out.append(f"    logic [{bit}:0] reserved{bit};")
        out += [f"  }} {w.name}_t;", ""]
    return "\n".join([*out, "endpackage", ""])


def _sv_name(name: str) -> str:
    return {"register": "csr"}.get(name, name)


def to_cpp(c: Contract) -> str:
    """Give the C++ header: constants and shift/mask pairs."""
    out = [f"// {_NOTE}", "#pragma once", "#include <cstdint>", "", "namespace lhw::regs {", ""]
    out += [f"constexpr std::uint32_t {n} = {v};" for n, v in c.params]
    out += [f"constexpr std::uint32_t LAYOUT_HASH = 0x{c.layout_hash:08x};", ""]
    for e in c.enums:
        out += [f"namespace {e.name} {{"]
        out += [f"constexpr std::uint32_t {n} = {v}U;" for n, v, _ in e.members]
        out += [f"}}  // namespace {e.name}", ""]
    for w in c.words:
        out += [f"// {w.title}", f"namespace {w.name} {{"]
        for name, msb, lsb, _, _ in w.fields:
            mask = (1 << (msb - lsb + 1)) - 1
            out.append(f"constexpr unsigned {name}_lsb = {lsb};")
            out.append(f"constexpr std::uint64_t {name}_mask = 0x{mask:x}U;")
        out += [f"}}  // namespace {w.name}", ""]
    out += [
        "constexpr std::uint64_t get(std::uint64_t word, unsigned lsb, std::uint64_t mask) {",
        "  return (word >> lsb) & mask;",
        "}",
        "",
        "}  // namespace lhw::regs",
        "",
    ]
    return "\n".join(out)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def to_python(c: Contract) -> str:
    """Give the Python module: constants, IntEnum classes, `Word` values."""
    out = [f'"""Layouts shared with the hardware. {_NOTE}"""', ""]
    out += ["from enum import IntEnum", "", "from lava_hw.regs.word import Field, Word", ""]
    out += [f"{n} = {v}" for n, v in c.params]
    out += [f"LAYOUT_HASH = 0x{c.layout_hash:08X}", ""]
    for e in c.enums:
        out += ["", f"class {_camel(e.name)}(IntEnum):", f'    """Values of {e.name}."""', ""]
        out += [f"    {n} = {v}" for n, v, _ in e.members]
        out += [""]
    for w in c.words:
        out += ["", f"{w.name.upper()} = Word(", f'    "{w.name}",', f"    {w.bits},", "    {"]
        out += [f'        "{name}": Field({msb}, {lsb}),' for name, msb, lsb, _, _ in w.fields]
        out += ["    },", ")"]
    return "\n".join([*out, ""])


def to_markdown(c: Contract) -> str:
    """Give the tables of docs/registers.md."""
    out = [
        "# Registers, words, flits",
        "",
        f"{_NOTE} Layout hash 0x{c.layout_hash:08x}.",
        "",
        "## Constants",
        "",
    ]
    out += ["| name | value |", "|---|---|"] + [f"| {n} | {v} |" for n, v in c.params] + [""]
    for e in c.enums:
        out += [f"## Values of {e.name}", "", "| value | name | meaning |", "|---|---|---|"]
        out += [
            f"| {v:#x} | {n} | {_cell(d)} |" if e.width == 32 else f"| {v} | {n} | {_cell(d)} |"
            for n, v, d in e.members
        ]
        out += [""]
    for w in c.words:
        out += [
            f"## {w.title} (`{w.name}`, {w.bits} bits)",
            "",
            "| bits | field | meaning |",
            "|---|---|---|",
        ]
        for name, msb, lsb, desc, enum in w.fields:
            see = f" See values of {enum}." if enum else ""
            out.append(f"| {msb}:{lsb} | {name} | {_cell(desc)}{see} |")
        out += [""]
    return "\n".join(out)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


OUTPUTS = {
    "rtl/regs/lhw_regs_pkg.sv": to_systemverilog,
    "sim/regs/lhw_regs.hpp": to_cpp,
    "lava_hw/regs/_generated.py": to_python,
    "docs/registers.md": to_markdown,
}


def main(argv: list[str] | None = None) -> int:
    """Write all outputs below ROOT (default: the checkout that holds this file)."""
    args = sys.argv[1:] if argv is None else argv
    root = Path(args[0]) if args else Path(__file__).resolve().parents[2]
    contract = parse(root / _SOURCE)
    for name, write in OUTPUTS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write(contract))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
