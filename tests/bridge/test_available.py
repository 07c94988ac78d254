"""Without the compiled module the package imports and says what is wrong."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lava_hw import bridge

SOURCE = Path(bridge.__file__).parent


def test_available():
    assert bridge.available()
    assert bridge.unavailable_reason() == ""


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'Wire'"):
        bridge.Wire  # noqa: B018


@pytest.mark.parametrize("reason", ["", "no C++ compiler was found"])
def test_missing_module(tmp_path, reason):
    copy = tmp_path / "lava_hw" / "bridge"
    copy.mkdir(parents=True)
    for name in ("__init__.py", "errors.py"):
        (copy / name).write_text((SOURCE / name).read_text())
    if reason:
        (copy / "_unavailable.py").write_text(f"REASON = {reason!r}\n")
    code = """
        from lava_hw import bridge
        assert not bridge.available()
        for use in (lambda: bridge.Link(3, 4), lambda: bridge.create_ring(4),
                    lambda: bridge.create_link(4, "a", "b", "c")):
            try:
                use()
            except bridge.BridgeUnavailable as error:
                print(error)
    """
    done = subprocess.run(
        # Without site: the finder of an editable installation would give the checkout's package.
        [sys.executable, "-S", "-c", textwrap.dedent(code)],
        cwd=tmp_path,
        env={"PYTHONPATH": os.pathsep.join([str(tmp_path), *site.getsitepackages()])},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    expected = f"lava_hw.bridge._ring is missing: {reason}" if reason else "lava_hw.bridge._ring is missing: "
    assert all(expected in line and "install lava_hw again" in line for line in lines)
