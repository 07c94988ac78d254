"""The manifest: hostile JSON gives an error, whatever it is; every rule of the format has its message."""

from __future__ import annotations

import copy
import json
import pickle
import struct
import time
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_samples import manifest_json, sample

from lava_hw.chip import Chip
from lava_hw.image import Image, ImageError
from lava_hw.image.manifest import ConstEntry, HostEntry, ProcessEntry, ResourceUse, Stages, VarEntry

CHIP = Chip.load("small")
DATA = sample().to_bytes()
MANIFEST = manifest_json(CHIP)


def with_manifest(text: bytes) -> bytes:
    """The sample's file with another manifest; all checksums are right."""
    header = list(struct.unpack("<16I", DATA[:64]))
    header[6:8] = len(text), zlib.crc32(text)
    head = struct.pack("<15I", *header[:15])
    return head + struct.pack("<I", zlib.crc32(head)) + DATA[64 : header[5]] + text


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def load(value: Any) -> Image:
    return Image.from_bytes(with_manifest(canonical(value)))


def changed(path: str, value: Any = None, drop: bool = False) -> dict[str, Any]:
    out = copy.deepcopy(MANIFEST)
    node: Any = out
    *way, last = path.split("/")
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node[key]
    if drop:
        del node[last]
    else:
        node[last] = value
    return out


