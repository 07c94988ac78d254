#!/bin/sh
# Checks the programs that come from the system and names what is missing and how to get it.
status=0
missing() {
  echo "missing: $1 (Debian, Ubuntu: apt install $2)" >&2
  status=1
}
cxx=${CXX:-c++}
if ! command -v "$cxx" >/dev/null; then
  missing "a C++17 compiler, looked for '$cxx'" "g++; or name another one: CXX=clang++ make ..."
else
  work=$(mktemp -d) || exit 1
  trap 'rm -rf "$work"' EXIT
  printf '#include <optional>\nint main() { return std::optional<int>(0).value(); }\n' >"$work/a.cpp"
  if ! "$cxx" -std=c++17 "$work/a.cpp" -o "$work/a" 2>"$work/log" || ! "$work/a"; then
    missing "C++17: '$cxx' does not compile a small program: $(head -n 1 "$work/log")" "g++"
  fi
fi
command -v perl >/dev/null || missing "perl, which Verilator is started by" perl
for tool in ar ranlib; do
  command -v $tool >/dev/null || missing "$tool" binutils
done
exit $status
