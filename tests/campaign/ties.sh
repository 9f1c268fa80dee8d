#!/bin/sh
# ties.sh VNETSIM SOURCE SCRATCH - every test of the whole stack passes with all
# ties of inits and ends turned round, too.
set -u
tests=$(dirname "$1")/tests
cd "$3" || exit 1
fails=0
ran=0

for src in "$2"/tests/test_*.c; do
	grep -q '"tests/lib/tstack.h"' "$src" || continue
	name=$(basename "$src" .c)
	# it turns them round itself
	[ "$name" != test_orders ] || continue
	if ! VNETSIM_TEST_TIES=reverse "$tests/$name" >out 2>&1; then
		echo "$name fails with ties turned round"
		tail -n 40 out
		fails=$((fails + 1))
	fi
	ran=$((ran + 1))
done
# The variable does something: that one sees no difference any more.
if VNETSIM_TEST_TIES=reverse "$tests/test_orders" >out 2>&1; then
	echo "VNETSIM_TEST_TIES changes nothing"
	fails=$((fails + 1))
fi
[ "$ran" -ge 12 ] || { echo "only $ran programs"; fails=$((fails + 1)); }
exit $((fails > 0))
