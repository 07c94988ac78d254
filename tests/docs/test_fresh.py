"""Tables in the pages have what the code has: instructions, keys of chips, configurations, options."""

from __future__ import annotations

import difflib
import inspect
import re

import pytest
import yaml

from lava_hw import HwRunCfg, isa
from lava_hw.chip import KEYS, list_chips
from lava_hw.device.verilator import open_verilator
from lava_hw.graph.reasons import chip_models
from lava_hw.regs import Opcode
from lava_hw.report.library import library, section, written
from tests.docs.markdown import DOCS, ROOT, blocks
from tests.docs.test_pages import PAGES


def test_every_instruction_has_a_row() -> None:
    """The page's table has the mnemonics that the assembler has builders for; all others are reserved."""
    page = (DOCS / "isa.md").read_text(encoding="utf-8")
    section = page.split("## Instructions")[1].split("## Encoding")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    shown = {text.split()[0] for row in rows for text in re.findall(r"`([^`]+)`", row)}
    built = {name.rstrip("_") for name in isa.__all__ if inspect.isfunction(getattr(isa, name))}
    built -= {
        "assemble",
        "const",
        "disassemble",
        "group_problems",
        "imm",
        "listing",
        "parse",
        "problems",
        "state",
    }
    assert shown == built
    assert {name.upper() for name in built} <= {code.name for code in Opcode}
    for code in Opcode:
        if code.name.lower() not in built:
            # Not in the language: the checker calls it reserved.
            assert any("reserved" in text for text in isa.problems([int(code) << 27], 1, 1)), code.name


def test_pages_name_keys_of_chips_that_exist() -> None:
    """Files of chips in the text, the section about keys, and whatever reads like a key of several words."""
    longer = [key for key in KEYS if "_" in key]
    for page in PAGES:
        for block in blocks(page, "yaml"):
            assert list(yaml.safe_load(block)) == list(KEYS), page.name
        text = page.read_text(encoding="utf-8")
        for word in re.findall(r"`([a-z][\w.]*)`", text):
            assert word in KEYS or not difflib.get_close_matches(word, longer, cutoff=0.8), f"{page}: {word}"
    shape = (DOCS / "chip.md").read_text(encoding="utf-8").split("## 2.")[0]
    text = shape.split("## 1.")[1].split("<!--")[0]
    assert set(re.findall(r"`([a-z]\w*)`", text)) - {"parameter"} <= set(KEYS)


def test_every_chip_is_listed() -> None:
    page = (ROOT / "configs/README.md").read_text(encoding="utf-8")
    for name in list_chips():
        assert f"`{name}.yaml`" in page, name
    assert set(re.findall(r"`(\w+)\.yaml`", page)) == set(list_chips())


def test_what_runs_on_the_chip_is_what_the_models_say() -> None:
    """README's section is generated: `make docs` writes it."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert written(page) == page
    with pytest.raises(ValueError, match="there are no lines"):
        written("a page without a place for it")


def test_a_process_with_a_chip_model_is_in_the_table_and_no_other() -> None:
    """By the models that are chosen, not by the generator."""
    rows = re.findall(r"^\| `(\w+)` \|", section(), re.MULTILINE)
    chosen = [cls._class_label() for cls in library() if chip_models(cls)]
    assert sorted(rows) == sorted(chosen)
    assert {"Dense", "LIF", "ATRLIF", "RF", "LeakyIntegrator"} <= set(rows)
    for name in ("LearningDense", "S4d", "Source", "Monitor"):
        assert f"`{name}`" in section().split("\n\n", 1)[1], name
    for cls in library():
        assert f"`{cls._class_label()}`" in section()


def test_every_option_of_a_run_is_documented() -> None:
    options = [name for name in inspect.signature(HwRunCfg).parameters if name != "loglevel"]
    documented = re.findall(r"^    (\w+) : ", inspect.getdoc(HwRunCfg).replace("\n", "\n    "), re.MULTILINE)
    assert set(options) <= set(documented)
    page = (DOCS / "device.md").read_text(encoding="utf-8")
    for name in inspect.signature(open_verilator).parameters:
        assert name in ("chip", "ring_slots", "marks") or re.search(rf"`{name}[`=]", page), name
