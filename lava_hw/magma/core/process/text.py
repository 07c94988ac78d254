"""A process in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["described"]


def described(process: AbstractProcess) -> str:
    """Class and name of a process; its model, and where it runs, once these are known."""
    # While a constructor runs, or a runtime is built, not everything is there yet.
    own = vars(process)
    text = f"{type(process)._class_label()} {process._shown!r}"
    runtime, model = own.get("_runtime"), own.get("_model_class")
    if model is not None:
        text += f", model {model.__name__}"
    if runtime is not None and hasattr(runtime, "place_of"):
        text += f", {runtime.place_of(process)}"
    return f"<{text}>"
