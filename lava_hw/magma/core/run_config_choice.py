"""How run configurations choose the model of a process: Lava's rules, and what all rules need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.run_config_base import RunConfig

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess

    Models = list[type[AbstractProcessModel]]
    ExceptionMap = Mapping[AbstractProcess | type[AbstractProcess], type[AbstractProcessModel]]

__all__ = ["AbstractLoihiRunCfg", "fitting", "from_map", "names"]


def names(models: Sequence[type]) -> str:
    """Models with their tags, for messages."""
    return ", ".join(f"{m.__name__}{getattr(m, 'tags', [])}" for m in models) or "none"


def from_map(process: AbstractProcess, exceptions: ExceptionMap) -> type[AbstractProcessModel] | None:
    """The model that the exception map names for the process, or for its class."""
    for key, model in exceptions.items():
        if key is process:
            return model
    return exceptions.get(type(process))


def fitting(process: AbstractProcess, models: Models) -> Models:
    """The models that can do what a process asks for; all of them if none can, so that one says why."""
    return [m for m in models if m.fits(process)] or list(models)


class AbstractLoihiRunCfg(RunConfig, ABC):
    """Lava's rules of selection; a subclass says which models it can run, the preferred ones first."""

    select_tag: str | None
    select_sub_proc_model: bool
    exception_proc_model_map: dict[Any, Any]

    @abstractmethod
    def _leaves(self, models: Models) -> Models:
        """Those of the models that are no network of processes."""

    def select(self, process: AbstractProcess, proc_models: Models) -> type[AbstractProcessModel]:
        """Choose a model.

        Raises
        ------
        AssertionError
            If there is no model, or none with the tag.
        NotImplementedError
            If the only model is neither one that can run by itself nor a network of processes.
        """
        chosen = from_map(process, self.exception_proc_model_map)
        if chosen is not None:
            return chosen
        models = fitting(process, proc_models)
        where = f"process '{process._shown}' of type {type(process).__name__}"
        if not models:
            raise AssertionError(f"No ProcessModels exist for {where}.")
        subs: Models = [m for m in models if issubclass(m, AbstractSubProcessModel)]
        leaves = self._leaves(models)
        if len(models) == 1:
            only = models[0]
            if self.select_tag is not None and only.tags and self.select_tag not in only.tags:
                raise AssertionError(self._no_tag(where, models))
            if not leaves and not subs:
                raise NotImplementedError(f"The model {only.__name__} of {where} cannot run in Python.")
            return only
        if self.select_sub_proc_model:
            if len(subs) == 1:
                return subs[0]
            if subs:
                return self._first(list(subs), where)
        return self._first(leaves, where)

    def _first(self, models: Models, where: str) -> type[AbstractProcessModel]:
        for model in models:
            if self.select_tag is None or self.select_tag in model.tags:
                return model
        # What nobody tagged is for every network.
        if models and not any(model.tags for model in models):
            return models[0]
        raise AssertionError(self._no_tag(where, models))

    def _no_tag(self, where: str, models: Models) -> str:
        return (
            f"No ProcessModels found with tag '{self.select_tag}' for {where}; it has: {names(models)}. "
            "Name one in exception_proc_model_map."
        )
