#!/usr/bin/env python3
"""check_sections - src/ keeps no state of its own.

Compiles the given C files and looks at the sections of the objects: nothing
may lie in .data, .bss, .tdata, .tbss or be common, except the thread-local
pointer kctx.  By section and not by the letter of nm: under PIE a constant
table of pointers is .data.rel.ro and shows as D.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

import clex

ALLOWED = {"kctx"}
WRITABLE = re.compile(r"\.(data|bss|tdata|tbss|sdata|sbss)(\.|$)")


def is_state(section):
    return WRITABLE.match(section) and \
        not section.startswith(".data.rel.ro")


def read_object(path):
    """(sections {index: (name, size)}, symbols [(name, index, size)])"""
    text = subprocess.run(["readelf", "-W", "-S", "-s", path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    sections, symbols = {}, []
    for line in text.splitlines():
        m = re.match(r"\s*\[\s*(\d+)\]\s+(\S+)\s+\S+\s+\S+\s+\S+\s+(\S+)",
                     line)
        if m:
            sections[m.group(1)] = (m.group(2), int(m.group(3), 16))
        m = re.match(r"\s*\d+:\s+\S+\s+(\d+|0x\S+)\s+(OBJECT|TLS|COMMON)\s+"
                     r"\S+\s+\S+\s+(\S+)\s+(\S+)", line)
        if m:
            symbols.append((m.group(4), m.group(3), int(m.group(1), 0)))
    return sections, symbols


def line_of(root, path, name):
    """Where a variable stands in its file, as well as text can tell."""
    src = clex.Source(root, path)
    m = re.search(r"\b" + re.escape(name.split(".")[0]) +
                  r"\b[^;{()]*[;=\[{]", src.statements)
    return src.line(m.start()) if m else 1


def judge(root, path, obj, found):
    sections, symbols = read_object(obj)
    seen = {}
    for name, index, size in symbols:
        section = "COMMON" if index == "COM" else \
            sections.get(index, ("", 0))[0]
        if section != "COMMON" and not is_state(section):
            continue
        seen[section] = seen.get(section, 0) + size
        if name not in ALLOWED:
            found.add(path, line_of(root, path, name),
                      f"{name} lies in {section}",
                      "all mutable state belongs to a world, so that it can "
                      "be saved, restored and audited",
                      "make it const, or a member of world or module state")
    for name, size in sections.values():
        if is_state(name) and size > 0 and name not in seen:
            found.add(path, 1, f"{size} bytes without a name in {name}",
                      "all mutable state belongs to a world",
                      "make it const")


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--root", default=os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    ap.add_argument("--cc", default=os.environ.get("CC") or "cc")
    ap.add_argument("--flags", default="", help="more compiler options")
    ap.add_argument("files", nargs="*", help="default: all of src/")
    args = ap.parse_args()
    found = clex.Findings()
    files = args.files or clex.tree(args.root, ("src",), (".c",))
    with tempfile.TemporaryDirectory() as tmp:
        for path in files:
            obj = os.path.join(tmp, "x.o")
            subprocess.run(
                shlex.split(args.cc) + ["-std=c11", "-O2", "-fPIC", "-w", "-I.",
                                        "-Iinclude"]
                + shlex.split(args.flags) + ["-c", "-o", obj, path],
                check=True, cwd=args.root)
            judge(args.root, path, obj, found)
    return 1 if found.count else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as e:
        sys.exit(f"check_sections: {e}")
