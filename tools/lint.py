#!/usr/bin/env python3
"""lint - every static check of the tree, each thing checked once.

    format    clang-format agrees
    layers    tools/check_layers.py: includes, system headers, doors
    size      tools/check_size.py: lines a function, lines a file
    docs      tools/check_docs.py: heads of files, contracts
    refs      tools/check_refs.py: counters, single writers
    sections  tools/check_sections.py: no state in objects of src/
    clang     clang -Wall -Wextra -Wpedantic -Werror (gcc: ./dev build)
    tidy      clang-tidy with .clang-tidy
    cppcheck  cppcheck
    shell     shellcheck of dev, .ci/run, tools/*.sh, tests/**/*.sh

All run even if one fails.  A job is one tool on one file, or one tool on the
tree.  What passed is remembered under a hash of everything that the answer
depends on: command, tool version, configuration, the file and all it
includes.  Failures are not remembered.  The cache is a directory of empty
files, $XDG_CACHE_HOME/vnetsim-lint, and may be removed at any time.

Exit status: 0 clean, 1 findings, 69 a tool is missing, 64 usage.
"""
import argparse
import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

import clex

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOPS = ("include", "src", "sim", "bench", "examples", "tests")
INCLUDE_DIRS = ["-I.", "-Iinclude"]
OS_FLAGS = ["-D_DEFAULT_SOURCE=1"] if sys.platform == "linux" else []
KEEP_DAYS = 30


class Hashes:
    """Hashes of files, and of files with all that they include."""

    def __init__(self):
        self.content, self.direct, self.closure = {}, {}, {}

    def of(self, path):
        if path not in self.content:
            try:
                with open(os.path.join(ROOT, path), "rb") as f:
                    data = f.read()
            except (FileNotFoundError, IsADirectoryError):
                data = b"absent"
            self.content[path] = hashlib.sha256(data).hexdigest()
            self.direct[path] = self.ours(path, data)
        return self.content[path]

    @staticmethod
    def ours(path, data):
        """The files of this tree that an include could mean."""
        out = []
        for m in re.finditer(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)',
                             data, re.M):
            name = m.group(1).decode()
            for where in (os.path.dirname(path), "", "include"):
                full = os.path.normpath(os.path.join(where, name))
                if os.path.isfile(os.path.join(ROOT, full)):
                    out.append(full)
                    break
        return out

    def with_includes(self, path):
        if path not in self.closure:
            todo, seen = [path], {path}
            while todo:
                at = todo.pop()
                self.of(at)
                for to in self.direct[at]:
                    if to not in seen:
                        seen.add(to)
                        todo.append(to)
            self.closure[path] = digest(
                f"{p} {self.of(p)}" for p in sorted(seen))
        return self.closure[path]


