"""What programs and libraries for Lava import is here, at the same path, also under Lava's own name."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Below the package: what is imported from it.
NAMES = {
    "magma.core.run_configs": "RunConfig Loihi1SimCfg Loihi2SimCfg Loihi1HwCfg Loihi2HwCfg",
    "magma.core.run_conditions": "AbstractRunCondition RunSteps RunContinuous",
    "magma.core.process.process": "AbstractProcess LogConfig",
    "magma.core.process.variable": "Var VarServer",
    "magma.core.process.ports.ports": "InPort OutPort RefPort VarPort",
    "magma.core.process.ports.reduce_ops": "ReduceSum",
    "magma.core.process.ports.connection_config": "ConnectionConfig",
    "magma.core.process.ports.exceptions": "ReshapeError TransposeShapeError TransposeIndexError "
    "ConcatShapeError ConcatIndexError VarNotSharableError DuplicateConnectionError",
    "magma.core.process.neuron": "LearningNeuronProcess",
    "magma.core.process.connection": "LearningConnectionProcess",
    "magma.core.process.message_interface_enum": "ActorType",
    "magma.core.resources": "AbstractResource AbstractComputeResource CPU HostCPU GPU ECPU LMT PB NeuroCore "
    "Loihi1NeuroCore Loihi2NeuroCore AbstractPeripheralResource DVS HardDrive HeadNodeHardDrive AbstractNode "
    "GenericNode HeadNode Loihi1System KapohoBay Nahuku Pohoiki Loihi2System OheoGulch KapohoPoint Unalaska",
    "magma.core.decorator": "implements requires tag",
    "magma.core.sync.protocols.loihi_protocol": "LoihiProtocol Phase",
    "magma.core.sync.protocols.async_protocol": "AsyncProtocol",
    "magma.core.sync.protocol": "AbstractSyncProtocol",
    "magma.core.sync.domain": "SyncDomain",
    "magma.core.model.model": "AbstractProcessModel",
    "magma.core.model.py.model": "AbstractPyProcessModel PyLoihiProcessModel PyAsyncProcessModel "
    "PyLoihiModelToPyAsyncModel",
    "magma.core.model.py.ports": "PyInPort PyOutPort PyRefPort PyVarPort PyInPortVectorDense",
    "magma.core.model.py.type": "LavaPyType",
    "magma.core.model.py.neuron": "LearningNeuronModelFixed LearningNeuronModelFloat",
    "magma.core.model.py.connection": "LearningConnectionModelBitApproximate LearningConnectionModelFloat",
    "magma.core.model.sub.model": "AbstractSubProcessModel",
    "magma.core.learning.constants": "GradedSpikeCfg",
    "magma.core.learning.learning_rule": "Loihi2FLearningRule Loihi3FLearningRule LoihiLearningRule",
    "magma.core.learning.learning_rule_applier": "LearningRuleApplierFloat LearningRuleApplierBitApprox",
    "magma.core.learning.product_series": "ProductSeries",
    "magma.core.learning.random": "TraceRandom ConnVarRandom",
    "magma.core.learning.utils": "stochastic_round apply_mask float_to_literal",
    "magma.compiler.compiler": "Compiler",
    "magma.compiler.executable": "Executable",
    "magma.compiler.exceptions": "NoProcessModelFound ProcessAlreadyCompiled",
    "magma.compiler.channels.pypychannel": "PyPyChannel CspSendPort CspRecvPort",
    "magma.runtime.runtime": "Runtime",
    "magma.runtime.message_infrastructure.multiprocessing": "MultiProcessing",
    "proc": "",
    "proc.io": "source sink encoder dataloader reset injector extractor",
    "proc.io.source": "RingBuffer AbstractPyRingBuffer PySendModelFloat PySendModelFixed",
    "proc.io.sink": "RingBuffer Read AbstractPyReceiveModel PyReceiveModelFloat PyReceiveModelFixed "
    "AbstractPyRead PyReadFixed PyReadFloat",
    "proc.io.reset": "Reset",
    "proc.io.dataloader": "SpikeDataloader StateDataloader",
    "proc.io.encoder": "DeltaEncoder Compression",
    "proc.io.injector": "Injector PyLoihiInjectorModel",
    "proc.io.extractor": "Extractor VarWire PyLoihiExtractorModel",
    "proc.io.utils": "ChannelConfig SendFull ReceiveEmpty ReceiveNotEmpty",
    "proc.dense.process": "Dense DelayDense LearningDense",
    "proc.dense.models": "AbstractPyDenseModelFloat AbstractPyDenseModelBitAcc PyDenseModelFloat "
    "PyDenseModelBitAcc PyLearningDenseModelFloat PyLearningDenseModelBitApproximate",
    "proc.sparse.process": "Sparse DelaySparse LearningSparse",
    "proc.sparse.models": "PySparseModelFloat PySparseModelBitAcc",
    "proc.lif.process": "AbstractLIF LIF LearningLIF TernaryLIF LIFReset LIFRefractory",
    "proc.lif.models": "AbstractPyLifModelFloat AbstractPyLifModelFixed PyLifModelFloat PyLifModelBitAcc "
    "PyTernLifModelFloat PyTernLifModelFixed",
    "proc.conv.process": "Conv",
    "proc.conv.models": "PyConvModelFloat PyConvModelFixed",
    "proc.conv.utils": "conv output_shape conv_to_sparse make_tuple signed_clamp TensorOrder",
    "proc.conv_in_time.process": "ConvInTime",
    "proc.sdn.process": "Sigma Delta SigmaDelta ActivationMode",
    "proc.sdn.models": "PySigmaModelFixed PyDeltaModelFixed PySigmaDeltaModelFixed",
    "proc.rf.process": "RF",
    "proc.rf.models": "PyRFModelFloat PyRFModelFixed",
    "proc.rf_iz.process": "RF_IZ",
    "proc.rf_iz.models": "PyRF_IZModelFloat PyRF_IZModelFixed",
    "proc.resfire.process": "RFZero",
    "proc.atrlif.process": "ATRLIF",
    "proc.graded.process": "GradedVec GradedReluVec NormVecDelay InvSqrt",
    "proc.prodneuron.process": "ProdNeuron",
    "proc.s4d.process": "S4d SigmaS4dDelta SigmaS4dDeltaLayer",
    "proc.spiker.process": "Spiker",
    "proc.receiver.process": "Receiver",
    "proc.monitor.process": "Monitor",
    "proc.bit_check.process": "BitCheck",
    "proc.learning_rules.stdp_learning_rule": "STDPLoihi",
    "proc.learning_rules.r_stdp_learning_rule": "RewardModulatedSTDP",
    "proc.clp.prototype_lif.process": "PrototypeLIF",
    "proc.clp.novelty_detector.process": "NoveltyDetector",
    "proc.clp.nsm.process": "Readout Allocator",
    "proc.clp.id_broadcast.process": "IdBroadcast",
    "utils.system": "Loihi2",
    "utils.loihi": "use_slurm_host use_ethernet_host is_installed ChipGeneration host",
    "utils.slurm": "is_available enable disable set_board set_partition get_partition_info",
    "utils.weightutils": "SignMode optimize_weight_bits truncate_weights clip_weights",
    "utils.sparse": "find",
    "utils.serialization": "save load",
    "utils.plots": "raster_plot",
    "utils.profiler": "Profiler",
    "utils.dataloader.mnist": "MnistDataset",
    "networks.network": "Network NetworkList AlgebraicVector AlgebraicMatrix",
    "networks.gradedvecnetwork": "InputVec OutputVec LIFVec GradedVec ProductVec GradedDense GradedSparse "
    "NormalizeNet",
    "networks.resfire": "ResFireVec",
    "frameworks.loihi2": "InputVec OutputVec LIFVec GradedVec ResFireVec RunSteps RunContinuous "
    "Loihi2SimCfg Loihi2HwCfg",
}


@pytest.mark.parametrize("path", NAMES)
def test_names_of_lava_are_at_their_paths(path):
    module = importlib.import_module(f"lava_hw.{path}")
    assert [name for name in NAMES[path].split() if not hasattr(module, name)] == []


ALIAS = """
import importlib, json, sys
import lava_hw.as_lava
wrong = []
for path, names in json.load(sys.stdin).items():
    lava, ours = importlib.import_module("lava." + path), importlib.import_module("lava_hw." + path)
    scope = {}
    exec(f"from lava.{path} import {', '.join(names.split()) or '__name__'}", scope)
    if lava is not ours or any(scope[name] is not getattr(ours, name) for name in names.split()):
        wrong.append(path)
