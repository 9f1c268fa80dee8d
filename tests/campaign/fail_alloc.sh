#!/bin/sh
# fail_alloc.sh VNETSIM SOURCE SCRATCH - each allocation of each scenario fails
# in turn, once and from then on, until there is none left to fail: no panic,
# no finding, and a call that failed has changed nothing.
set -u
v=$1
src=$2
cd "$3" || exit 1
ln -s "$src/scenarios" scenarios
fails=0

find -L scenarios -name '*.scn' | LC_ALL=C sort >list
while read -r f; do
	# All six situations of a connection, once each; else what the head of
	# a large one says for explore.
	set -- "$f"
	if grep -q '^set PEERS' "$f"; then
		set -- --set PEERS=6 "$f"
	else
		small=$(sed -n 's/^# explore: set \([A-Z]*\) \([0-9]*\)$/\1=\2/p' \
		    "$f")
		[ -z "$small" ] || set -- --set "$small" "$f"
	fi
	for mode in all all,sticky; do
		if ! "$v" run --timeout 1800 --fail-alloc $mode "$@" \
		    >out 2>err; then
			echo "$f --fail-alloc $mode:"
			cat out err
			fails=$((fails + 1))
		fi
		n=$(sed -n 's/.* \([0-9]*\) allocations failed in turn.*/\1/p' \
		    out)
		echo "$f --fail-alloc $mode: ${n:-0} allocations"
		if [ "${n:-0}" -lt 50 ]; then
			echo "that is too few"
			fails=$((fails + 1))
		fi
	done
done <list
exit $((fails != 0))
