"""The command `lava-hw`: answers, exit codes, messages without tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lava_hw.chip import list_chips
from lava_hw.cli import main
from lava_hw.cli.outcome import EXIT_CODES, Code
from lava_hw.device import Device
from lava_hw.image import Image

NETWORK = """
import numpy as np
from lava_hw.proc.dense.process import Dense
from lava_hw.proc.io.source import RingBuffer
from lava_hw.proc.lif.process import LIF

def network(weight=20, shape=(10,)):
    source = RingBuffer(data=np.zeros((12, 1), int))
    dense = Dense(weights=np.full((10, 12), weight))
    lif = LIF(shape=shape, vth=3)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    return [lif]

def other():
    return network(40)

def huge():
    from lava_hw.proc.lif.process import LIF
    return LIF(shape=(100000,))

def failing():
    return 1 / 0

number = 7
"""


GOLDEN = ("run", "image.lhw", "--steps", "1", "--device", "golden")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with net.py, image.lhw, x.npz, as working directory."""
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NETWORK)
    assert (
        main(["compile", "net.py:network", "-o", "image.lhw", "--chip", "test8", "--drain", "LIF_2.s_out"])
        == 0
    )
    np.savez("x.npz", **{"Source_0.s_out": (np.arange(60).reshape(5, 12) % 4 == 0).astype(np.int8)})
    return tmp_path


def json_of(capsys, *arguments, code=0):
    capsys.readouterr()
    assert main([*arguments, "--json"]) == code
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit"] == code
    return answer