print(wrong)
"""


def test_the_same_under_lavas_own_name():
    """One module under two names, so that a class is the same whichever way it was imported."""
    done = subprocess.run(
        [sys.executable, "-c", ALIAS],
        input=json.dumps(NAMES),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_a_package_with_its_modules_at_once():
    """`from lava.proc import io`, then io.source.RingBuffer: as sixteen of Lava's own scripts do it."""
    from lava_hw.proc import io

    assert io.source.RingBuffer is importlib.import_module("lava_hw.proc.io.source").RingBuffer
    assert io.sink.Read is importlib.import_module("lava_hw.proc.io.sink").Read
    assert io.encoder.Compression.SPARSE


def test_no_path_needs_a_package_that_is_not_installed():
    """In Lava the search for models imports all that lies beside a process, psutil and torch among it."""
    heavy = ["matplotlib", "torch", "psutil", "pandas", "seaborn", "sklearn", "schema"]
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({heavy!r}))\n"  # an import of one of these fails
        "import importlib\n"
        f"for path in {list(NAMES)!r}:\n"
        "    importlib.import_module('lava_hw.' + path)\n"
        "from lava_hw import LIF, Dense, Loihi2SimCfg, RunSteps\n"
        "with LIF(shape=(1,), bias_mant=2, vth=100) as lif:\n"
        "    lif.run(RunSteps(3), Loihi2SimCfg())\n"
        "    print(lif.u.get(), lif.v.get())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[0.] [6.]\n", "")
