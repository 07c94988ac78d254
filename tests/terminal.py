"""What a program writes to a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Sequence

COLUMNS = 110


def at_terminal(command: Sequence[str]) -> str:
    """Run a command whose standard error is a terminal of `COLUMNS` columns; give what it wrote there.

    Raises
    ------
    AssertionError
        If the program fails; with what it wrote.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    said = b""
    with subprocess.Popen(command, stderr=theirs, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        while part := _read(ours):
            said += part
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody holds the other end any more
        return b""
