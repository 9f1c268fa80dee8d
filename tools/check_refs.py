#!/usr/bin/env python3
"""check_refs - no bare counters, one writer per state variable.

Reads tools/writers.txt.  A reference is a struct ref with a holder, never a
number that somebody steps; a state variable is assigned in one file, which
asserts that the step is legal.  Initialisers (.t_state = ...) are no
assignments.
"""
import fnmatch
import re
import sys

import clex

TOPS = ("src", "include", "sim")
WORD = r"(?:->|(?<=[\w)\]])\.)\s*(\w+)\b(?:\s*\[[^\]]*\])?"
STEP = re.compile(WORD + r"\s*(\+\+|--|\+=|-=)")
PRESTEP = re.compile(r"(\+\+|--)\s*\(?\s*[\w\[\]]*(?:(?:->|\.)\s*\w+"
                     r"(?:\[[^\]]*\])?)*?" + WORD + r"(?!\s*(?:->|\.|\(|\[))")
ASSIGN = re.compile(WORD + r"\s*((?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)")


def fields(code, patterns):
    """(offset, field) of every match of the patterns"""
    for pattern in patterns:
        for m in pattern.finditer(code):
            for name in m.groups():
                if name and re.match(r"\w", name):
                    yield m.start(), name


def check(root, found):
    rules = []
    for n, words in clex.table(root, "tools/writers.txt"):
        if words[0] not in ("assign", "count") or len(words) < 3:
            found.add("tools/writers.txt", n, "not a rule",
                      "a rule is: assign|count NAME FILE...", "correct it")
            continue
        rules.append((words[0], words[1], words[2:]))
    for path in clex.tree(root, TOPS):
        src = clex.Source(root, path)
        for kind, pattern, files in rules:
            if path in files:
                continue
            how = [STEP, PRESTEP] if kind == "count" else [ASSIGN, PRESTEP]
            for at, name in fields(src.code, how):
                if not fnmatch.fnmatchcase(name, pattern):
                    continue
                if kind == "count":
                    found.add(path, src.line(at), f"{name} is a bare counter",
                              "nobody can tell who holds the reference",
                              "hold a struct ref: ref_take(), ref_drop()")
                else:
                    found.add(path, src.line(at), f"{name} is assigned here",
                              "it has one writer: " + " ".join(files),
                              "call a function of that file")


if __name__ == "__main__":
    sys.exit(clex.main(check, __doc__))
