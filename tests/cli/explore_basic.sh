#!/bin/sh
# explore_basic.sh VNETSIM SOURCE SCRATCH - explore: every obligation is done or
# infeasible, a planted fault is found, and the repeat command finds it again.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

cp "$src/tests/data/one-connection.scn" one.scn
"$v" explore --level E1 one.scn >out 2>err || bad "a good scenario has findings"
grep -q "^E1: [1-9][0-9]* of [0-9]* obligations done" out || bad "no totals"
grep -q "schedules in" err || bad "no speed"
cp out serial
"$v" explore -j 2 one.scn >out 2>err || bad "-j 2 has findings"
cmp out serial || bad "-j 2 says something else"

# Obligations add up: events x jails.
sed -n 's/.*  \([0-9]*\) obligations (\([0-9]*\) jails, .*: \([0-9]*\) done, \([0-9]*\) infeasible.*/\1 \2 \3 \4/p' out >sums
read -r total jails ended infeasible <sums
[ $((ended + infeasible)) -eq "$total" ] ||
    bad "$ended done and $infeasible infeasible are not $total"
[ "$jails" -eq 2 ] || bad "$jails jails, not 2"

# A planted fault: interfaces first leaves peers stuck.
"$v" explore --order interfaces-first -j 2 one.scn >out 2>err
[ $? -eq 2 ] || bad "interfaces-first has no finding"
grep -q "wire.stuck" out || bad "nobody is stuck"
cmd=$(sed -n 's/^ *repeat: vnetsim //p' out | grep -e --kill | head -n 1)
[ -n "$cmd" ] || cmd=$(sed -n 's/^ *repeat: vnetsim //p' out | head -n 1)
eval "\"$v\" $cmd" >out 2>err
[ $? -eq 2 ] || bad "the repeat command finds nothing: $cmd"

# A skipped shutdown is found by its consequence.
"$v" explore --skip "tcp shutdown" one.scn >out 2>err
[ $? -eq 2 ] || bad "skipping a shutdown is not found"

"$v" explore --order interfaces-first --json one.scn >out 2>err
if command -v python3 >/dev/null 2>&1; then
	python3 -m json.tool <out >/dev/null || bad "no JSON"
fi
"$v" explore --level E9 one.scn >out 2>err
[ $? -eq 64 ] || bad "a wrong level is taken"
printf 'jial\n' >bad.scn
"$v" explore bad.scn >out 2>err
[ $? -eq 65 ] || bad "a bad scenario is explored"

finish
