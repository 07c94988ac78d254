"""Processes in Python, compiled into images for an open neuromorphic chip.

The names below are what most programs need; each is defined at the path that Lava users know.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "AbstractProcess": "lava_hw.magma.core.process.process",
    "LogConfig": "lava_hw.magma.core.process.process",
    "Var": "lava_hw.magma.core.process.variable",
    "InPort": "lava_hw.magma.core.process.ports.ports",
    "OutPort": "lava_hw.magma.core.process.ports.ports",
    "RefPort": "lava_hw.magma.core.process.ports.ports",
    "VarPort": "lava_hw.magma.core.process.ports.ports",
    "implements": "lava_hw.magma.core.decorator",
    "requires": "lava_hw.magma.core.decorator",
    "tag": "lava_hw.magma.core.decorator",
    "CPU": "lava_hw.magma.core.resources",
    "NeuroCore": "lava_hw.magma.core.resources",
    "LoihiProtocol": "lava_hw.magma.core.sync.protocols.loihi_protocol",
    "AsyncProtocol": "lava_hw.magma.core.sync.protocols.async_protocol",
    "PyLoihiProcessModel": "lava_hw.magma.core.model.py.model",
    "PyAsyncProcessModel": "lava_hw.magma.core.model.py.model",
    "PyInPort": "lava_hw.magma.core.model.py.ports",
    "PyOutPort": "lava_hw.magma.core.model.py.ports",
    "PyRefPort": "lava_hw.magma.core.model.py.ports",
    "LavaPyType": "lava_hw.magma.core.model.py.type",
    "AbstractSubProcessModel": "lava_hw.magma.core.model.sub.model",
    "RunSteps": "lava_hw.magma.core.run_conditions",
    "RunContinuous": "lava_hw.magma.core.run_conditions",
    "RunConfig": "lava_hw.magma.core.run_configs",
    "HwRunCfg": "lava_hw.magma.core.hw_run_configs",
    "Loihi1SimCfg": "lava_hw.magma.core.run_configs",
    "Loihi2SimCfg": "lava_hw.magma.core.run_configs",
    "Loihi1HwCfg": "lava_hw.magma.core.run_configs",
    "Loihi2HwCfg": "lava_hw.magma.core.run_configs",
    "LIF": "lava_hw.proc.lif.process",
    "LIFReset": "lava_hw.proc.lif.process",
    "LIFRefractory": "lava_hw.proc.lif.process",
    "TernaryLIF": "lava_hw.proc.lif.process",
    "LearningLIF": "lava_hw.proc.lif.process",
    "LIFSubtract": "lava_hw.proc.integrate.process",
    "IF": "lava_hw.proc.integrate.process",
    "LeakyIntegrator": "lava_hw.proc.integrate.process",
    "ATRLIF": "lava_hw.proc.atrlif.process",
    "RF": "lava_hw.proc.rf.process",
    "RF_IZ": "lava_hw.proc.rf_iz.process",
    "RFZero": "lava_hw.proc.resfire.process",
    "Sigma": "lava_hw.proc.sdn.process",
    "Delta": "lava_hw.proc.sdn.process",
    "SigmaDelta": "lava_hw.proc.sdn.process",
    "ActivationMode": "lava_hw.proc.sdn.process",
    "GradedVec": "lava_hw.proc.graded.process",
    "GradedReluVec": "lava_hw.proc.graded.process",
    "NormVecDelay": "lava_hw.proc.graded.process",
    "InvSqrt": "lava_hw.proc.graded.process",
    "ProdNeuron": "lava_hw.proc.prodneuron.process",
    "S4d": "lava_hw.proc.s4d.process",
    "SigmaS4dDelta": "lava_hw.proc.s4d.process",
    "Dense": "lava_hw.proc.dense.process",
    "DelayDense": "lava_hw.proc.dense.process",
    "LearningDense": "lava_hw.proc.dense.process",
    "Sparse": "lava_hw.proc.sparse.process",
    "DelaySparse": "lava_hw.proc.sparse.process",
    "LearningSparse": "lava_hw.proc.sparse.process",
    "STDPLoihi": "lava_hw.proc.learning_rules.stdp_learning_rule",
    "RewardModulatedSTDP": "lava_hw.proc.learning_rules.r_stdp_learning_rule",
    "Loihi2FLearningRule": "lava_hw.magma.core.learning.learning_rule",
    "Loihi3FLearningRule": "lava_hw.magma.core.learning.learning_rule",
    "Conv": "lava_hw.proc.conv.process",
    "ConvInTime": "lava_hw.proc.conv_in_time.process",
    "Spiker": "lava_hw.proc.spiker.process",
    "Receiver": "lava_hw.proc.receiver.process",
    "Monitor": "lava_hw.proc.monitor.process",
    "BitCheck": "lava_hw.proc.bit_check.process",
    "Read": "lava_hw.proc.io.sink",
    "Reset": "lava_hw.proc.io.reset",
    "DeltaEncoder": "lava_hw.proc.io.encoder",
    "Compression": "lava_hw.proc.io.encoder",
    "Injector": "lava_hw.proc.io.injector",
    "Extractor": "lava_hw.proc.io.extractor",
    "SignMode": "lava_hw.utils.weightutils",
    "Chip": "lava_hw.chip",
    "Image": "lava_hw.image",
    "compile_network": "lava_hw.compiler",
    "Device": "lava_hw.device",
    "LavaHwWarning": "lava_hw.errors",
    "run_samples": "lava_hw.runtime.samples",
    "RunError": "lava_hw.runtime.errors",
    "ModelError": "lava_hw.runtime.errors",
    "DeadlockError": "lava_hw.runtime.errors",
    "DivergenceError": "lava_hw.runtime.chip_check",
    "DeviceError": "lava_hw.device",
    "ChipFault": "lava_hw.device",
    "SimulatorError": "lava_hw.device",
    "ChipStalled": "lava_hw.device",
    "RtlFailed": "lava_hw.device",
    "ValueRefused": "lava_hw.device",
    "BuildError": "lava_hw.device",
    "CompileError": "lava_hw.compiler",
    "DoesNotFit": "lava_hw.compiler",
    "ChipError": "lava_hw.chip",
    "ImageError": "lava_hw.image",
}
# Names that are called differently here than where they are defined.
_RENAMED = {
    "Source": ("lava_hw.proc.io.source", "RingBuffer"),
    "Sink": ("lava_hw.proc.io.sink", "RingBuffer"),
}

__all__ = [*_NAMES, *_RENAMED, "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when first asked for, so that tools which need a part do not load the whole.
    if name in _NAMES:
        value = getattr(import_module(_NAMES[name]), name)
    elif name in _RENAMED:
        module, attribute = _RENAMED[name]
        value = getattr(import_module(module), attribute)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