def test_the_sample_is_accepted() -> None:
    assert load(MANIFEST) == sample()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"[]", "must be an object, and is a list"),
        (b"null", "must be an object"),
        (b"{}", "chip: is missing"),
        (b'{"chip":[]}', "chip: is missing or not an object"),
        (b'{"a":1,"a":2}', "key 'a' is there twice"),
        (b'{ "a":1}', "not canonical"),
        (b'{"b":1,"a":2}', "not canonical"),
        (b'{"a":1.50}', "not canonical"),
        (b'{"a":NaN}', "NaN is no JSON number"),
        (b'{"a":-Infinity}', "-Infinity is no JSON number"),
        (b'{"a":1e999}', "1e999 is no finite number"),
        (b'{"a":' + b"9" * 5000 + b"}", "has 5000 digits"),
        (b'{"a":' + b"9" * 100_000 + b"}", "has 100000 digits"),
        (b'{"a":0.' + b"3" * 1_000_000 + b"}", "no finite number of at most 40 digits"),
        (b'{"a":"\\ud800"}', "cannot be written as JSON"),
        (b'{"a":' + b"[" * 65 + b"]" * 65 + b"}", "nested deeper than 64 levels"),
        (b"[" * 100_000, "nested deeper than 64 levels"),
        (b'{"a":' * 100_000, "nested deeper than 64 levels"),
        (b"[" * 900 + b"]" * 900, "nested deeper than 64 levels"),
    ],
)
def test_hostile_text(text: bytes, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ImageError) as err:
        Image.from_bytes(with_manifest(text))
    assert message in str(err.value)
    assert time.perf_counter() - start < 2
    assert len(str(err.value)) < 400


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (changed("format", "other"), "format: must be lava_hw manifest, and is 'other'"),
        (changed("version", 4), "version: 4 is too new"),
        (changed("version", 2), "version: 2 is of an older lava_hw, and this one reads 3; compile"),
        (changed("version", True), "version: must be 3, and is True"),
        (changed("layout_hash", 1), "layout_hash: must be"),
        (changed("config_id", 1), "config_id: must be"),
        (changed("chip/lanes", 16), "word is 64; with lanes 16 it must be 128"),
        (changed("chip/lane", 16), "unknown key 'lane'; did you mean lanes?"),
        (changed("chip/name", 16), "name must be a text"),
        (changed("chip/neurons", 64), "configuration id"),
        (changed("stages/count", 17), "stages.count: must be an integer from 1 to 16, and is 17"),
        (changed("stages/needs_close", [0, 1]), "stages.needs_close: names a stage beyond the 1 of the step"),
        (changed("processes", []), "processes: must be an object, and is a list of 0"),
        (changed("processes/if/cores", [2]), "processes.if.cores[0]: must be 0 or 1 or 8 or 9"),
        (changed("processes/if/class", drop=True), "processes.if.class: is missing"),
        (changed("inputs/dense.s_in/shape", [1 << 27]), "inputs.dense.s_in.shape: must be integers"),
        (changed("inputs/dense.s_in/shape", [1 << 14, 1 << 14]), "shape: has more than"),
        (changed("inputs/dense.s_in/shape", [1] * 33), "has 33 dimensions"),
        (changed("inputs/dense.s_in/kind", "port"), "stage: is a number for a port"),
        (changed("inputs/dense.s_in/targets/0/elements/order", [0, 1, 3]), "order: element 3 of 3"),
        (changed("inputs/dense.s_in/targets/0/elements/order", [0, 1]),
         "order: has 2 elements for a count of 3"),
        (changed("inputs/dense.s_in/targets/0/elements/order", [0, 1, -2]), "must be integers from -1"),
        (changed("inputs/dense.s_in/targets/0/elements/order", [0, 1, True]), "must be a list of integers"),
        (changed("inputs/dense.s_in/targets/0/conn", 32), "conn: must be an integer from 0 to 31"),
        (changed("outputs/if.s_out/streams/0/elements/first", 1),
         "streams[0].elements: elements 1 to 10 of 10"),
        (changed("outputs/if.s_out/dtype", "O"), "dtype: must be one of bool"),
        (changed("outputs/if.s_out/dtype", "(9,)i4"), "dtype: must be one of bool"),
        (changed("vars/if.v/store", {}), "vars.if.v.store.kind: is missing"),
        (changed("vars/if.v/store/kind", "disk"), "store.kind: must be state or const"),
        (changed("vars/if.v/store/pieces/0/base", 255), "state lines: 257 of 256"),
        (changed("vars/if.v/store/pieces/0/var", 1), "variable 1 of 1"),
        (changed("vars/if.v/store/pieces/0/elements/count", 11), "elements 0 to 10 of 10"),
        (changed("vars/if.vth/store/at/0/index", 256), "at[0].index: must be an integer from 0 to 255"),
        (changed("vars/if.vth/store/at", []), "at: is empty; a constant has a place"),
        (changed("vars/if.vth/store/scale", 2), "scale: must be 1 or -1"),
        (changed("vars/if.lat/store/raw", MANIFEST["vars"]["if.lat"]["store"]),
         "if.lat.store.raw.kind: must be state or const or acc or weights or host, and is 'latched'"),
        (changed("vars/if.a/store/pieces/0/base", 63), "accumulator groups: 65 of 64"),
        (changed("vars/if.a/store/shift", 32), "shift: must be an integer from 0 to 31"),
        (changed("vars/dense.delays/pattern/first", [0, 1, 2]), "first: has 3 numbers for a Var of"),
        (changed("vars/dense.delays/pattern/first", [0, 2, 1, 2]), "first: must ascend from 0 to"),
        (changed("vars/dense.delays/pattern/first", [0, 2, 2, 2]), "columns: must ascend in each row"),
        (changed("vars/dense.delays/pattern/columns", [3, 0]), "columns: must ascend in each row"),
        (changed("vars/dense.delays/pattern", None), "values: has 2 values, and the Var has 9"),
        (changed("vars/dense.delays/store/values", [0]), "values: has 1 values, and the Var has 2"),
        (changed("vars/dense.delays/store/pieces/0/layout/part", "groups"), "layout: must name delays"),
        (changed("vars/dense.delays/store/pieces/0/areas/group_lines", 0), "is groups, and its words have"),
        (changed("vars/dense.delays/store/pieces/0/pitch", 0), "pitch: must be an integer from 1 to"),
        (changed("vars/dense.weights/shape", [30]), "layout: needs a Var with two dimensions"),
        (changed("vars/dense.weights/shape", [3, 10]), "layout.targets: elements 0 to 9 of 3"),
        (changed("vars/dense.weights/store/pieces/0/layout/line", 2045), "synapse lines: 2051 of 2048"),
        (changed("vars/dense.weights/store/pieces/0/layout/sources/order", [0, 1, 3]), "element 3 of 3"),
        (changed("vars/dense.weights/store/pieces/0/layout/targets/order", [0]),
         "has 1 elements for a count of 10"),
        (changed("vars/dense.weights/store/pieces/0/layout/kind", "sparse"),
         "or a layout whose module has been imported, and is 'sparse'"),
        (changed("vars/if.name/store/value", [1]), "value: has not the shape (2,)"),
        (changed("vars/if.name/store/value", [1, "a"]), "no nested list of numbers"),
        (changed("vars/if.name/store/value", [[1], 2]), "no nested list of numbers"),
        (changed("vars/if.name/store/value", [None, 1]), "no nested list of numbers"),
        (changed("vars/if.name/store/value", drop=True), "value: is missing"),
        (changed("report/5", {}), "report.5: is not a core"),
        (changed("report/0/neurons", [1]), "must be a list of 2"),
        (changed("groups", {"a": ["b"]}), "groups.a: names an input that is not there"),
        (changed("aliases", {"a": "b"}), "aliases.a: names an input that is not there"),
        (changed("programs", {"0": [{}]}), "programs.0[0].process: is missing"),
        (changed("programs/0/0/out_ports/0/channel", 8), "channel: must be an integer from 0 to 7, and is 8"),
        (changed("programs/2", []), "programs.2: is not a core"),
        (changed("inputs/dense.s_in/conn", 1),
         "inputs.dense.s_in.conn: is a key that this lava_hw does not know"),
        (changed("stages/needs_close", []), "inputs.dense.s_in.stage: needs a CLOSE of stage 0"),
        (changed("stages/needs_end", []), "outputs.if.s_out.stage: needs an END of stage 0"),
    ],
)  # fmt: skip
def test_rules(manifest: dict[str, Any], message: str) -> None:
    with pytest.raises(ImageError) as err:
        load(manifest)
    assert message in str(err.value)


