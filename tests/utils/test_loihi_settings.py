"""Settings for Loihi's own software: what scripts ask, on machines without it and with a SLURM of our own."""

from __future__ import annotations

import os

import pytest

from lava_hw import Loihi2SimCfg
from lava_hw.utils import loihi, slurm
from lava_hw.utils.profiler import Profiler
from lava_hw.utils.system import Loihi2

SINFO = """\
#!/bin/sh
if [ "$1" = "-N" ]; then
    echo "NODELIST NODES PARTITION STATE"
    echo "kp1      1     main      idle"
    echo "kp2      1     other     down*"
else
    echo "PARTITION AVAIL TIMELIMIT NODES STATE NODELIST"
    echo "main      up    30:00     1     idle  kp1"
    echo "other     up    30:00     1     down* kp2"
fi
"""


@pytest.fixture
def clean(monkeypatch, tmp_path):
    """An environment without settings, and without any command."""
    for name in ("SLURM", "NOSLURM", "BOARD", "PARTITION", "LOIHI_GEN", "NXSDKHOST", "HOST_BINARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(loihi, "host", None)
    return tmp_path


def command(folder, name, text):
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.fixture
def with_slurm(clean):
    command(clean, "sinfo", SINFO)


def test_without_anything(clean):
    assert not loihi.is_installed()
    assert loihi.is_installed("lava_hw.utils.loihi")
    assert not loihi.is_installed("no_such.module")
    assert not slurm.is_available()
    assert (slurm.get_partitions(), slurm.get_boards()) == ([], [])
    assert slurm.get_board_info("kp1") is None
    with pytest.raises(ValueError, match="`sinfo` gives nothing"):
        slurm.enable()
    with pytest.raises(ImportError, match="Loihi cannot be reached through SLURM"):
        loihi.use_slurm_host(partition="main")
    with pytest.raises(ImportError, match="through a host in the network"):
        loihi.use_ethernet_host("somewhere")
    assert loihi.host is None
    assert "LOIHI_GEN" not in os.environ


def test_slurm(with_slurm):
    assert slurm.is_available()
    assert slurm.get_partitions() == [
        slurm.PartitionInfo("main", "up", "30:00", "1", "idle", "kp1"),
        slurm.PartitionInfo("other", "up", "30:00", "1", "down*", "kp2"),
    ]
    assert slurm.get_boards() == [
        slurm.BoardInfo("kp1", "main", "idle"),
        slurm.BoardInfo("kp2", "other", "down*"),
    ]
    slurm.disable()
    assert "SLURM" not in os.environ
    slurm.enable()
    assert (os.environ["SLURM"], "NOSLURM" in os.environ) == ("1", False)
    slurm.set_board("kp1", "main")
    slurm.set_partition("main")
    assert (os.environ["BOARD"], slurm.partition()) == ("kp1", "main")
    for board, partition, message in (
        ("kp9", None, "not found, or down"),
        ("kp2", None, "not found, or down"),
        ("kp1", "other", "belongs to partition 'main', not to 'other'"),
    ):
        with pytest.raises(ValueError, match=message):
            slurm.set_board(board, partition)
    for partition in ("other", "none"):
        with pytest.raises(ValueError, match="not found, or down"):
            slurm.set_partition(partition)
    slurm.set_board(None)
    slurm.set_partition(None)
    assert ("BOARD" in os.environ, slurm.partition()) == (False, "Unspecified")


def test_hosts(with_slurm, monkeypatch, clean):
    monkeypatch.setattr(loihi, "is_installed", lambda: True)
    loihi.use_slurm_host("main", "kp1", loihi.ChipGeneration.N3C1)
    assert loihi.host == "SLURM"
    assert [os.environ[k] for k in ("SLURM", "BOARD", "PARTITION", "LOIHI_GEN")] == [
        "1",
        "kp1",
        "main",
        "N3C1",
    ]
    with pytest.raises(ValueError, match="'somewhere' cannot be used for Loihi"):
        loihi.use_ethernet_host("somewhere")
    command(clean, "ping", "#!/bin/sh\necho one\n")
    loihi.use_ethernet_host("somewhere", "a/b")
    assert loihi.host == "ETHERNET"
    assert [os.environ[k] for k in ("NOSLURM", "NXSDKHOST", "HOST_BINARY", "LOIHI_GEN")] == [
        "1",
        "somewhere",
        "a/b",
        "N3B3",
    ]


def test_commands(clean):
    command(clean, "fails", "#!/bin/sh\necho text\nexit 1\n")
    command(clean, "works", "#!/bin/sh\necho $1\necho b\n")
    assert slurm.try_run_command(["fails"]) == []
    assert slurm.try_run_command(["none"]) == []
    assert slurm.try_run_command(["works", "a"]) == ["a", "b", ""]


def test_older_scripts(clean):
    assert Loihi2.is_loihi2_available is False
    assert Loihi2.partition == "Unspecified"
    Loihi2.preferred_partition = "main"
    Loihi2.set_environ_settings("main")
    assert (os.environ["SLURM"], os.environ["LOIHI_GEN"], Loihi2.partition) == ("1", "N3B3", "main")
    Loihi2.set_environ_settings("other")
    assert Loihi2.partition == "main", "what is set stays"
    Loihi2.preferred_partition = None


def test_profiler():
    with pytest.raises(TypeError, match="must be a RunConfig"):
        Profiler.init(3)
    with pytest.raises(NotImplementedError, match="no profiler for Loihi2SimCfg"):
        Profiler.init(Loihi2SimCfg())
