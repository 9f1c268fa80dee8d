#!/usr/bin/env python3
"""md2mdoc.py - man/vnetsim-scenario.5 from docs/SCENARIOS.md.

The page of the language exists once, as Markdown; this writes the same as
mdoc(7): headings, paragraphs, lists, tables, code.  What it does not know it
refuses, so that nothing of the page can get lost unseen.

usage: md2mdoc.py [--check] SOURCE PAGE
"""

import os
import re
import sys
import textwrap

HEAD = r""".\" Made from docs/SCENARIOS.md by tools/md2mdoc.py: ./dev man
.Dd November 21, 2026
.Dt VNETSIM-SCENARIO 5
.Os vnetsim
.Sh NAME
.Nm vnetsim-scenario
.Nd language of scenarios for simulated network stacks
"""

TAIL = r""".Sh SEE ALSO
.Xr vnetsim 1
"""

GLYPHS = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha",
          "~": r"\(ti"}


def literal(text):
    """Text that has to come out byte for byte."""
    text = "".join(GLYPHS.get(c, c) for c in text.expandtabs(8))
    return "\\&" + text if text[:1] in (".", "\\") else text


def plain(text):
    text = text.replace("\\", r"\e").replace("FreeBSD", r"Free\&BSD")
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text)


def spans(text):
    """Prose with `code` and **strong** in it."""
    out = []
    for i, part in enumerate(re.split(r"`([^`]+)`", text)):
        if i % 2:
            out.append("\\fB" + "".join(GLYPHS.get(c, c) for c in part)
                       + "\\fR")
        else:
            out.append(re.sub(r"\*\*([^*]+)\*\*", r"\\fI\1\\fR", plain(part)))
    return "".join(out)


def prose(lines):
    """A paragraph: each sentence begins a line, as mdoc wants it."""
    text = " ".join(line.strip() for line in lines)
    code = re.findall(r"`[^`]+`", text)
    text = re.sub(r"`[^`]+`", "\0", text)
    text = re.sub(r"([.?!]\)?) +(?=\S)", r"\1\n", text)
    code.reverse()
    text = re.sub("\0", lambda m: code.pop(), text)
    out = []
    for line in text.split("\n"):
        for piece in textwrap.wrap(spans(line), 76, break_long_words=False,
                                   break_on_hyphens=False):
            out.append("\\&" + piece if piece[:1] in (".", "'") else piece)
    return out


def table(lines, out):
    rows = [[c.strip().replace("\\|", "|") for c in
             re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            for line in lines]
    if len(rows) < 3 or any(len(row) < 2 for row in rows):
        sys.exit("md2mdoc: not a table: " + lines[0])
    out.append(".Bl -tag -width Ds")
    for row in rows[2:]:
        out.append(".It " + spans(row[0]))
        out.extend(prose([" | ".join(row[1:])]))
    out.append(".El")


def bullets(lines, out):
    items = []
    for line in lines:
        if line.startswith("* "):
            items.append([line[2:]])
        else:
            items[-1].append(line)
    out.append(".Bl -bullet")
    for item in items:
        out.append(".It")
        out.extend(prose(item))
    out.append(".El")


def heading(line, out):
    level, title = line.split(" ", 1)
    if level in ("##", "###"):
        out.append(".Ss " + spans(title))
    else:
        sys.exit("md2mdoc: a heading of this kind is unknown: " + line)


def code(lines, i, out):
    out.append(".Bd -literal -offset indent")
    i += 1
    while not lines[i].startswith("```"):
        out.append(literal(lines[i]))
        i += 1
    out.append(".Ed")
    return i + 1


def convert(text):
    lines = text.split("\n")
    if not lines[0].startswith("# "):
        sys.exit("md2mdoc: the page does not begin with its title")
    out = [".Sh DESCRIPTION"]
    i = 1
    while i < len(lines):
        line = lines[i]
        if not line.strip():
            i += 1
            continue
        if not line.startswith(("#", "```", "* ", "|")) and \
                out[-1][:3] not in (".Sh", ".Ss"):
            out.append(".Pp")
        if line.startswith("#"):
            heading(line, out)
            i += 1
        elif line.startswith("```"):
            i = code(lines, i, out)
        else:
            block = []
            while i < len(lines) and lines[i].strip() and \
                    not lines[i].startswith(("#", "```")):
                block.append(lines[i])
                i += 1
            if line.startswith("|"):
                table(block, out)
            elif line.startswith("* "):
                bullets(block, out)
            else:
                out.extend(prose(block))
    return HEAD + "\n".join(out) + "\n" + TAIL


def main(argv):
    check = argv[1:2] == ["--check"]
    if len(argv) != 3 + check:
        sys.exit(__doc__)
    source, page = argv[1 + check:]
    with open(source, encoding="utf-8") as f:
        new = convert(f.read())
    if check:
        with open(page, encoding="utf-8") as f:
            if f.read() != new:
                sys.exit("%s is not what %s says: run ./dev man"
                         % (page, source))
        return
    with open(page + ".new", "w", encoding="utf-8") as f:
        f.write(new)
    os.replace(page + ".new", page)


main(sys.argv)
