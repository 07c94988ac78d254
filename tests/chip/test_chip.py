"""Chips: the shipped files, what follows from them, and the message for every kind of bad file."""

from __future__ import annotations

import dataclasses
import json
import re
import zlib
from pathlib import Path

import pytest
import yaml

from lava_hw.chip import KEYS, RESOURCES, Chip, ChipError, generate, list_chips
from lava_hw.regs import CORE_ADDR

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"


def values(changes: dict[object, object] | None = None) -> dict[object, object]:
    base = yaml.safe_load((CONFIGS / "small.yaml").read_text())
    return {k: v for k, v in (base | (changes or {})).items() if v is not None}


def load(tmp_path: Path, text: str) -> Chip:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return Chip.load(path)


def test_all_shipped_chips_load_and_have_their_file_name() -> None:
    assert {"default", "small", "tiny", "test8", "test32", "demo", "mesh16"} <= set(list_chips())
    for name in list_chips():
        assert Chip.load(name).name == name


def test_default_is_the_chip_of_the_issue() -> None:
    chip = Chip.load("default")
    assert (chip.mesh_x, chip.mesh_y, chip.lanes, chip.word, chip.neurons) == (2, 2, 32, 256, 1024)
    assert chip.synapse_lines * chip.word // 8 == 1 << 20
    assert chip.cores == (0, 1, 8, 9)
    assert chip.groups == 32
    assert Chip.load("tiny").cores == (0,)


def test_fields_are_the_keys() -> None:
    assert [f.name for f in dataclasses.fields(Chip)] == ["name", *KEYS]
    assert all(key.about.endswith(".") and key.unit for key in KEYS.values())


