#!/bin/sh
# explore_finds.sh VNETSIM SOURCE SCRATCH - explore finds what it is for: with
# the interfaces first the survivors of a kill are stuck.  They are judged
# after the bound of the close policy, so the end of a world has to wait for
# it before it removes them, too; in the default order nothing is found.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

"$v" explore "$src/bench/e1.scn" --level E1 > good.txt 2> good.err
rc=$?
if [ "$rc" -ne 0 ] || ! grep -q ' 0 findings$' good.txt; then
	echo "top-down: status $rc, expected 0 and no finding"
	cat good.txt good.err
	exit 1
fi
# graceful: the dying one lives nearly as long as the bound; abort: it is gone
# long before
for close in graceful:30s abort:1s; do
	"$v" explore "$src/bench/e1.scn" --level E1 \
	    --order interfaces-first --close "$close" > bad.txt 2> bad.err
	rc=$?
	if [ "$rc" -ne 2 ] || ! grep -q 'wire.stuck.*if shutdown' bad.txt ||
	    grep -q 'wire\.stuck.*\.- ' bad.txt; then
		echo "interfaces-first, $close: status $rc, expected 2 and" \
		    "stuck peers, each with the step that was guilty"
		cat bad.txt bad.err
		exit 1
	fi
done
