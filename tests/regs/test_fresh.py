"""The committed outputs are those of the description."""

from pathlib import Path

import pytest

from lava_hw.regs import generate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def contract() -> generate.Contract:
    return generate.parse(ROOT / "rtl/regs/lava_hw.rdl")


@pytest.mark.parametrize("name", sorted(generate.OUTPUTS))
def test_output_is_fresh(contract: generate.Contract, name: str) -> None:
    assert (ROOT / name).read_text() == generate.OUTPUTS[name](contract), (
        "run `make regs` and commit the result"
    )


def test_fields_do_not_overlap_and_fit(contract: generate.Contract) -> None:
    for word in contract.words:
        used = 0
        for name, msb, lsb, _, _ in word.fields:
            assert word.bits > msb >= lsb >= 0, f"{word.name}.{name}"
            bits = ((1 << (msb - lsb + 1)) - 1) << lsb
            assert not used & bits, f"{word.name}.{name} overlaps"
            used |= bits


def test_hash_follows_layout_not_text(contract: generate.Contract) -> None:
    word = contract.words[0]
    name, msb, lsb, _, enum = word.fields[0]
    other_text = generate.Layout(
        word.name, word.title, word.bits, ((name, msb, lsb, "x", enum), *word.fields[1:])
    )
    moved = generate.Layout(
        word.name, word.title, word.bits, ((name, msb - 1, lsb - 1, "", enum), *word.fields[1:])
    )
    assert generate.Contract(
        contract.params, contract.enums, (other_text, *contract.words[1:])
    ).layout_hash == (contract.layout_hash)
    assert generate.Contract(contract.params, contract.enums, (moved, *contract.words[1:])).layout_hash != (
        contract.layout_hash
    )
