#!/bin/sh
# Prints the path of the first suitable Python among the arguments. If there is none, says of each why not
# and exits with 1. A command that exists but does not start (a pyenv shim of an unselected version) is
# passed over as if it did not exist.
here=$(dirname "$0")
reasons=
for candidate in "$@"; do
  path=$(command -v "$candidate") || continue
  real=$("$path" -c 'import sys; print(sys.executable)' 2>/dev/null) || continue
  if answer=$("$real" "$here/probe.py" 2>&1); then
    echo "$real"
    exit 0
  fi
  reasons="$reasons
  $candidate: $answer"
done
echo "No suitable Python among: $*$reasons" >&2
echo "Install Python 3.10 to 3.13 with venv and headers (Debian, Ubuntu: apt install python3 python3-venv" >&2
echo "python3-dev), or name one: make PYTHON=/path/to/python3.12 ..." >&2
exit 1
