#!/usr/bin/env python3
"""check_size - 60 lines a function, 500 lines a file.

A function counts from its opening to its closing brace.  Waivers stand in
tools/budget.txt with a reason; one that nobody needs any more is reported.
Tests may be longer files, but not longer functions.
"""
import sys

import clex

FUNCTION, FILE = 60, 500
TOPS = ("src", "sim", "include", "bench", "examples", "tests")


def waivers(root, found):
    out = {}
    for n, words in clex.table(root, "tools/budget.txt"):
        key, need = None, 0
        if words[0] == "function":
            key, need = tuple(words[:3]), 3
        elif words[0] == "file":
            key, need = tuple(words[:2]), 2
        if key is None or len(words) < need + 2 or \
                not words[need].isdigit():
            found.add("tools/budget.txt", n, "not a waiver",
                      "a waiver is: function PATH NAME LINES reason, or "
                      "file PATH LINES reason", "complete it")
            continue
        out[key] = [int(words[need]), n, False]
    return out


def check(root, found):
    waived = waivers(root, found)

    def judge(key, path, line, size, limit, what, fix):
        if size <= limit:
            return
        w = waived.get(key)
        if w:
            w[2] = True
            limit = w[0]
        if size > limit:
            found.add(path, line, f"{what} has {size} lines",
                      f"the limit is {limit}",
                      fix + ", or argue for it in tools/budget.txt")

    for path in clex.tree(root, TOPS):
        src = clex.Source(root, path)
        if not path.startswith("tests/"):
            judge(("file", path), path, 1, src.text.count("\n"), FILE,
                  "the file", "split it: one idea a file")
        for f in src.functions()[0]:
            judge(("function", path, f.name), path, f.first,
                  f.last - f.body + 1, FUNCTION, f.name + "()",
                  "split it: a step of it has a name")
    for key, (_, n, used) in waived.items():
        if not used:
            found.add("tools/budget.txt", n,
                      "waiver without need: " + " ".join(key),
                      "the budget may only go down", "remove the line")


if __name__ == "__main__":
    sys.exit(clex.main(check, __doc__))
