"""How long the build of a simulator takes: what the last one took, else a rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["expected_seconds"]

# The rule: seconds of any chip, of each core, of each lane of a core, and how much longer waveforms take. It
# only has to say whether one waits for seconds or minutes; the next estimate is what the build took here.
_BASE, _EACH_CORE, _EACH_LANE = 6.0, 7.0, 0.2
_TRACED = 1.7


def expected_seconds(root: Path, parameters: Mapping[str, int], kind: str, traced: bool) -> float | None:
    """Seconds that a build will take, about.

    Parameters
    ----------
    root : Path
        The cache of simulators, whose entries say what their builds took.
    parameters : mapping
        Values of the top's parameters.
    kind : {"fast", "checked"}
    traced : bool
        With waveforms.

    Returns
    -------
    float or None
        None for a top that is no chip and was never built.
    """
    found = []
    for path in root.glob("*/facts.json"):
        try:
            facts = json.loads(path.read_text())
            same = (facts["parameters"], facts["kind"], facts["traced"]) == (dict(parameters), kind, traced)
            if same:
                found.append((path.stat().st_mtime, float(facts["seconds"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # of an older version, or damaged: only an estimate depends on it
    if found:
        return max(found)[1]
    if not {"Lanes", "MeshX", "MeshY"} <= set(parameters):
        return None
    cores = parameters["MeshX"] * parameters["MeshY"]
    seconds = _BASE + cores * (_EACH_CORE + _EACH_LANE * parameters["Lanes"])
    return seconds * (_TRACED if traced else 1.0)
