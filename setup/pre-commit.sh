#!/usr/bin/env bash
# A git hook: no commit of a flow that `guildhall check` or `guildhall test` finds wrong.
# To use it:  ln -s ../../setup/pre-commit.sh .git/hooks/pre-commit
# In a repository of your own that holds only a councils' folder: name this checkout's guildhall in GUILDHALL_BIN.
set -euo pipefail
root=$(git rev-parse --show-toplevel)
guildhall=${GUILDHALL_BIN:-$root/.venv/bin/guildhall}
folder=${GUILDHALL_DIALPLANS:-$root/dialplans}
# What is committed is checked, not what lies in the working tree.
if git diff --cached --quiet --diff-filter=ACDMR -- "$folder"; then exit 0; fi
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
git checkout-index --all --prefix="$staged/"
inside=$staged/${folder#"$root"/}
"$guildhall" check "$inside"
"$guildhall" test "$inside" >"$staged/told" || { cat "$staged/told"; exit 1; }
