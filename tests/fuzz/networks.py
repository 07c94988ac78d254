"""Random networks as plain data (`NetworkSpec`), their hypothesis strategy, and processes made of them.

A specification is plain numbers, so that a failing one can be shrunk, printed, kept in a file and read back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from lava_hw import LIF, DelayDense, DelaySparse, Dense, Sparse
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.utils.weightutils import SignMode
from tests.fuzz.processes import Accumulate, Echo, Toggle
from tests.system.populations import KINDS

Array = NDArray[Any]
FORMS: dict[str, Any] = {each.__name__: each for each in (Dense, Sparse, DelayDense, DelaySparse)}
"""Connections by the names of their classes."""
OF_CONNECTIONS = ("weights", "delays", "a_buff")
"""Vars that connections have."""
FED = tuple(name for name, kind in KINDS.items() if kind.inputs)
"""What can be reached from a source."""


@dataclass(frozen=True)
class PopulationSpec:
    """One population.

    Of LIF; ``vectors`` names the parameters that are drawn per neuron, not scalars. Or of another process of
    tests/system/populations.py, whose arguments are drawn from ``seed``, up to the ends unless ``usual``.
    """

    size: int
    du: int = 0
    dv: int = 0
    vth: int = 10
    bias_mant: int = 0
    bias_exp: int = 0
    u: int = 0
    v: int = 0
    vectors: tuple[str, ...] = ()
    seed: int = 0
    kind: str = "LIF"
    usual: bool = True


@dataclass(frozen=True)
class EdgeSpec:
    """A way from ``src`` into population ``dst``; ``seed`` chooses among its in ports.

    ``kind`` is dense (through a connection of the class ``form``), direct (spikes as values, latency 0), or
    one of the Python processes of tests/fuzz/processes.py: echo (latency 0, spikes into a_in), accumulate
    (graded values into a_in), toggle (spikes into a connection).
    ``src`` counts sources first, then populations. ``most`` is the longest delay, for forms that have delays.
    The chip sums a connection in ``parts`` parts, or as many as its sources have blocks.
    """

    kind: str
    src: int
    dst: int
    sign_mode: int = 0
    num_weight_bits: int = 8
    weight_exp: int = 0
    low: int = -256
    high: int = 255
    density: float = 1.0
    seed: int = 0
    reshape: str = "none"
    parts: int = 1
    form: str = "Dense"
    most: int = 0
    stored_bits: int = 8
    message_bits: int = 0


@dataclass(frozen=True)
class SetSpec:
    """``Var.set`` on ``var`` of population ``target`` (or of that edge's Dense) after step ``step``."""

    step: int
    target: int
    var: str
    seed: int


@dataclass(frozen=True)
class NetworkSpec:
    """A network and the way it is run. ``fan_in`` pairs: edges whose Dense gets a second source."""

    sources: tuple[int, ...]
    activity: float
    populations: tuple[PopulationSpec, ...]
    edges: tuple[EdgeSpec, ...]
    fan_in: tuple[tuple[int, int], ...] = ()
    sets: tuple[SetSpec, ...] = ()
    runs: tuple[int, ...] = (20,)
    cores: tuple[int, ...] = ()
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Give plain data for a corpus file."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> NetworkSpec:
        """Read what `to_json` gave."""
        return NetworkSpec(
            sources=tuple(data["sources"]),
            activity=data["activity"],
            populations=tuple(
                PopulationSpec(**{**p, "vectors": tuple(p["vectors"])}) for p in data["populations"]
            ),
            edges=tuple(EdgeSpec(**e) for e in data["edges"]),
            fan_in=tuple((int(a), int(b)) for a, b in data["fan_in"]),
            sets=tuple(SetSpec(**s) for s in data["sets"]),
            runs=tuple(data["runs"]),
            cores=tuple(data["cores"]),
            seed=data["seed"],
        )


@dataclass
class Built:
    """The processes of one specification. ``watched`` names every Var that is compared."""

    populations: list[Any]
    denses: dict[int, Any]
    sinks: list[Any]
    others: list[Any] = field(default_factory=list)

    @property
    def main(self) -> AbstractProcess:
        """Any process of the network."""
        process: AbstractProcess = self.populations[0]
        return process

    def watched(self, everything: bool) -> dict[str, Any]:
        """Give the Vars by a name that is the same for every build of the specification.

        The state words change in every step; parameters and weights only where something sets them, so they
        and the spikes of all steps are looked at where ``everything`` is true.
        """
        out = {}
        for i, cells in enumerate(self.populations):
            if not isinstance(cells, LIF) or everything:
                out |= {f"lif{i}.{var.name}": var for var in cells.vars}
            else:
                out |= {f"lif{i}.u": cells.u, f"lif{i}.v": cells.v}
        for i, dense in sorted(self.denses.items()):
            out[f"dense{i}.a_buff"] = dense.a_buff
            if everything:
                out[f"dense{i}.weights"] = dense.weights
                if hasattr(dense, "delays"):
                    out[f"dense{i}.delays"] = dense.delays
        for i, process in enumerate(self.others):
            if hasattr(process, "state"):
                out[f"py{i}.state"] = process.state
        for i, sink in enumerate(self.sinks if everything else ()):
            out[f"sink{i}.data"] = sink.data
        return out


_RANGES = {
    "du": (0, 4095),
    "dv": (0, 4096),
    "vth": (-100, 3000),
    "bias_mant": (-4096, 4095),
    "bias_exp": (-3, 7),
    "u": (-(2**23), 2**23),
    "v": (-(2**23), 2**23),
}


def _parameter(spec: PopulationSpec, name: str) -> Any:
    if name not in spec.vectors:
        return getattr(spec, name)
    rng = np.random.default_rng([spec.seed, sum(map(ord, name))])
    low, high = _RANGES[name]
    return rng.integers(low, high + 1, spec.size)


def _population(spec: PopulationSpec, name: str) -> Any:
    if spec.kind == "LIF":
        return LIF(shape=(spec.size,), **{k: _parameter(spec, k) for k in _RANGES}, name=name)
    kind, r = KINDS[spec.kind], np.random.default_rng(spec.seed)
    made = kind.cls(shape=(spec.size,), **kind.draw(r, spec.usual, (spec.size,)))
    made.name = name
    return made


def _in_port(spec: NetworkSpec, edge: EdgeSpec, target: Any) -> Any:
    kind = spec.populations[edge.dst].kind
    # A number of no neuron is an error of PrototypeLIF.
    ports = [name for name in KINDS[kind].inputs if (kind, name) != ("PrototypeLIF", "a_third_factor_in")]
    return getattr(target, ports[edge.seed % len(ports)])


def weights_of(edge: EdgeSpec, rows: int, cols: int) -> Array:
    """Give the weight matrix (rows = targets, cols = sources) of a dense edge, int64."""
    rng = np.random.default_rng(edge.seed)
    w = rng.integers(edge.low, edge.high + 1, (rows, cols))
    w[rng.random((rows, cols)) >= edge.density] = 0
    return np.asarray(w)


def build(spec: NetworkSpec) -> Built:
    """Create and connect the processes of ``spec``."""
    rng = np.random.default_rng(spec.seed)
    steps = sum(spec.runs)
    populations = [_population(p, f"lif{i}") for i, p in enumerate(spec.populations)]
    sources = []
    for i, n in enumerate(spec.sources):
        data = (rng.random((n, steps)) < spec.activity).astype(np.int32)
        sources.append(Source(data=data, name=f"source{i}"))
    outs = [s.s_out for s in sources] + [p.s_out for p in populations]
    built = Built(populations, {}, [], list(sources))
    for i, edge in enumerate(spec.edges):
        target = _in_port(spec, edge, populations[edge.dst])
        _connect(spec, i, edge, outs[edge.src], target, built)
    for edge_index, src in spec.fan_in:
        dense = built.denses.get(edge_index)
        if dense is not None and dense.s_in.shape == outs[src].shape:
            outs[src].connect(dense.s_in)
    for i, lif in enumerate(populations):
        sink = Sink(shape=lif.s_out.shape, buffer=steps, name=f"sink{i}")
        lif.s_out.connect(sink.a_in)
        built.sinks.append(sink)
    return built


def _connect(spec: NetworkSpec, i: int, edge: EdgeSpec, out: Any, target: Any, built: Built) -> None:
    n_in, n_out = int(np.prod(out.shape)), int(np.prod(target.shape))
    if edge.kind == "direct":
        out.connect(target)
        return
    if edge.kind in ("echo", "accumulate"):
        cls = Echo if edge.kind == "echo" else Accumulate
        process = cls(shape=out.shape, name=f"py{i}", seed=edge.seed)
        built.others.append(process)
        out.connect(process.inp)
        process.out.connect(target)
        return
    dense = built.denses[i] = _connection(edge, n_out, n_in, f"dense{i}")
    if edge.kind == "toggle":
        process = Toggle(shape=out.shape, name=f"py{i}", seed=edge.seed)
        built.others.append(process)
        out.connect(process.inp)
        out = process.out
    if edge.reshape == "transpose" and n_in % 2 == 0:
        out = out.reshape((2, n_in // 2)).transpose().flatten()
    out.connect(dense.s_in)
    dense.a_out.connect(target)


def _connection(edge: EdgeSpec, rows: int, cols: int, name: str) -> Any:
    kwargs: dict[str, Any] = {
        "num_weight_bits": edge.num_weight_bits,
        "weight_exp": edge.weight_exp,
        "num_message_bits": edge.message_bits,
        "stored_bits": edge.stored_bits,
    }
    if edge.sign_mode:
        kwargs["sign_mode"] = SignMode(edge.sign_mode)
    weights: Any = weights_of(edge, rows, cols)
    if edge.form in ("DelayDense", "DelaySparse"):
        rng = np.random.default_rng([edge.seed, 1])
        delays = rng.integers(0, edge.most + 1, (rows, cols))
        kwargs |= {"delays": delays, "max_delay": edge.most}
    return FORMS[edge.form](weights=weights, name=name, **kwargs)


def set_name(spec: NetworkSpec, s: SetSpec) -> str:
    """Give the name of the Var that ``s`` sets: of processes other than LIF, one of theirs."""
    if s.var in OF_CONNECTIONS or spec.populations[s.target].kind == "LIF":
        return s.var
    names = sorted(KINDS[spec.populations[s.target].kind].sets)
    return names[s.seed % len(names)]


def set_value(spec: NetworkSpec, s: SetSpec, process: Any, current: Any) -> Any:
    """Give the value that ``s`` sets, of the shape, or the pattern, of ``current`` (as Var.get gives it)."""
    rng = np.random.default_rng([s.seed, s.step])
    if hasattr(current, "tocsr"):
        current.data = set_value(spec, s, process, current.data)
        return current
    if s.var == "delays":
        return rng.integers(0, spec.edges[s.target].most + 1, current.shape).astype(float)
    if s.var not in OF_CONNECTIONS and spec.populations[s.target].kind != "LIF":
        population = spec.populations[s.target]
        return KINDS[population.kind].value(rng, population.usual, process, set_name(spec, s))
    if s.var == "weights":
        return current[::-1].copy()
    if s.var == "a_buff":
        return rng.integers(-1000, 1000, current.shape).astype(float)
    low, high = _RANGES[s.var]
    return rng.integers(low, high + 1, current.shape).astype(float)


# ------------------------------------------------------------------------------------------------ strategies
_small = st.integers(0, 2**16)


@st.composite
def _populations(draw: st.DrawFn, size: st.SearchStrategy[int]) -> PopulationSpec:
    wide = draw(st.booleans())
    kind = draw(st.sampled_from(["LIF", "LIF", *FED]))
    if kind != "LIF":
        # Some have twenty states, and a core of these chips few lines.
        return PopulationSpec(min(draw(size), 70), seed=draw(_small), kind=kind, usual=not wide)
    return PopulationSpec(
        size=draw(size),
        du=draw(
            st.sampled_from([0, 1, 100, 400, 2048, 4094, 4095])
            | st.integers(-10 if wide else 0, 4095 + 10 * wide)
        ),
        dv=draw(st.sampled_from([0, 1, 100, 4095, 4096]) | st.integers(-10 if wide else 0, 4096 + 10 * wide)),
        vth=draw(
            st.integers(0, 200)
            | st.integers(-300, 131071)
            | st.sampled_from([-1, 131072, 2**20] if wide else [0])
        ),
        bias_mant=draw(
            st.integers(-50, 50) | st.integers(-32768 if wide else -4096, 32767 if wide else 4095)
        ),
        bias_exp=draw(st.integers(0, 7) | st.integers(-20 if wide else -4, 20 if wide else 7)),
        u=draw(st.just(0) | st.integers(-(2**23), 2**23) | st.integers(-(2**31), 2**31 - 1)),
        v=draw(st.just(0) | st.integers(-(2**23), 2**23) | st.integers(-(2**31), 2**31 - 1)),
        vectors=tuple(sorted(draw(st.sets(st.sampled_from(sorted(_RANGES)), max_size=3)))),
        seed=draw(_small),
    )


@st.composite
def _edges(draw: st.DrawFn, kind: str, src: int, dst: int) -> EdgeSpec:
    sign = draw(st.sampled_from([0, 0, 1, 2, 3]))
    low, high = draw(
        st.sampled_from([(-256, 255), (0, 255), (-255, 0), (-20, 20), (-600, 600), (0, 0), (-3, 60)])
    )
    form = draw(st.sampled_from(["Dense", *FORMS])) if kind in ("dense", "toggle") else "Dense"
    message_bits = draw(st.sampled_from([0, 0, 16, 32]))
    exponents = [0, 0, 0, 1, 2, 5]
    if form != "DelayDense" or not message_bits:
        exponents += [-1, -3, -6]
    return EdgeSpec(
        form=form,
        most=draw(st.integers(0, 2)),
        stored_bits=draw(st.sampled_from([8, 8, 16])),
        message_bits=message_bits,
        kind=kind,
        src=src,
        dst=dst,
        sign_mode=sign,
        num_weight_bits=draw(st.sampled_from([8, 8, 7, 6, 4, 2, 1])),
        weight_exp=draw(st.sampled_from(exponents)),
        low=low,
        high=high,
        density=draw(st.sampled_from([1.0, 0.5, 0.1])),
        seed=draw(_small),
        reshape=draw(st.sampled_from(["none", "none", "none", "transpose"])),
    )


@st.composite
def networks(draw: st.DrawFn, max_size: int = 300) -> NetworkSpec:
    """Draw a network of 1 to 4 populations with sources, recurrence, latency-0 links and Python processes."""
    size = st.sampled_from([1, 2, 7, 8, 9, 31, 32, 33, 40, 64, 65]) | st.integers(1, max_size)
    sources = tuple(draw(st.lists(size, min_size=1, max_size=2)))
    populations = tuple(draw(st.lists(_populations(size), min_size=1, max_size=4)))
    sizes = [*sources, *(p.size for p in populations)]
    n_src = len(sources)
    # Every population and every source is reached from population 0, so that it is one network.
    edges = [draw(_edges("dense", 0, 0))]
    for i in range(1, len(populations)):
        # A Dense counts each value that is not 0 once.
        earlier = [0, *range(n_src, n_src + i)]
        edges.append(draw(_edges("dense", draw(st.sampled_from(earlier)), i)))
    edges += [draw(_edges("dense", i, draw(st.integers(0, len(populations) - 1)))) for i in range(1, n_src)]
    for _ in range(draw(st.integers(0, 4))):
        src = draw(st.integers(0, len(sizes) - 1))
        dst = draw(st.integers(0, len(populations) - 1))
        forward = src < n_src + dst
        same = sizes[src] == populations[dst].size
        kinds = ["dense", "dense", "toggle"]
        if forward and same:
            kinds += ["direct", "echo", "accumulate", "echo", "accumulate"]
        edges.append(draw(_edges(draw(st.sampled_from(kinds)), src, dst)))
    fan_in: list[tuple[int, int]] = []
    for i, edge in enumerate(edges):
        peers = [j for j, n in enumerate(sizes) if n == sizes[edge.src] and j != edge.src]
        if edge.kind == "dense" and edge.reshape == "none" and peers and draw(st.booleans()):
            fan_in.append((i, draw(st.sampled_from(peers))))
    for i, parts in draw(st.lists(st.tuples(st.integers(0, len(edges) - 1), st.integers(2, 4)), max_size=2)):
        edges[i] = replace(edges[i], parts=parts)
    runs = tuple(draw(st.sampled_from([(20,), (1, 19), (7, 13, 5), (30, 10), (1, 1, 1, 40), (60,)])))
    bounds = np.cumsum(runs)[:-1].tolist()
    sets = []
    for bound in bounds:
        for _ in range(draw(st.integers(0, 2))):
            var = draw(
                st.sampled_from(["u", "v", "bias_mant", "bias_exp", "du", "dv", "vth", *OF_CONNECTIONS])
            )
            last = (len(edges) if var in OF_CONNECTIONS else len(populations)) - 1
            sets.append(SetSpec(int(bound), draw(st.integers(0, last)), var, draw(_small)))
    return NetworkSpec(
        sources=sources,
        activity=draw(st.sampled_from([0.0, 0.05, 0.3, 0.8, 1.0])),
        populations=populations,
        edges=tuple(edges),
        fan_in=tuple(fan_in),
        sets=tuple(sets),
        runs=runs,
        cores=tuple(draw(st.lists(st.integers(0, 3), min_size=len(populations), max_size=len(populations)))),
        seed=draw(_small),
    )
