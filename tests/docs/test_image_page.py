"""docs/image.md describes every entry of the manifest with every key, and the example's manifest is one."""

from __future__ import annotations

import re

import pytest

from lava_hw.image.image import FILE_VERSION
from lava_hw.image.manifest import VERSION
from lava_hw.regs import IMAGE_VERSION
from tests.docs.markdown import DOCS
from tests.layout.test_manifest_keys import entries, members_of

PAGE = (DOCS / "image.md").read_text(encoding="utf-8")
ENTRIES = sorted(set(entries()), key=lambda entry: entry.__name__)
# Parts of another entry, in whose line they stand.
WITHIN = {
    "AccPiece": "AccEntry",
    "ConstPlace": "ConstEntry",
    "PortOnChannel": "ProgramEntry",
    "StatePiece": "StateEntry",
    "DelaysPiece": "DelaysEntry",
    "WeightsPiece": "WeightsEntry",
}
# These stand in the outline of the whole.
OUTLINE = {"Manifest", "ProcessEntry", "Stages"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_every_key_is_there(entry: type) -> None:
    name = WITHIN.get(entry.__name__, entry.__name__)
    if name in OUTLINE:
        text = PAGE.split("```\n")[1]
    else:
        assert f"`{name}`" in PAGE
        begin = PAGE.index(f"`{name}`")
        text = PAGE[max(PAGE.rfind("\n\n", 0, begin), PAGE.rfind("\n- ", 0, begin)) :]
        text = re.split(r"\n\n|\n- ", text.lstrip("\n-"))[0]
    missing = [key for key, _, _ in members_of(entry) if f'"{key}"' not in text]
    assert missing == [], text


def test_the_versions_are_there() -> None:
    assert FILE_VERSION == VERSION
    assert f"version of the format ({FILE_VERSION})" in PAGE
    assert f"version of the device part ({IMAGE_VERSION})" in PAGE
    assert f'"version": {VERSION},' in PAGE
