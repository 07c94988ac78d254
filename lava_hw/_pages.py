"""Parts of pages that are generated: a pair of comments marks where they stand."""

from __future__ import annotations

END = "<!-- end of what is generated -->"


def begin(source: str, verb: str = "docs") -> str:
    """Give the line above a generated part that is made from `source`, by `make verb`."""
    return f"<!-- from {source}, by `make {verb}`; what is written by hand between these lines is lost -->"


def with_part(page: str, source: str, part: str, verb: str = "docs") -> str:
    """Give a page with the part that is generated from `source` replaced.

    Parameters
    ----------
    page : str
        The text of a page, with the line `begin(source, verb)` and then `END`.
    source : str
        What the part is made from, as its first line names it.
    part : str
        The new text, without a line end.
    verb : str
        Which verb of the Makefile makes it.

    Raises
    ------
    ValueError
        If the page has no place for it.
    """
    first = begin(source, verb)
    before, found, rest = page.partition(first)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"there are no lines {first!r} and {END!r} in the page")
    return f"{before}{first}\n{part}\n{END}{after}"
