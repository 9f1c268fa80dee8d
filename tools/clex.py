"""clex - just enough C for the checks of this directory.

A Source knows a file three ways: its text; its code, in which comments,
strings and character constants are blanks, so that a word found there is a
word of the program; and its statements, code without preprocessor lines.
All three have the same line numbers.  No preprocessing happens: the checks
are about what is written, not about what it expands to.
"""
import os
import re

TOKEN = re.compile(
    r"(?P<block>/\*.*?(?:\*/|\Z))|(?P<line>//[^\n]*)"
    r"|(?P<string>\"(?:\\.|[^\"\\\n])*\")|(?P<char>'(?:\\.|[^'\\\n])*')",
    re.S)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"]",
                     re.M)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
CPLUSPLUS = re.compile(r"^[ \t]*#[ \t]*ifdef[ \t]+__cplusplus\b.*?"
                       r"^[ \t]*#[ \t]*endif[^\n]*", re.M | re.S)
DEFINE = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^)]*\))?((?:[^\n]*\\\n)*[^\n]*)",
    re.M)


def blank(text):
    """The same number of characters and lines, nothing in them."""
    return re.sub(r"[^\n]", " ", text)


class Comment:
    def __init__(self, text, first, last):
        self.text, self.first, self.last = text, first, last


class Function:
    """A definition or a prototype; params are names in order."""

    def __init__(self, name, head, params, first, body, last):
        self.name, self.head, self.params = name, head, params
        self.first, self.body, self.last = first, body, last


class Source:
    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding="utf-8",
                  errors="replace") as f:
            self.text = f.read()
        self.comments = []
        self.code = TOKEN.sub(self._token, self.text)
        self.statements = DIRECTIVE.sub(
            lambda m: blank(m.group()),
            CPLUSPLUS.sub(lambda m: blank(m.group()), self.code))

    def _token(self, m):
        text = m.group()
        if m.lastgroup == "block":
            first = self.text.count("\n", 0, m.start()) + 1
            self.comments.append(
                Comment(text, first, first + text.count("\n")))
        if m.lastgroup in ("string", "char"):
            return text[0] + " " * (len(text) - 2) + text[-1]
        return blank(text)

    def line(self, offset):
        return self.code.count("\n", 0, offset) + 1

    def includes(self):
        """(line, form, name); form is < or a quote"""
        return [(self.line(m.start(1)), m.group(1), m.group(2))
                for m in INCLUDE.finditer(self.text)
                if "#" in self.code[m.start():m.start(1)]]

    def macros(self):
        """name -> (parameters or None, body, line)"""
        out = {}
        for m in DEFINE.finditer(self.code):
            params = None
            if m.group(2) is not None:
                params = [p.strip() for p in m.group(2)[1:-1].split(",")]
                params = [p for p in params if p and p != "..."]
            out[m.group(1)] = (params, m.group(3), self.line(m.start(1)))
        return out

    def functions(self):
        """(definitions, prototypes) at file scope"""
        code = self.statements
        definitions, prototypes = [], []
        depth, start, opened = 0, 0, None
        for i, c in enumerate(code):
            if c == "{":
                if depth == 0:
                    opened = i
                depth += 1
            elif c == "}" and depth > 0:
                depth -= 1
                if depth == 0:
                    f = parse(code, start, opened)
                    if f:
                        f.body, f.last = self.line(opened), self.line(i)
                        f.first = self.line(f.first)
                        definitions.append(f)
                        start = i + 1
            elif c == ";" and depth == 0:
                f = parse(code, start, i)
                if f:
                    f.first, f.last = self.line(f.first), self.line(i)
                    prototypes.append(f)
                start = i + 1
        return definitions, prototypes


HEAD = re.compile(r"\s*((?:[\w*]+[\s*]+)+?)(\w+)\s*\(")
NOT_HEADS = ("typedef", "return", "else", "_Static_assert")


def parse(code, start, end):
    """The function that code[start:end] declares, or None."""
    m = HEAD.match(code, start, end)
    if m is None or "=" in code[start:m.end()]:
        return None
    words = m.group(1).split()
    if words[0] in NOT_HEADS or m.group(2) == "__attribute__":
        return None
    close = balanced(code, m.end() - 1, end)
    if close is None or "=" in code[close:end]:
        return None
    return Function(m.group(2), m.group(1).strip(),
                    parameters(code[m.end():close]), m.start(1), None, None)


def balanced(code, at, end):
    """The offset of the parenthesis that closes the one at code[at]."""
    depth = 0
    for i in range(at, end):
        if code[i] == "(":
            depth += 1
        elif code[i] == ")":
            depth -= 1
            if depth == 0:
                return i
    return None


def parameters(text):
    """The names in a parameter list, in order."""
    parts, depth, last = [], 0, ""
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            parts.append(last)
            last = ""
        else:
            last += c
    parts.append(last)
    names = []
    for part in parts:
        pointer = re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)", part)
        if pointer:
            names.append(pointer.group(1))
            continue
        words = [w for w in re.findall(r"\w+", re.sub(r"\[.*", "", part))
                 if not w.startswith("__")]
        if words and words != ["void"]:
            names.append(words[-1])
    return names


def tree(root, tops, suffixes=(".c", ".h")):
    """Paths of the files below the given directories, sorted."""
    out = []
    for top in tops:
        for where, dirs, files in os.walk(os.path.join(root, top)):
            dirs[:] = [d for d in dirs if not d.startswith(".")]
            for name in files:
                if name.endswith(suffixes):
                    out.append(os.path.relpath(os.path.join(where, name),
                                               root))
    return sorted(out)


def table(root, path):
    """Rows of words of a table in tools/, with their line numbers."""
    rows = []
    try:
        with open(os.path.join(root, path), encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                words = line.split("#")[0].split()
                if words:
                    rows.append((n, words))
    except FileNotFoundError:
        pass
    return rows


class Findings:
    """What a check found: file:line: what; why; how to fix."""

    def __init__(self):
        self.count = 0

    def add(self, path, line, what, why, fix):
        print(f"{path}:{line}: {what}; {why}; fix: {fix}")
        self.count += 1


def main(check, doc):
    """Run check(root, findings) for the tree given as --root or argument."""
    import argparse
    ap = argparse.ArgumentParser(description=doc.splitlines()[0])
    ap.add_argument("--root", default=os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), help="the tree (default: this one)")
    found = Findings()
    check(ap.parse_args().root, found)
    return 1 if found.count else 0
