#!/usr/bin/env python3
"""check_docs - heads of files, and contracts that match their functions.

Every file starts with a comment of at least three lines.  Every function of
include/vnetsim, and every prototype in src/ that takes ownership (__takes),
has a comment directly above it, and that comment has a Return: unless the
function is void.  A docstring (/** name() - ...) that lists parameters lists
exactly those that the function or macro has; in include/ it has to.

One comment may cover prototypes that stand directly below each other.  A
function that a macro of the same header wraps (m_get, m_get_site) needs no
comment of its own: the macro carries it.
"""
import re
import sys

import clex

TOPS = ("include", "src", "sim", "bench", "examples", "tests")
TITLE = re.compile(r"\A/\*\*\s*\*?\s*((?:\w+\(\)(?:,\s*(?:\*\s*)?)?"
                   r"(?:and\s+)?)+)\s*-")
PARAM = re.compile(r"^\s*\*?\s*@(\w+(?:,\s*@\w+)*|\.\.\.):", re.M)


def check_head(src, found):
    first = src.comments[0] if src.comments else None
    before = src.text.split("/*")[0].strip() if first else "x"
    if before or first.last - first.first + 1 < 3:
        found.add(src.path, 1, "no head comment of three lines or more",
                  "the head of a file is its design document",
                  "say what the file is for, its invariants and limits")


BROKEN = re.compile(r"^ \*[^\s*/]")


def check_broken(src, found):
    """clang-format breaks a long line of a table like this."""
    for c in src.comments:
        for i, line in enumerate(c.text.split("\n")):
            if BROKEN.match(line):
                found.add(src.path, c.first + i, "a broken line of a comment",
                          "clang-format broke a line of over 80 columns",
                          "lay the comment out by hand")


def is_void(f):
    words = [w for w in f.head.split()
             if w not in ("extern", "inline", "static")
             and not w.startswith("__")]
    return words == ["void"] or words == ["_Noreturn", "void"]


def names_documented(comment):
    m = TITLE.match(comment.text)
    return re.findall(r"(\w+)\(\)", m.group(1)) if m else []


def params_documented(comment):
    out = []
    for m in PARAM.finditer(comment.text):
        out += re.findall(r"\w+", m.group(1))
    return out


def covered(f, prototypes, comments):
    """The comment directly above f, or above the prototypes it stands
    below."""
    first = f.first
    while True:
        for c in comments:
            if c.last == first - 1:
                return [c]
        upper = [p for p in prototypes if p.last == first - 1]
        if not upper:
            return []
        first = upper[0].first


def check_contract(src, f, prototypes, macros, found):
    """A prototype that needs a contract has one, with a Return:"""
    wrapped = any(re.search(r"\b" + f.name + r"\b", body)
                  for _, body, _ in macros.values())
    own = [c for c in src.comments if f.name in names_documented(c)]
    # The head of the file is nobody's contract.
    above = covered(f, prototypes, src.comments[1:])
    if wrapped and not own and not above:
        return
    if not own and not above:
        found.add(src.path, f.first, f"{f.name}() has no contract",
                  "callers may rely on nothing but its comment",
                  f"put /** {f.name}() - ... */ directly above")
        return
    text = (own or above)[0].text
    if not is_void(f) and not re.search(r"\breturns?\b", text, re.I):
        found.add(src.path, f.first, f"{f.name}() does not say what it "
                  "returns", "every error and its cause belongs there",
                  "add Return:")


def check_params(src, comment, known, found):
    """A docstring's @names are those of what it documents."""
    names = names_documented(comment)
    said = params_documented(comment)
    have = []
    for name in names:
        if name not in known:
            found.add(src.path, comment.first,
                      f"documents {name}(), which is not in this file",
                      "a docstring stands with its prototype",
                      "rename it, move it or remove it")
            return
        have.append(known[name])
    if not names or (not said and not src.path.startswith("include/")):
        return
    every = {p for params in have for p in params}
    for p in said:
        if p not in every:
            found.add(src.path, comment.first,
                      f"@{p} is no parameter of {names[0]}()",
                      "the docstring and the prototype disagree",
                      f"its parameters are: {', '.join(have[0]) or 'none'}")
    for name, params in zip(names, have):
        for p in params:
            if p not in said:
                found.add(src.path, comment.first,
                          f"parameter {p} of {name}() is not documented",
                          "units and ownership must be said",
                          f"add @{p}:")


def check(root, found):
    for path in clex.tree(root, TOPS):
        src = clex.Source(root, path)
        check_head(src, found)
        check_broken(src, found)
        definitions, prototypes = src.functions()
        macros = src.macros()
        known = {name: params or []
                 for name, (params, _, _) in macros.items()}
        for f in definitions + prototypes:
            known[f.name] = f.params
        for comment in src.comments:
            check_params(src, comment, known, found)
        if not path.endswith(".h"):
            continue
        lines = src.code.splitlines()
        for f in prototypes:
            if f.head.split()[0] == "static":
                continue
            takes = "__takes" in "\n".join(lines[f.first - 1:f.last])
            if path.startswith("include/vnetsim/") or \
                    (path.startswith("src/") and takes):
                check_contract(src, f, prototypes, macros, found)


if __name__ == "__main__":
    sys.exit(clex.main(check, __doc__))
