"""A cache of built simulators: one directory for each content, complete and checked, or not there."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lava_hw import progress as bars
from lava_hw.device.errors import BuildError

_log = logging.getLogger("lava_hw.device")
_MANIFEST = "manifest.json"
_LOOK = 0.2  # seconds between two looks at a lock, where somebody sees that it is waited for


def cache_root(given: str | os.PathLike[str] | None = None) -> Path:
    """Give the cache's directory: `given`, else LAVA_HW_CACHE, else one in the user's cache directory."""
    chosen = given or os.environ.get("LAVA_HW_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lava_hw"


class Cache:
    """Directories by key, made by one program at a time.

    Parameters
    ----------
    root : Path
        Where they are; it is made if it is not there.
    progress : bool, optional
        Whether one sees that this program waits for another one; None: in a terminal or notebook. The log
        ``lava_hw.device`` has it anyhow.
    """

    def __init__(self, root: Path, progress: bool | None = None) -> None:
        self._root, self._progress = root, progress

    def get(self, key: str, make: Callable[[Path], None]) -> Path:
        """Give the directory of `key`; if there is no sound one, `make` fills an empty one.

        Two programs that want the same key make it once. What was changed since it was made (a damaged disk,
        an interrupted copy) is noticed by its checksums and made anew.

        Raises
        ------
        BuildError
            If the directory cannot be written, or `make` raises it.
        """
        entry = self._root / key
        if sound(entry):
            return entry
        with _disk(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            with self._lock(key):
                if sound(entry):
                    return entry
                if entry.exists():
                    _log.info(f"the cached simulator in {entry} is damaged; it is built again")
                    shutil.rmtree(entry)
                self._sweep(key)
                work = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=self._root))
                try:
                    make(work)
                    seal(work)
                    os.replace(work, entry)
                finally:
                    self._sweep(key)
        return entry

    def _sweep(self, key: str) -> None:
        """Remove the unfinished work on `key`, also of programs that were killed; its lock must be held."""
        for work in self._root.glob(f".{key}-*"):
            shutil.rmtree(work, ignore_errors=True)

    @contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        with open(self._root / f"{key}.lock", "a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = "another program builds the same simulator; waiting for it"
                _log.info(text)
                with bars.bar(None, text, "s", self._progress) as bar:
                    self._wait_for(file, bar)
            yield

    @staticmethod
    def _wait_for(file: IO[str], bar: bars.Bar) -> None:
        begin = time.monotonic()
        while bar.is_open:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_LOOK)
                bar.reach(time.monotonic() - begin)
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def _disk(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BuildError(full_disk(root)) from error
        raise BuildError(
            f"the cache of simulators {root} cannot be written ({error.strerror or error}); set "
            "LAVA_HW_CACHE to a directory of yours"
        ) from error


def full_disk(root: Path) -> str:
    """Give the message for a disk without room."""
    return (
        f"no space is left for the simulator in {root}; free some, or set LAVA_HW_CACHE to a directory on "
        "another disk (a build needs about 200 MB for a while)"
    )


def seal(directory: Path) -> None:
    """Write the checksums of all files of a directory."""
    files = {p.name: _checksum(p) for p in sorted(directory.iterdir()) if p.is_file() and p.name != _MANIFEST}
    (directory / _MANIFEST).write_text(json.dumps({"files": files}, indent=1, sort_keys=True) + "\n")


def sound(directory: Path) -> bool:
    """Tell whether a directory is complete and unchanged since `seal`."""
    try:
        files = json.loads((directory / _MANIFEST).read_text())["files"]
        return bool(files) and all(_checksum(directory / name) == value for name, value in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
