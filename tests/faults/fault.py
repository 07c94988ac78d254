"""What a fault is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One piece of text of the project, replaced by a wrong one.

    Attributes
    ----------
    name : str
        What it is called on the command line and in the report.
    sentence : str
        What is wrong then.
    file : str
        File, from the top of the project.
    old, new : str
        The text, which must be there exactly once, and what stands there instead.
    tests : tuple of str
        Tests (as pytest names them) that are to catch it, the cheapest first; one of them is enough.
    not_elaborated : bool
        Whether a chip cannot be elaborated with it, and the tests look for that.
    says : str, optional
        The sentence of an assertion of the RTL that fails then: what else a test says does not count.
    """

    name: str
    sentence: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    not_elaborated: bool = False
    says: str = ""
