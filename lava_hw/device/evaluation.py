"""How a Verilated class may be clocked: what the generated code of it allows, and the C++ that does it.

Three ways give the same answers: two evaluations a cycle (clock low, clock high); one, with the memory that
the class has of its clock set back; or a direct call of the one function that a rising edge calls. The fast
ones depend on how Verilator writes its code. So the code is looked at, and the slow way is taken where it is
not as expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_TRIGGER = re.compile(r"__Vtrigprevexpr___\w+")
_FUNCTION = r"^(?:VL_\w+ )*void {}\([^;{{]*\{{"
_WORK = re.compile(_FUNCTION.format(r"(\w+?___(?:ico|act|nba|obs|react)_[a-z]+__\w+)"), re.MULTILINE)
_OTHER_REGION = re.compile(_FUNCTION.format(r"\w+___eval_(ico|act|obs|react)"), re.MULTILINE)
_EVAL_NBA = r"void {root}___eval_nba\([^;{{]*\{{.*?// Body\n(.*?)\n\}}\n"


@dataclass(frozen=True)
class Evaluation:
    """What is allowed.

    Attributes
    ----------
    trigger : str
        The class's memory of its clock, "" if one evaluation a cycle is not allowed.
    function : str
        What a rising edge calls, "" if that must not be called directly.
    reason : str
        Why not, for a log; "" if it may.
    """

    trigger: str
    function: str
    reason: str

    @property
    def one(self) -> bool:
        """Whether one evaluation a cycle is allowed."""
        return bool(self.trigger)

    @property
    def words(self) -> str:
        """How it is clocked, in words."""
        if self.function:
            return "direct call"
        return f"{'one eval' if self.one else 'two evals'} a cycle: {self.reason}"


def read_evaluation(directory: Path, prefix: str, clock: str, registered: bool = True) -> Evaluation:
    """Look into what Verilator made.

    Parameters
    ----------
    directory : Path
    prefix : str
        Name of the class.
    clock : str
        Pin of the clock.
    registered : bool
        Whether no output depends on an input within a cycle.
    """
    root = f"{prefix}___024root"
    header = directory / f"{root}.h"
    own = f"__Vtrigprevexpr___TOP__{clock}__0"
    if not registered:
        return Evaluation("", "", "outputs depend on inputs within a cycle")
    if not header.is_file() or set(_TRIGGER.findall(header.read_text())) != {own}:
        return Evaluation("", "", f"the rising edge of {clock} is not the only trigger, or has another name")
    code = "\n".join(path.read_text() for path in sorted(directory.glob(f"{prefix}*.cpp")))
    other = _OTHER_REGION.search(code)
    if other:
        return Evaluation(own, "", f"not all inputs go to registers only: there is a region {other[1]}")
    function = f"{root}___nba_sequent__TOP__0"
    found = set(_WORK.findall(code))
    if found != {function}:
        return Evaluation(own, "", f"a rising edge calls {', '.join(sorted(found)) or 'no known function'}")
    body = re.search(_EVAL_NBA.format(root=root), code, re.DOTALL)
    expected = f"if ((1ULL & vlSelfRef.__VnbaTriggered[0U])) {{ {function}(vlSelf); }}"
    if body is None or " ".join(body[1].split()) != expected:
        return Evaluation(own, "", "a rising edge does more than to call one function")
    return Evaluation(own, function, "")


def edge_text(evaluation: Evaluation, type_: str, clock: str) -> str:
    """Give the C++ of ``edge``, one rising edge of the clock, and what it depends on.

    Parameters
    ----------
    evaluation : Evaluation
    type_ : str
        What the class is called in the text.
    clock : str
        Pin of the clock.
    """
    head = f"inline constexpr bool kOneEval = {'true' if evaluation.one else 'false'};\n"
    head += f"inline constexpr bool kDirect = {'true' if evaluation.function else 'false'};\n"
    head += f"inline void set_clock({type_}& t, bool high) {{ t.{clock} = high; }}\n"
    if evaluation.function:
        body = f"  {evaluation.function}(t.rootp);\n"
    elif evaluation.one:
        body = f"  t.{clock} = 1;\n  t.eval();\n  t.rootp->{evaluation.trigger} = 0;\n"
    else:
        body = f"  t.{clock} = 0;\n  t.eval();\n  t.{clock} = 1;\n  t.eval();\n"
    return f"{head}inline void edge({type_}& t) {{\n{body}}}\n"


def includes_text(evaluation: Evaluation, prefix: str) -> str:
    """Give the C++ that ``edge`` needs before it."""
    text = f'#include "{prefix}.h"\n'
    if evaluation.one:
        text += f'#include "{prefix}___024root.h"\n'
    if evaluation.function:
        text += f"void {evaluation.function}({prefix}___024root* vlSelf);\n"
    return text