def failure(capsys, code, *arguments):
    """Run a command that fails; its message, which must be a line or a few and no traceback."""
    capsys.readouterr()
    assert main(list(arguments)) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_chips(capsys):
    assert main(["chips"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n{name} " in text for name in list_chips())
    assert [chip["name"] for chip in json_of(capsys, "chips")["chips"]] == list(list_chips())


def test_compile_is_reproducible_and_says_what_it_made(folder, capsys):
    answer = json_of(
        capsys, "compile", "net.py:network", "-o", "again.lhw", "--chip", "test8", "--drain", "LIF_2.s_out"
    )
    assert answer["inputs"] == ["Source_0.s_out"]
    assert answer["outputs"] == ["LIF_2.s_out"]
    assert answer["bytes"] == Path("again.lhw").stat().st_size
    assert Path("again.lhw").read_bytes() == Path("image.lhw").read_bytes()


def test_run_writes_what_the_device_gives(folder, capsys):
    arguments = ["run", "image.lhw", "--inputs", "x.npz", "--steps", "8", "-o", "y.npz", "--device", "golden"]
    answer = json_of(capsys, *arguments, "--read", "LIF_2.v", "--read", "Dense_1.weights")
    with Device.open("golden", "test8") as device, np.load("x.npz") as x, np.load("y.npz") as y:
        device.load(Image.load("image.lhw"))
        device.inject("Source_0.s_out", x["Source_0.s_out"])
        device.advance(8)
        want = device.drain("LIF_2.s_out")
        assert want.any()
        assert np.array_equal(y["LIF_2.s_out"], want)
        assert np.array_equal(y["LIF_2.v"], device.read("LIF_2.v"))
        assert np.array_equal(y["Dense_1.weights"], np.full((10, 12), 20))
        assert answer["nonzero"] == {"LIF_2.s_out": int(np.count_nonzero(want))}
        counters = device.counters()
        assert answer["counters"]["chip"] == counters["chip"]
        assert answer["counters"]["cores"]["0"] == counters["cores"][0]
    assert not list(Path().glob(".*.part"))


@pytest.mark.rtl
def test_run_on_the_rtl_gives_the_same_and_a_waveform(folder, capsys):
    arguments = ["run", "image.lhw", "--inputs", "x.npz", "--steps", "8"]
    assert main([*arguments, "-o", "golden.npz", "--device", "golden"]) == 0
    assert main([*arguments, "-o", "rtl.npz", "--build", "checked", "--trace", "2:3:wave.vcd"]) == 0
    with np.load("golden.npz") as golden, np.load("rtl.npz") as rtl:
        assert np.array_equal(golden["LIF_2.s_out"], rtl["LIF_2.s_out"])
    assert "step_o" in Path("wave.vcd").read_text()


def test_image_commands(folder, capsys):
    main(["compile", "net.py:other", "-o", "other.lhw", "--chip", "test8"])
    assert main(["image", "show", "image.lhw"]) == 0
    assert "LIF_2" in capsys.readouterr().out
    assert json_of(capsys, "image", "show", "image.lhw")["manifest"]["stages"]["count"] == 1
    assert json_of(capsys, "image", "check", "image.lhw")["problems"] == []
    assert json_of(capsys, "image", "diff", "image.lhw", "image.lhw")["differences"] == []
    assert json_of(capsys, "image", "diff", "image.lhw", "other.lhw", code=1)["differences"]


def test_doctor(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("LAVA_HW_CACHE", str(tmp_path / "cache"))
    code = main(["doctor"])
    text = capsys.readouterr().out
    assert code == (Code.NO if "MISSING" in text else Code.DONE)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    answer = json_of(capsys, "doctor", code=1)
    assert {"rm", "ar", "xargs", "cat", "uname", "as", "ld", "perl"} <= set(answer["missing"])
    texts = {entry["name"]: entry["text"] for entry in answer["found"]}
    assert texts["ar"] == "Debian, Ubuntu: apt install binutils; Fedora: dnf install binutils"
    assert "C++ compiler" in answer["missing"]
    assert "make" in answer["missing"]
    assert any("apt install g++" in entry["text"] for entry in answer["found"])


def test_doctor_says_that_a_cache_cannot_be_written(capsys, monkeypatch):
    monkeypatch.setenv("LAVA_HW_CACHE", "/proc/nope")
    answer = json_of(capsys, "doctor", code=1)
    (text,) = [entry["text"] for entry in answer["found"] if entry["name"] == "cache"]
    assert text.startswith("/proc/nope cannot be written (")
    assert text.endswith("set LAVA_HW_CACHE to a directory of yours")


@pytest.mark.parametrize(
    ("code", "arguments", "text"),
    [
        (Code.INPUT, ["image", "show", "none.lhw"], "none.lhw: cannot be read: No such file"),
        (Code.INPUT, ["image", "check", "net.py"], "net.py: foreign"),
        (Code.INPUT, ["compile", "net.py", "-o", "y"], "give FILE.py:NETWORK"),
        (Code.INPUT, ["compile", "none.py:x", "-o", "y"], "none.py: there is no such file"),
        (Code.INPUT, ["compile", "net.py:number", "-o", "y"], "number is no process"),
        (Code.INPUT, ["compile", "net.py:missing", "-o", "y"], "missing is no process"),
        (
            Code.INPUT,
            ["compile", "net.py:failing", "-o", "y"],
            "ZeroDivisionError in line 23: division by zero",
        ),
        (Code.INPUT, ["compile", "net.py:network", "-o", "y", "--chip", "test9"], "did you mean test8"),
        (Code.COMPILE, ["compile", "net.py:huge", "-o", "y", "--chip", "test8"], "LIF"),
        (Code.COMPILE, ["compile", "net.py:network", "-o", "y", "--drain", "LIF_9.s_out"], "LIF_9"),
        (Code.OUTPUT, ["compile", "net.py:network", "-o", "no/y", "--chip", "test8"], "cannot be written"),
        (Code.INPUT, ["run", "image.lhw", "--steps", "-1"], "--steps is -1"),
        (Code.INPUT, [*GOLDEN, "--inputs", "none"], "cannot be read"),
        (Code.INPUT, [*GOLDEN, "--inputs", "net.py"], "is no file of arrays"),
        (Code.INPUT, [*GOLDEN, "--inputs", "bad.npz"], "the port needs [T, 12]"),
        (Code.INPUT, [*GOLDEN, "--inputs", "name.npz"], "no input 'nobody'"),
        (Code.INPUT, [*GOLDEN, "--read", "LIF_2.q"], "no variable 'LIF_2.q'"),
        (Code.OUTPUT, [*GOLDEN, "-o", "no/y"], "no/y: cannot be written"),
        (Code.USAGE, [*GOLDEN, "--trace", "1:2:x"], "golden device does not take it; use --device verilator"),
        (Code.USAGE, ["run", "image.lhw", "--steps", "1", "--trace", "2:1:x"], "give T0:T1:FILE.vcd"),
        (Code.BUILD, ["build", "test8", "--rtl-dir", "."], "rtl_dir must be a copy"),
    ],
)
def test_failures(folder, capsys, code, arguments, text):
    np.savez("bad.npz", **{"Source_0.s_out": np.zeros((5, 13))})
    np.savez("name.npz", nobody=np.zeros((5, 12)))
    before = sorted(folder.iterdir())
    message = failure(capsys, code, *arguments)
    assert text in message
    assert message.startswith("lava-hw: ")
    assert sorted(p for p in folder.iterdir() if p.name != "__pycache__") == before
    answer = json_of(capsys, *arguments, code=code)
    assert text in answer["error"]


def test_a_simulator_that_cannot_start_is_the_builds_fault(folder, capsys, monkeypatch):
    monkeypatch.setattr("lava_hw.bridge.available", lambda: False)
    monkeypatch.setattr("lava_hw.bridge.unavailable_reason", lambda: "no compiler was there")
    monkeypatch.setattr("lava_hw.device.verilator.build_simulator", lambda *a, **k: None)
    message = failure(capsys, Code.BUILD, "run", "image.lhw", "--steps", "1")
    assert "no compiler was there" in message


def test_objects_in_a_file_of_arrays_are_refused(folder, capsys):
    np.savez("evil.npz", **{"Source_0.s_out": np.array([{"a": 1}], object)})
    arguments = [*GOLDEN, "--inputs", "evil.npz"]
    assert "is no file of arrays" in failure(capsys, Code.INPUT, *arguments)


def test_names_that_exist_are_listed(folder, capsys):
    message = failure(capsys, Code.INPUT, "compile", "net.py:nope", "-o", "y")
    assert "nope is no process, list of processes or function" in message
    assert "; functions in it: network, other, huge, failing" in message
    Path("one.py").write_text("from lava_hw import LIF\ncells = LIF(shape=(2,))\n")
    message = failure(capsys, Code.INPUT, "compile", "one.py:nope", "-o", "y")
    assert message.endswith("; processes in it: cells\n")  # LIF is no function of the file


def test_compile_without_outputs_says_so(folder, capsys):
    capsys.readouterr()
    arguments = ["compile", "net.py:other", "-o", "other.lhw", "--chip", "test8"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "outputs: none\nWithout outputs nothing that the chip sends can be read." in text
    assert "--drain PROCESS.PORT makes an out port an output" in text
    assert main([*arguments, "--drain", "LIF_2.s_out"]) == 0
    assert "Without outputs" not in capsys.readouterr().out


def test_the_port_of_the_hint_can_be_drained(folder, capsys):
    Path("one.py").write_text("from lava_hw import LIF\ncells = LIF(shape=(2,), name='cells')\n")
    capsys.readouterr()
    assert main(["compile", "one.py:cells", "-o", "y"]) == 0
    hint = capsys.readouterr().out.rsplit("for instance ", 1)[1].strip().rstrip(".")
    assert hint == "--drain cells.s_out"
    assert main(["compile", "one.py:cells", "-o", "y", *hint.split()]) == 0


def test_version(capsys):
    import lava_hw

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lava-hw {lava_hw.__version__}\n"


def test_the_package_itself_can_be_called():
    done = subprocess.run([sys.executable, "-m", "lava_hw", "chips"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "test8" in done.stdout
    done = subprocess.run([sys.executable, "-m", "lava_hw"], capture_output=True, text=True)
    assert done.returncode == Code.USAGE
    assert "usage: lava-hw" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "chips"],
        ["chips", "--json"],
        ["--json", "image", "check", "image.lhw"],
        ["image", "--json", "check", "image.lhw"],
        ["image", "check", "--json", "image.lhw"],
        ["image", "check", "image.lhw", "--json"],
    ],
)
def test_json_before_and_after_the_verb(folder, capsys, arguments):
    capsys.readouterr()
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["exit"] == 0


def test_chips_of_files(folder, capsys):
    from lava_hw._resources import resource_dir

    text = (resource_dir("configs") / "tiny.yaml").read_text()
    Path("mine.yaml").write_text(text)
    capsys.readouterr()
    assert main(["chips", "mine.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "\nmine " in shown or "\ntiny " in shown
    assert "synapse_lines" in shown
    assert "default" not in shown
    both = json_of(capsys, "chips", "mine.yaml", "test8")["chips"]
    assert [chip["lanes"] for chip in both] == [both[0]["lanes"], 8]
    assert "none.yaml" in failure(capsys, Code.INPUT, "chips", "none.yaml")


def test_diff_names_process_variable_and_element(folder, capsys):
    main(["compile", "net.py:other", "-o", "other.lhw", "--chip", "test8", "--drain", "LIF_2.s_out"])
    lines = json_of(capsys, "image", "diff", "image.lhw", "other.lhw", code=1)["differences"]
    assert lines == [
        *(f"Dense_1.weights[0, {k}]: 20 and 40" for k in range(5)),
        "Dense_1.weights: 115 more of 120 elements",
    ]
    every = json_of(capsys, "image", "diff", "image.lhw", "other.lhw", "--words", code=1)["differences"]
    assert every[:6] == lines
    assert any(line.startswith("core 0 SYNAPSE") for line in every)


def test_diff_names_processes_and_ports_that_only_one_has(folder, capsys):
    Path("one.py").write_text("from lava_hw import LIF\ncells = LIF(shape=(2,), name='cells')\n")
    main(["compile", "one.py:cells", "-o", "one.lhw", "--chip", "test8"])
    lines = json_of(capsys, "image", "diff", "one.lhw", "image.lhw", code=1)["differences"]
    assert "process cells: only in the first image" in lines
    assert "process LIF_2: only in the second image" in lines
    assert any(line.startswith("manifest: outputs.LIF_2.s_out: only in the second") for line in lines)
    assert not any("vars." in line for line in lines)


def test_wrong_command_lines(capsys):
    for arguments in ([], ["nonsense"], ["run", "x"], ["build", "test8", "--kind", "quick"]):
        assert main(arguments) == Code.USAGE
        assert "usage: lava-hw" in capsys.readouterr().err


def test_help_has_the_table_of_exit_codes(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for code, meaning in EXIT_CODES.items():
        assert f"{int(code):3}  {meaning}" in text


def test_the_page_has_every_command_and_exit_code():
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    for code, meaning in EXIT_CODES.items():
        assert f"| {int(code)} | {meaning} |" in page
    for command in ("doctor", "chips", "build", "compile", "image show", "image diff", "image check", "run"):
        assert f"lava-hw {command}" in page


def test_a_closed_pipe_is_no_error():
    """`lava-hw chips | head -0`."""
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run(
        [sys.executable, "-m", "lava_hw.cli", "chips"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert result.returncode == 0
    assert result.stderr == b""


def test_a_full_disk_for_the_answer_is_an_error():
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "lava_hw.cli", "chips"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == Code.OUTPUT
    assert b"the answer cannot be written: No space left" in result.stderr
