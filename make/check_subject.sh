#!/bin/sh
# Checks the first line of a commit message (the file $1): "[area] Sentence", at most 100 characters.
subject=$(head -n 1 "$1")
case $subject in
  "Merge "* | "Revert "* | "fixup! "*) exit 0 ;;
esac
if ! printf '%s\n' "$subject" | grep -Eq '^\[[a-z0-9_, -]+\] [^ ].{2,}$' || [ ${#subject} -gt 100 ]; then
  echo "the first line must be '[area] What the commit does', at most 100 characters: $subject" >&2
  exit 1
fi