@pytest.mark.parametrize("key", sorted(MANIFEST))
def test_every_key_is_needed(key: str) -> None:
    with pytest.raises(ImageError, match=f"{key}: is missing"):
        load(changed(key, drop=True))


def test_further_keys_are_allowed() -> None:
    manifest = changed("author", {"name": "x"})
    assert load(manifest).manifest.further == {"author": {"name": "x"}}
    assert load(load(manifest).manifest.to_json()) == load(manifest)


KEYS = ["kind", "pieces", "count", "raw", "first", "then", "writes"]
WORDS = ["state", "const", "latched", "computed", "acc", "weights", "host", "port", "int32"]
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


def _paths(node: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [way, *(p for key, child in items for p in _paths(child, (*way, key)))]


PATHS = [p for p in _paths(MANIFEST) if p]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON), min_size=1, max_size=3))
def test_any_change_is_an_error_or_an_image_that_can_be_shown(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    manifest: Any = copy.deepcopy(MANIFEST)
    for way, value in changes:
        node = manifest
        try:
            for key in way[:-1]:
                node = node[key]
            if isinstance(node, dict if isinstance(way[-1], str) else list):
                node[way[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    try:
        image = load(manifest)
    except ImageError as err:
        message = str(err)
    else:
        assert isinstance(image.show(), str)
        assert isinstance(image.check(), list)
        assert Image.from_bytes(image.to_bytes()) == image
        return
    assert message.startswith("image: ")


def test_what_a_compiler_may_hand_over() -> None:
    good = sample().manifest
    names = VarEntry((2,), "float64", HostEntry(np.array([1, 2.5]), False))
    assert names.store == HostEntry((1.0, 2.5), False) == HostEntry([np.int8(1), np.float64(2.5)], False)
    assert replace(good, vars={**good.vars, "if.name": names}) == good
    for bad in (float("nan"), {1, 2}, object(), "\ud800"):
        with pytest.raises(ImageError, match="cannot be written as JSON"):
            replace(good, further={"more": bad})
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ImageError, match="cannot be written as JSON"):
        replace(good, further={"more": loop})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stages": Stages(17, (0,), (0,))}, "stages.count: must be an integer from 1 to 16, and is 17"),
        ({"stages": Stages(True, (0,), (0,))}, "stages.count: must be an integer from 1 to 16, and is True"),
        ({"stages": (1, (0,), (0,))}, "stages: must be a Stages, and is a list of 3"),
        ({"processes": {"if": ProcessEntry("x.If", (np.int64(0),))}}, "processes.if.cores[0]: must be 0 or"),
        ({"processes": {"if": ProcessEntry("x.If", [0])}}, "processes.if.cores: must be a list, and is"),
        ({"vars": {"a": VarEntry((2,), "int32", HostEntry([1.5, float("inf")], False))}}, "not finite"),
        ({"vars": {"a": VarEntry((2,), "int32", ConstEntry(1, 0, ()))}}, "vars.a.store.at: is empty"),
        ({"vars": {"a": VarEntry((2,), "int32", Stages(1, (), ()))}}, "vars.a.store: must be state or const"),
        ({"report": {2: {}}}, "report.2: is not a core of the chip"),
    ],
)
def test_what_a_compiler_hands_over_is_held_to_the_same_rules(changes: Any, message: str) -> None:
    with pytest.raises(ImageError) as err:
        replace(sample().manifest, **changes)
    assert message in str(err.value)


def test_a_manifest_is_a_value() -> None:
    manifest = sample().manifest
    for copied in (copy.deepcopy(manifest), pickle.loads(pickle.dumps(manifest))):
        assert copied == manifest
        assert copied.to_bytes() == manifest.to_bytes()
    with pytest.raises(TypeError):
        manifest.vars["more"] = manifest.vars["if.v"]  # type: ignore[index]
    with pytest.raises(TypeError):
        manifest.report[0]["neurons"] = ResourceUse(1, 2)  # type: ignore[index]
    with pytest.raises(ImageError, match="another chip than the image's"):
        Image(Chip.load("test32"), (), manifest)
