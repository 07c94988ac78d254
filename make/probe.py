"""Tell whether this interpreter can run lava_hw: print what it lacks and exit with 1, or exit with 0.

Run by make/find_python.sh with any Python that is found, so it keeps to what old versions understand.
"""

import os
import sys


def missing():
    """Return a list of sentences, each with what is missing and how to get it."""
    version = ".".join(map(str, sys.version_info[:2]))
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        return ["it is Python " + version + ", lava_hw needs 3.10 to 3.13"]
    import sysconfig

    lacks = []
    try:
        import ensurepip  # noqa: F401  (Debian's python3 has venv but not this)
        import venv  # noqa: F401
    except ImportError:
        lacks.append("it has no venv (Debian: apt install python" + version + "-venv)")
    if not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
        lacks.append("its headers (Python.h) are missing (Debian: apt install python" + version + "-dev)")
    return lacks


if __name__ == "__main__":
    found = missing()
    print("; ".join(found))
    sys.exit(1 if found else 0)
