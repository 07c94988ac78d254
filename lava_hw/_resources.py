"""Where the hardware sources are: at the top of a checkout, or as data inside an installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_KINDS = ("rtl", "sim", "firmware", "configs")


def resource_root() -> Path:
    """Return the directory that holds ``rtl/``, ``sim/``, ``firmware/`` and ``configs/``.

    A checkout (also one that is installed editable) is preferred to a copy inside the package, so that
    edited sources are the ones used.

    Returns
    -------
    Path
        Absolute path of an existing directory.

    Raises
    ------
    FileNotFoundError
        If neither place has the sources: the installation is incomplete.
    """
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "rtl").is_dir():
        return checkout
    data = _PACKAGE / "_data"
    if (data / "rtl").is_dir():
        return data
    raise FileNotFoundError(
        f"the hardware sources of lava_hw were found neither in {checkout} nor in {data}; "
        "the installation is incomplete, install the package again"
    )


def resource_dir(kind: str) -> Path:
    """Return the directory of one kind of source.

    Parameters
    ----------
    kind : str
        One of ``rtl``, ``sim``, ``firmware``, ``configs``.

    Returns
    -------
    Path
        Absolute path of an existing directory.

    Raises
    ------
    ValueError
        If `kind` is not one of the four.
    FileNotFoundError
        If the directory does not exist.
    """
    if kind not in _KINDS:
        raise ValueError(f"unknown kind of resource {kind!r}; there are {', '.join(_KINDS)}")
    path = resource_root() / kind
    if not path.is_dir():
        raise FileNotFoundError(
            f"{path} does not exist; the installation of lava_hw is incomplete, install it again"
        )
    return path


def how_to_install(extra: str, *packages: str) -> str:
    """Say how to get packages of an extra of this package, which is not published (so pip finds no extra).

    Parameters
    ----------
    extra : str
        Name of the extra in pyproject.toml.
    *packages : str
        What it brings, as pip takes it.
    """
    wanted = " ".join(f"'{package}'" for package in packages)
    if resource_root() == _PACKAGE.parent:
        return f"make setup, or pip install -e '.[{extra}]', in {_PACKAGE.parent}; or pip install {wanted}"
    return f"pip install {wanted}"
