#!/usr/bin/env python3
"""check_layers - includes point down, system headers stay out, doors are few.

Reads layers.txt and doors.txt of the tree's tools/.  Reports an include that
the table does not allow, a header that is written in another way than from
the root of the repository, headers that include each other in a circle,
layers that depend on each other in a circle, system headers that src/ may
not see, and curvnet set outside a door.
"""
import os
import re
import sys

import clex

TOPS = ("include", "src", "sim", "bench", "examples", "tests")
DOOR = re.compile(r"\b(CURVNET_SET|vnet_enter|vnet_switch)\s*\("
                  r"|\b(curvnet|kc_vnet)\s*=(?!=)")


class Layers:
    def __init__(self, root, found):
        self.prefix, self.may, self.system = {}, {}, []
        for n, words in clex.table(root, "tools/layers.txt"):
            if words[0] == "layer":
                self.prefix[words[2]] = words[1]
                self.may[words[1]] = [w for w in words[3:] if w != "-"]
            elif words[0] == "system":
                self.system.append((words[1], words[2:]))
            else:
                found.add("tools/layers.txt", n, f"unknown row {words[0]}",
                          "only layer and system are known", "correct it")
        for name, may in self.may.items():
            for other in may:
                if "/" not in other and other != "*" and \
                        other not in self.may:
                    found.add("tools/layers.txt", 1,
                              f"{name} may include {other}, which is none",
                              "every layer needs a row", "correct the name")

    def of(self, path):
        fits = [p for p in self.prefix if path.startswith(p)]
        return self.prefix[max(fits, key=len)] if fits else None

    def allows(self, layer, header):
        may = self.may[layer]
        return "*" in may or header in may or \
            self.of(header) in may + [layer]

    def allows_system(self, path, name):
        for prefix, names in self.system:
            if path.startswith(prefix):
                return "*" in names or name in names
        return True


def circle(graph):
    """One circle of a graph {node: [nodes]} as a list, or None."""
    state = {}

    def visit(node, way):
        state[node] = 1
        for to in sorted(graph.get(node, ())):
            if state.get(to) == 1:
                return way[way.index(to):] + [to] if to in way else [to, to]
            if to not in state:
                hit = visit(to, way + [to])
                if hit:
                    return hit
        state[node] = 2
        return None

    for node in sorted(graph):
        if node not in state:
            hit = visit(node, [node])
            if hit:
                return hit
    return None


def resolve(root, path, form, name):
    """The file in the tree an include means, or None: a system header."""
    if form == "<":
        inside = "include/" + name
        return inside if name.startswith("vnetsim/") else None
    if os.path.exists(os.path.join(root, name)):
        return name
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    return beside if os.path.exists(os.path.join(root, beside)) else name


def check_include(root, layers, path, where, found):
    """Judge one include; the header it means if it is one of ours."""
    line, form, name = where
    layer = layers.of(path)
    header = resolve(root, path, form, name)
    if header is None:
        if not layers.allows_system(path, name):
            found.add(path, line, f"<{name}> does not belong here",
                      "src/ and include/ are freestanding: no I/O, clock or "
                      "libc beyond the list in tools/layers.txt",
                      "ask the host (vnetsim/host.h), or move it to sim/")
        return None
    if not os.path.exists(os.path.join(root, header)):
        found.add(path, line, f"{name} is not in the tree",
                  "includes are written from the root of the repository",
                  "give the whole path, as in \"src/core/world.h\"")
        return None
    if form == '"' and header.startswith("include/"):
        found.add(path, line, f"public header in quotes: {name}",
                  "an embedder writes <vnetsim/...>, and so do we",
                  f"#include <{header[len('include/'):]}>")
    elif form == '"' and header != name:
        found.add(path, line, f"{name} is relative to this directory",
                  "a reader sees the layer only in a path from the root",
                  f"#include \"{header}\"")
    if layer is not None and not layers.allows(layer, header):
        found.add(path, line, f"{layer} includes {header} "
                  f"({layers.of(header)})",
                  f"{layer} may include only "
                  f"{' '.join(layers.may[layer]) or 'itself'}",
                  "call upward through an ops table, or move the "
                  "declaration down")
        return None
    return header


def check_doors(src, doors, found):
    for m in DOOR.finditer(src.code):
        if src.path in doors:
            return
        found.add(src.path, src.line(m.start()),
                  f"{m.group(1) or m.group(2)} outside a door",
                  "curvnet is set in the files of tools/doors.txt only",
                  "let a door's file enter the vnet and call this one")


def check(root, found):
    layers = Layers(root, found)
    doors = {words[0] for _, words in clex.table(root, "tools/doors.txt")}
    files, edges = {}, {}
    for path in clex.tree(root, TOPS):
        src = clex.Source(root, path)
        if layers.of(path) is None and not path.startswith("tests/"):
            found.add(path, 1, "belongs to no layer",
                      "tools/layers.txt has no row for this path",
                      "move the file, or add a layer and an ADR")
        headers = [check_include(root, layers, path, where, found)
                   for where in src.includes()]
        files[path] = [h for h in headers if h]
        for h in files[path]:
            a, b = layers.of(path), layers.of(h)
            if a != b and a and b:
                edges.setdefault(a, set()).add(b)
        if path.startswith(("src/", "sim/", "include/")):
            check_doors(src, doors, found)
    for graph, what in ((files, "files"), (edges, "layers")):
        hit = circle(graph)
        if hit:
            path = hit[0] if what == "files" else "tools/layers.txt"
            found.add(path, 1, f"{what} include each other in a circle: "
                      + " -> ".join(hit), "a circle has no bottom",
                      "move what both need into a header below both")


if __name__ == "__main__":
    sys.exit(clex.main(check, __doc__))
