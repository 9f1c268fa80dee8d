#!/bin/sh
# scenarios_fail.sh VNETSIM SOURCE SCRATCH - each allocation of some scenarios
# fails in turn, once and from then on.  All others: tests/campaign.
#
# net/broadcast: a ping with a packet before it that it has no memory to read
# still ends.
set -u
v=$1
src=$2
cd "$3" || exit 1
ln -s "$src/scenarios" scenarios
fails=0

for f in tcp/active-close teardown/policy-abort net/broadcast; do
	for mode in all all,sticky; do
		if ! "$v" run --timeout 300 --fail-alloc $mode scenarios/$f.scn \
		    >out 2>err; then
			echo "$f --fail-alloc $mode:"
			cat out err
			fails=$((fails + 1))
		fi
		n=$(sed -n 's/.* \([0-9]*\) allocations failed in turn.*/\1/p' \
		    out)
		if [ "${n:-0}" -lt 100 ]; then
			echo "$f --fail-alloc $mode: only ${n:-0} failed"
			fails=$((fails + 1))
		fi
	done
done

# The other direction: a wrong teardown is seen whatever fails.  Where the
# failure leaves no connection there is nobody to be left behind.
seen=0
for n in 170 200 230 260 290
do
	"$v" run --fail-alloc "$n" --order interfaces-first \
	    scenarios/teardown/policy-graceful.scn >out 2>err
	status=$?
	if [ "$status" -eq 2 ] && grep -q 'wire stuck' out; then
		seen=$((seen + 1))
	fi
done
if [ "$seen" -eq 0 ]; then
	echo "interfaces first, an allocation fails: exit $status, not 2"
	cat out err
	fails=$((fails + 1))
fi
exit $((fails != 0))
