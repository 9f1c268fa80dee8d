#!/bin/sh
# port_workflow.sh VNETSIM SOURCE SCRATCH - the workflows of .github parse, may
# only read, and name verbs of ./dev that exist.
set -u
src=$2
cd "$3" || exit 1
command -v python3 >/dev/null 2>&1 || { echo "python3 is missing"; exit 77; }
python3 -c 'import yaml' 2>/dev/null || { echo "python3-yaml is missing"; exit 77; }

cat >check.py <<'EOT'
import re
import sys
import yaml

verbs = set(sys.argv[1].split())
bad = []


def expand(line, matrix):
    """A command line for each value of the matrix."""
    m = re.search(r"\$\{\{\s*matrix\.(\w+)\s*\}\}", line)
    if not m:
        return [line]
    if m.group(1) not in matrix:
        return [line.replace(m.group(0), "?")]
    return [x for v in matrix[m.group(1)]
            for x in expand(line.replace(m.group(0), v), matrix)]


def job(name, j):
    n = 0
    if not j.get("timeout-minutes"):
        bad.append("%s has no limit of time" % name)
    matrix = j.get("strategy", {}).get("matrix", {})
    for step in j["steps"]:
        if re.search(r"@(main|master|latest)$", step.get("uses", "")):
            bad.append("%s uses %s" % (name, step["uses"]))
        if step.get("uses", "").startswith("actions/cache@"):
            if "hashFiles(" not in step["with"]["key"]:
                bad.append("%s caches by a key without content" % name)
        for line in expand(step.get("run", ""), matrix):
            for verb in re.findall(r"\./dev\s+(\S+)", line):
                n += 1
                if verb not in verbs:
                    bad.append("%s: ./dev has no verb '%s'" % (name, verb))
    if n == 0:
        bad.append("%s runs nothing of ./dev" % name)


for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as f:
        flow = yaml.safe_load(f)
    if flow.get("permissions") != {"contents": "read"}:
        bad.append("%s may do more than read" % path)
    for name, j in flow["jobs"].items():
        if "permissions" in j:
            bad.append("%s has permissions of its own" % name)
        job(name, j)
print("\n".join(bad))
sys.exit(len(bad) > 0)
EOT

verbs=$("$src/dev" help | awk '/^  [a-z0-9]+ / { print $1 }')
case " $(printf "%s" "$verbs" | tr "\n" " ") " in
*" test "*" s390x "*) ;;
*) echo "./dev help lists: $verbs"; exit 1 ;;
esac
# What help lists is what runs.
for verb in $verbs; do
	grep -q "^verb_$verb()" "$src/dev" "$src"/tools/port/verbs.sh ||
	    [ "$verb" = help ] || { echo "verb_$verb is missing"; exit 1; }
done

python3 check.py "$verbs" "$src"/.github/workflows/*.yml || exit 1

# The other direction.
sed 's/verb: \[test, asan\]/verb: [test, assan]/' \
    "$src/.github/workflows/ci.yml" >wrong.yml
python3 check.py "$verbs" wrong.yml >said && { echo "a wrong verb passes"; exit 1; }
grep -q "no verb 'assan'" said || { cat said; exit 1; }
sed 's/contents: read/contents: write/' "$src/.github/workflows/ci.yml" \
    >wrong.yml
python3 check.py "$verbs" wrong.yml >said && { echo "any right passes"; exit 1; }
sed 's/key: npm-.*/key: npm/' "$src/.github/workflows/ci.yml" >wrong.yml
python3 check.py "$verbs" wrong.yml >said && { echo "any key passes"; exit 1; }
exit 0