@pytest.mark.parametrize("name", generate.OUTPUTS)
def test_what_is_made_from_the_keys_is_fresh(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert generate.written(name, text) == text, "run `make docs` and commit the result"


def test_the_schema_allows_what_the_keys_allow() -> None:
    schema = json.loads((CONFIGS / "schema.json").read_text(encoding="utf-8"))
    assert schema["required"] == list(schema["properties"]) == list(KEYS)
    for name, entry in schema["properties"].items():
        allowed = set(entry.get("enum", (entry.get("minimum"), entry.get("maximum"))))
        assert allowed == {KEYS[name].check(value, "here") for value in allowed}
        for value in (min(allowed) - 1, max(allowed) + 1, max(allowed) * 2):
            with pytest.raises(ChipError, match=f"here: {name} is {value}; it must be"):
                KEYS[name].check(value, "here")


def test_resources_are_what_each_core_has_so_much_of() -> None:
    shape = {"mesh_x", "mesh_y", "lanes", "word", "delay_slots"}
    assert list(RESOURCES) == [name for name in KEYS if name not in shape]
    chip = Chip.load("small")
    assert chip.resources() == {name: getattr(chip, name) for name in RESOURCES}


def test_config_id_is_the_crc_of_the_parameters_without_the_name() -> None:
    chip = Chip.load("small")
    text = json.dumps(values(), sort_keys=True, separators=(",", ":"))
    assert chip.config_id == zlib.crc32(text.encode())
    assert dataclasses.replace(chip, name="other").config_id == chip.config_id
    assert len({Chip.load(n).config_id for n in list_chips()}) == len(list_chips())


def test_sv_parameters() -> None:
    chip = Chip.load("small")
    got = chip.to_sv_parameters()
    assert got["ConfigId"] == chip.config_id
    assert (got["MeshX"], got["Lanes"], got["Word"], got["SynLines"]) == (2, 8, 64, chip.synapse_lines)
    assert len(got) == len(KEYS) + 1


def test_parameters_are_those_of_the_module() -> None:
    text = (ROOT / "rtl/chip/lhw_chip.sv").read_text(encoding="utf-8")
    declared = re.findall(r"^  parameter .*?(\w+) +=", text, re.MULTILINE)
    declared.remove(
        "QuietLatency"
    )  # no key: it changes how long a stage takes, and nothing that can be placed
    assert declared == list(Chip.load("small").to_sv_parameters())


def test_dict_round_trip() -> None:
    chip = Chip.load("demo")
    assert Chip.from_dict(json.loads(json.dumps(chip.to_dict()))) == chip
    with pytest.raises(ChipError, match="name"):
        Chip.from_dict(chip.parameters())
    with pytest.raises(ChipError, match="unknown key 'lane'; did you mean lanes"):
        Chip.from_dict(chip.to_dict() | {"lane": 3})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lane": 8}, "unknown key 'lane'; did you mean lanes?"),
        ({"zzz": 8}, "unknown key 'zzz'; the keys are mesh_x"),
        ({7: 8}, "unknown key 7"),
        ({"routes": None}, "key routes is missing; it must be an integer from 1 to 65536"),
        ({"lanes": 12}, "lanes is 12; it must be one of 8, 16, 32"),
        ({"lanes": True}, "lanes is True; it must be"),
        ({"lanes": "8"}, "lanes is '8'; it must be"),
        ({"lanes": 8.0}, "lanes is 8.0; it must be"),
        ({"mesh_x": 9}, "mesh_x is 9; it must be an integer from 1 to 8"),
        ({"mesh_y": 0}, "mesh_y is 0"),
        ({"delay_slots": 6}, "delay_slots is 6; it must be a power of two from 2 to 64"),
        ({"neurons": 10**30}, "neurons is 1000000"),
        ({"word": 128}, "word is 128; with lanes 8 it must be 64"),
        ({"neurons": 130}, "neurons is 130; it must be a multiple of lanes (8)"),
        ({"neurons": 8 * 4096, "state_lines": 8192}, "4095 groups of 8 lanes at most"),
        ({"state_lines": 15}, "state_lines is 15; it must be at least 16"),
        ({"lanes": 32, "word": 256, "state_lines": 8193}, "state_lines * lanes is 262176"),
        (
            {"acc_groups": 8193, "delay_slots": 4},
            "delay_slots * acc_groups (to a power of two) * lanes is 524288",
        ),
        ({"lanes": 32, "word": 256, "synapse_lines": 524289}, "synapse_lines * word / 32 is 4194312"),
    ],
)
def test_bad_values(tmp_path: Path, changes: dict[object, object], message: str) -> None:
    with pytest.raises(ChipError) as err:
        load(tmp_path, yaml.safe_dump(values(changes)))
    assert message in str(err.value)
    assert "mine" in str(err.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping"),
        ("- 1", "must be a mapping"),
        ("lanes: [", "not valid YAML"),
        ("lanes: 8\nlanes: 8\n", "key 'lanes' is there twice"),
        ("? {a: 1}\n: 2\n", "not valid YAML"),
        ("!!python/object:os.system {}", "not valid YAML"),
        ("lanes: " + "9" * 5000, "not valid YAML"),
        ("[" * 5000, "not valid YAML"),
        ("\x00", "not valid YAML"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ChipError) as err:
        load(tmp_path, text)
    assert message in str(err.value)


def test_unknown_chip_names_the_nearest_and_all() -> None:
    with pytest.raises(
        ChipError, match=r"there is no chip 'defualt'; did you mean default\? the chips are default, demo"
    ):
        Chip.load("defualt")
    with pytest.raises(ChipError, match="there is no chip 'schema'"):
        Chip.load("schema")
    with pytest.raises(ChipError, match="there is no such file"):
        Chip.load("nowhere/x.yaml")


def test_limits_of_the_keys_are_those_of_the_words() -> None:
    offsets = CORE_ADDR.fields["offset"].mask + 1
    assert KEYS["state_lines"].maximum == offsets // 8
    assert KEYS["acc_groups"].maximum == offsets // 8 // 2
    assert KEYS["synapse_lines"].maximum == (1 << 22) // 2
    assert (KEYS["neurons"].maximum, KEYS["ucode_words"].maximum) == (4095 * 32, 4096)
    assert (KEYS["populations"].maximum, KEYS["connections"].maximum) == (255, 256)