def digest(parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Cache:
    def __init__(self):
        home = os.environ.get("XDG_CACHE_HOME")
        if not home and os.environ.get("HOME"):
            home = os.path.join(os.environ["HOME"], ".cache")
        for where in ([os.path.join(home, "vnetsim-lint")] if home else []) \
                + [os.path.join(ROOT, "build", ".lint")]:
            try:
                os.makedirs(where, exist_ok=True)
                if os.access(where, os.W_OK):
                    self.where = where
                    break
            except OSError:
                continue
        else:
            self.where = None
        self.expire()

    def expire(self):
        limit = time.time() - KEEP_DAYS * 86400
        for name in os.listdir(self.where) if self.where else []:
            full = os.path.join(self.where, name)
            try:
                if os.stat(full).st_mtime < limit:
                    os.unlink(full)
            except OSError:
                pass

    def knows(self, key):
        if self.where is None:
            return False
        try:
            os.utime(os.path.join(self.where, key))
            return True
        except OSError:
            return False

    def learn(self, key):
        if self.where is not None:
            with open(os.path.join(self.where, key), "w", encoding="ascii"):
                pass


class Job:
    """One command; key is a hash of all that its answer depends on."""

    def __init__(self, check, name, command, inputs):
        self.check, self.name, self.command = check, name, command
        self.key = digest([check] + command + inputs)
        self.status, self.output = None, ""

    def run(self):
        env = dict(os.environ, LC_ALL="C")
        p = subprocess.run(self.command, cwd=ROOT, env=env,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True,
                           errors="replace", check=False)
        self.status = p.returncode
        self.output = p.stdout.replace(ROOT + "/", "")
        return self


def version(tool):
    """What the tool says it is; part of every key."""
    return subprocess.run([tool, "--version"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          check=False).stdout


def third():
    """A directory with uthash.h alone, as the build makes one."""
    for where in filter(None, (os.environ.get("UTHASH_INCLUDE_DIR"),
                               "/usr/include", "/usr/local/include",
                               "/opt/homebrew/include")):
        header = os.path.join(where, "uthash.h")
        if os.path.exists(header):
            to = os.path.join(ROOT, "build", "lint-third")
            os.makedirs(to, exist_ok=True)
            shutil.copy(header, to)
            return ["-isystem", "build/lint-third"]
    return []


def package_flags(*modules):
    """-isystem options of libraries that live outside /usr/include."""
    p = subprocess.run(["pkg-config", "--cflags-only-I"] + list(modules),
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                       text=True, check=False)
    return [w.replace("-I", "-isystem", 1) for w in p.stdout.split()]


def flags_of(path, packages, uthash):
    """How the build compiles a file."""
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic"] + INCLUDE_DIRS
    if not path.startswith("src/"):
        flags += OS_FLAGS + packages
    if path.startswith("tests/"):
        flags += ["-DCMOCKA_NO_DEPRECATION_WARNINGS=1",
                  '-DVNETSIM_SOURCE_DIR="."']
    return flags + uthash


def tree_jobs(h, files):
    """The checks that look at the whole tree at once."""
    tools = clex.tree(ROOT, ("tools",), (".py", ".txt"))
    inputs = [f"{p} {h.of(p)}" for p in files + tools] + [sys.version]
    return [Job(c, "", [sys.executable, f"tools/check_{c}.py"], inputs)
            for c in ("layers", "size", "docs", "refs")]


def format_jobs(h, files):
    inputs = [h.of(".clang-format"), version("clang-format")]
    return [Job("format", p, ["clang-format", "--dry-run", "-Werror", p],
                inputs + [h.of(p)]) for p in files]


def compile_jobs(h, files):
    """sections, clang, tidy and cppcheck: one job a C file each."""
    jobs = []
    uthash = third()
    packages = package_flags("libevent_core", "libpcap", "cmocka")
    cc = os.environ.get("CC") or "cc"
    clang, tidy, cpp = (version(t) for t in ("clang-tidy", "clang-tidy",
                                             "cppcheck"))
    gcc = version(cc.split()[0]) + version("readelf")
    frontend = shutil.which("clang")
    for p in files:
        flags = flags_of(p, packages, uthash)
        deps = [h.with_includes(p), h.of("build/lint-third/uthash.h")]
        if p.startswith("src/"):
            jobs.append(Job("sections", p, [
                sys.executable, "tools/check_sections.py", "--cc", cc,
                "--flags=" + " ".join(uthash), p],
                deps + [gcc, h.of("tools/check_sections.py"),
                        h.of("tools/clex.py")]))
        if frontend:
            jobs.append(Job("clang", p, [
                frontend, "-fsyntax-only", "-Werror"] + flags + [p],
                deps + [clang]))
        tidy_command = ["clang-tidy", "--quiet", p]
        if p.startswith("tests/"):
            tidy_command.append("--checks=-clang-analyzer-*")
        jobs.append(Job("tidy", p, tidy_command + ["--"] + flags,
                        deps + [tidy, h.of(".clang-tidy")]))
        if not p.startswith("tests/"):
            jobs.append(Job("cppcheck", p, cppcheck(p), deps + [cpp]))
    return jobs


def cppcheck(path):
    return ["cppcheck", "--quiet", "--std=c11", "--error-exitcode=1",
            "--enable=warning,performance,portability", "--inline-suppr",
            "--library=posix", "--max-configs=4", "-D__GNUC__=12",
            "-D__linux__=1", "--suppress=missingInclude",
            "--suppress=missingIncludeSystem",
            "--suppress=unmatchedSuppression",
            "--suppress=preprocessorErrorDirective",
            "--template={file}:{line}: {severity}: {message} [{id}]",
            path] + INCLUDE_DIRS


def shell_jobs(h):
    scripts = ["dev", ".ci/run"] + clex.tree(ROOT, ("tools", "tests"),
                                             (".sh",))
    v = version("shellcheck")
    jobs = []
    for p in scripts:
        if not os.path.exists(os.path.join(ROOT, p)):
            continue
        with open(os.path.join(ROOT, p), encoding="utf-8") as f:
            sourced = re.findall(r"^# shellcheck source=(\S+)", f.read(),
                                 re.M)
        jobs.append(Job("shell", p, ["shellcheck", "-x", "-s", "sh", "-f",
                                     "gcc", p],
                        [h.of(p), v] + [h.of(s) for s in sourced]))
    return jobs


def changed():
    """Files that differ from the last commit, or None without git."""
    out = set()
    for command in (["git", "diff", "--name-only", "HEAD"],
                    ["git", "ls-files", "--others", "--exclude-standard"]):
        p = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True, check=False)
        if p.returncode != 0:
            return None
        out.update(p.stdout.split("\n"))
    return out


def run_all(jobs, workers, cache):
    """Run what is not known to pass; the jobs that ran."""
    todo = [j for j in jobs if not cache.knows(j.key)]
    # The long ones first, so that the last minute is not one process.
    todo.sort(key=lambda j: (j.check != "tidy", j.check != "cppcheck"))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for done in pool.map(Job.run, todo):
            if done.status == 0:
                cache.learn(done.key)
    return todo


def keep_log(ran):
    """All that every tool said, with clang-tidy's notes, in build/log."""
    where = os.path.join("build", "log")
    os.makedirs(os.path.join(ROOT, where), exist_ok=True)
    with open(os.path.join(ROOT, where, "lint.log"), "w",
              encoding="utf-8") as f:
        for j in ran:
            f.write(f"$ {' '.join(j.command)}\n{j.output}"
                    f"status {j.status}\n\n")
    return os.path.join(where, "lint.log")


def report(jobs, ran):
    """Findings by check, then one line for each; True if clean."""
    names = list(dict.fromkeys(j.check for j in jobs))
    clean = True
    summary = []
    for name in names:
        mine = [j for j in jobs if j.check == name]
        bad = [j for j in mine if j.status not in (None, 0)]
        if bad:
            clean = False
            print(f"--- {name}")
            shown = set()
            for j in sorted(bad, key=lambda j: j.name):
                for line in essence(j):
                    if line not in shown:
                        print(line)
                        shown.add(line)
        fresh = sum(1 for j in ran if j.check == name)
        summary.append(f"{name:10}{'FAILED' if bad else 'ok':8}"
                       f"{len(mine)} checked, {fresh} anew"
                       + (f", {len(bad)} with findings" if bad else ""))
    print("\n".join(summary))
    return clean


def essence(job):
    """The lines of a job's output that name a place; else all of them."""
    places = [x for x in job.output.splitlines()
              if re.match(r"\S+:\d+:", x)
              and not re.match(r"\S+:\d+:\d+: note:", x)]
    if job.check == "format" and places:
        return [f"{places[0].split(':')[0]}:{places[0].split(':')[1]}: "
                f"{len(places)} places are not laid out as .clang-format "
                f"says; fix: clang-format -i {job.name}"]
    return places or job.output.splitlines() or [
        f"{job.name}: {' '.join(job.command)} ended with status "
        f"{job.status} and said nothing"]


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--changed", action="store_true",
                    help="only files that differ from the last commit")
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--only", help="comma-separated names of checks")
    args = ap.parse_args()
    missing = [t for t in ("clang-format", "clang-tidy", "cppcheck",
                           "shellcheck", "readelf") if not shutil.which(t)]
    if missing:
        print("lint: missing: " + " ".join(missing) +
              "; ./dev lint installs them", file=sys.stderr)
        return 69
    start = time.monotonic()
    h = Hashes()
    files = clex.tree(ROOT, TOPS)
    jobs = tree_jobs(h, files)
    only = changed() if args.changed else None
    one = [p for p in files if only is None or p in only]
    jobs += format_jobs(h, one)
    jobs += compile_jobs(h, [p for p in one if p.endswith(".c")])
    jobs += shell_jobs(h)
    if args.only:
        jobs = [j for j in jobs if j.check in args.only.split(",")]
    ran = run_all(jobs, max(1, args.jobs), Cache())
    log = keep_log(ran)
    clean = report(jobs, ran)
    print(f"lint: {'clean' if clean else 'FAILED'}, "
          f"{time.monotonic() - start:.1f} s, details in {log}")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
