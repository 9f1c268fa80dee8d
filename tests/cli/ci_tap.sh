#!/bin/sh
# ci_tap.sh VNETSIM SOURCE SCRATCH - run --tap and explore --tap: prove believes
# them, and the YAML blocks say what the other reports say.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

cp "$src/tests/data/one-connection.scn" good.scn
cp good.scn 'odd # 1 \ SKIP.scn'
printf '# Fails.\njail -c name=x vnet persist\nexpect x gone\n' >fails.scn

status 1 "TAP of three" "$v" run --tap good.scn fails.scn 'odd # 1 \ SKIP.scn'
cp out tap
sed -n 1p out >first
printf 'TAP version 13\n' | cmp - first || bad "no version line"
has_re tap '^1\.\.3$'
has_re tap '^not ok 1 - fails\.scn$'
has_re tap '^ok 2 - good\.scn$'
has tap 'ok 3 - odd \# 1 \\ SKIP.scn'
has tap '  message: "fails.scn:3:1: expect x gone: expected jail x gone'
has tap '  severity: "fail"'
has tap '  exit: 1'
has tap '  repeat: "vnetsim run fails.scn"'
status 1 "with workers" "$v" run --tap -j 3 good.scn fails.scn \
    'odd # 1 \ SKIP.scn'
same tap out
status 1 "beside JSON and JUnit" "$v" run --tap --json j.json --junit j.xml \
    good.scn fails.scn 'odd # 1 \ SKIP.scn'
same tap out
status 64 "two documents on standard output" "$v" run --tap --json - good.scn
has err "two documents"
status 64 "the same for explore" "$v" explore --tap --json good.scn
status 2 "a finding" "$v" run --tap --order interfaces-first --set PEERS=2 \
    "$src/scenarios/teardown/peers-told.scn"
has out '  status: "finding"'
status 2 "explore" "$v" explore --tap --order interfaces-first good.scn
has_re out '^not ok 1 - good\.scn$'
has out 'wire.stuck'
cp out tap2
status 0 "explore, nothing wrong" "$v" explore --tap good.scn
has_re out '^ok 1 - good\.scn$'
has_re out '^# E1: '

# The blocks are YAML, whatever a scenario's text holds.
if python3 -c 'import yaml' 2>/dev/null; then
	python3 - tap tap2 <<'PY' || bad "a block is no YAML"
import sys, yaml
for name in sys.argv[1:]:
    lines, n = open(name).read().split("\n"), 0
    while "  ---" in lines:
        a, b = lines.index("  ---"), lines.index("  ...")
        d = yaml.safe_load("\n".join(l[2:] for l in lines[a + 1:b]))
        assert d["severity"] in ("fail", "error") and d["report"], d
        lines, n = lines[b + 1:], n + 1
    assert n == 1, n
PY
fi

need prove
status 0 "prove on what is well" prove -e "$v run --tap" good.scn
has out "Result: PASS"
status 1 "prove on what fails" prove -e "$v run --tap" good.scn fails.scn
has out "Failed 1/1 subtests"
has out "Result: FAIL"
hasnot out "Parse errors"
cat >all.sh <<SH
exec "$v" run --tap good.scn fails.scn 'odd # 1 \\ SKIP.scn'
SH
status 1 "prove on three in one" prove -e sh -v all.sh
has out "Failed test:  1"
hasnot out "Parse errors"
hasnot out "TODO"
cat >none.sh <<SH
for i in 1 2 3 4 5 6; do
	"$v" run --tap --shard \$i/6 good.scn >one.tap || exit
	grep -q '^1\.\.0' one.tap && break
done
cat one.tap
SH
status 0 "prove on a shard without work" prove -e sh none.sh
has out "skipped"
finish
