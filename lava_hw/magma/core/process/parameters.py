"""Parameters that a process hands to its models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["ProcessParameters", "plain_number"]


def plain_number(value: Any) -> Any:
    """Python's number for a single one of numpy (a scalar, an array without an axis); all else as it is.

    Lava ran on numpy 1.26, where a scalar of a small type beside a Python number gives a large type. From
    numpy 2 on the small type stays, and integers wrap. With Python's numbers both give the same.
    """
    return value.item() if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 else value


class ProcessParameters:
    """A mapping whose keys can be set once.

    Parameters
    ----------
    initial_parameters : dict of str to object
        First content.
    """

    def __init__(self, initial_parameters: dict[str, Any] | None = None) -> None:
        self._parameters: dict[str, Any] = dict(initial_parameters or {})

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._parameters:
            raise KeyError(
                f"Process parameter '{key}' already exists; change it with overwrite('{key}', value)."
            )
        self._parameters[key] = value

    def __getitem__(self, key: str) -> Any:
        try:
            return self._parameters[key]
        except KeyError:
            known = ", ".join(sorted(self._parameters)) or "none"
            raise KeyError(f"Process parameter '{key}' does not exist. Known: {known}.") from None

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def overwrite(self, key: str, value: Any) -> None:
        """Set a parameter, whether it exists or not."""
        self._parameters[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        """Value of a parameter, `default` if there is none."""
        return self._parameters.get(key, default)

    def keys(self) -> list[str]:
        """Names of all parameters."""
        return list(self._parameters)

    def items(self) -> list[tuple[str, Any]]:
        """Names and values of all parameters."""
        return list(self._parameters.items())

    def as_dict(self) -> dict[str, Any]:
        """A shallow copy as dict."""
        return dict(self._parameters)
