"""The directory in which the tools build: sources have short names there, whatever they are called."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path


class Workshop:
    """Links to directories of sources, for tools that work in one directory.

    So the waivers of lint fit a copy of ``rtl/`` under any name, and no tool meets a path with spaces, which
    makefiles cannot have.

    Parameters
    ----------
    directories : mapping of str to Path
        The sources by the name that the tools see.
    """

    def __init__(self, directories: Mapping[str, Path]) -> None:
        self._links = {name: directory.absolute() for name, directory in directories.items()}

    @contextmanager
    def place(self, result: Path) -> Iterator[Path]:
        """Give the directory to work in: that of the result, unless its path has spaces.

        What is left there at the end is the result.
        """
        with tempfile.TemporaryDirectory(prefix="lava_hw-") if " " in str(result) else nullcontext() as other:
            work = Path(other) if other is not None else result
            for name, directory in self._links.items():
                (work / name).symlink_to(directory, target_is_directory=True)
            yield work
            for name in self._links:
                (work / name).unlink()
            if work != result:
                for path in work.iterdir():
                    shutil.move(path, result / path.name)

    def name(self, path: Path) -> str:
        """Give the name of a source in that directory."""
        for name, directory in self._links.items():
            if path.is_relative_to(directory):
                return str(name / path.relative_to(directory))
        return str(path)

    def full(self, text: str) -> str:
        """Give what a tool wrote with the paths that the user knows."""
        for name, directory in self._links.items():
            text = re.sub(rf"(?<![\w./]){name}/", lambda _, d=directory: f"{d}/", text)  # type: ignore[misc]
        return text
