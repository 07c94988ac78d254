"""The ring in C++ under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("sanitizer", ["address", "thread"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("unit",),
        ("threads", "3000000", "1"),
        ("threads", "3000000", "2"),
        ("link_threads", "500000", "3"),
        ("processes", "3000000", "4"),
        ("processes", "3000000", "5"),
    ],
    ids=" ".join,
)
def test_clean(cpp, sanitizer, arguments):
    done = run(cpp(sanitizer), *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")


STORE_HEAD = "header_->head.store(head_, std::memory_order_seq_cst)"
STORE_TAIL = "header_->tail.store(tail_, std::memory_order_seq_cst)"
COPY_IN = "std::memcpy(slots_ + start, data, first * sizeof *data);"
COPY_OUT = "std::memcpy(data, slots_ + start, first * sizeof *data);"
THREADS = ("threads", "200000", "1")
FAULTS = {
    "slots published without order": (
        "thread",
        THREADS,
        {STORE_HEAD: STORE_HEAD.replace("seq_cst", "relaxed")},
        "data race",
    ),
    "places given back before they are read": (
        "thread",
        THREADS,
        {
            COPY_OUT: "header_->tail.store(tail_ + moved, std::memory_order_seq_cst);" + COPY_OUT,
            STORE_TAIL: STORE_TAIL.replace("seq_cst", "relaxed"),
        },
        "data race",
    ),
    "a batch that wraps runs past the end": (
        "address",
        ("unit",),
        {COPY_IN: COPY_IN.replace("first", "moved")},
        "CHECK",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(cpp, tmp_path, fault):
    """The tests above can fail: a fault in the ring is reported."""
    sanitizer, arguments, changes, complaint = FAULTS[fault]
    for folder in ("sim/bridge", "sim/regs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    header = tmp_path / "sim/bridge/ring.hpp"
    text = header.read_text()
    for original, changed in changes.items():
        assert text.count(original) == 1
        text = text.replace(original, changed)
    header.write_text(text)
    done = run(cpp(sanitizer, tmp_path), *arguments)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_full_file_system_is_an_error(cpp, tmp_path):
    """Reserving in a file system of 64 KiB fails at once; nothing is killed by SIGBUS."""
    unshare = shutil.which("unshare")
    small = f"mount -t tmpfs -o size=64k none {tmp_path}"
    allowed = (
        unshare and subprocess.run([unshare, "-Urm", "sh", "-c", small], capture_output=True).returncode == 0
    )
    if not allowed:
        pytest.skip("this machine does not let users mount a file system of their own (unshare -Urm)")
    done = subprocess.run(
        [unshare, "-Urm", "sh", "-c", f"{small} && exec {cpp('address')} full {tmp_path}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "the 1048576 bytes of ring 'big' could not be reserved: No space left on device" in done.stdout
