#!/bin/sh
# scenarios_run.sh VNETSIM SOURCE SCRATCH - every scenario of the tree passes
# plain, twice with the same bytes, with the free pass shuffled; a directory
# with one bad scenario does not.
set -u
v=$1
src=$2
cd "$3" || exit 1
ln -s "$src/scenarios" scenarios
want=$(find -L scenarios -name '*.scn' | wc -l)
fails=0

# all WHAT OPTION...: every scenario passes
all()
{
	what=$1
	shift
	if ! "$v" run "$@" scenarios >out 2>err; then
		echo "$what: not all pass"
		cat out err
		fails=$((fails + 1))
	fi
	got=$(grep -c '^ok   scenarios/' out)
	if [ "$got" -ne "$want" ]; then
		echo "$what: $got of $want scenarios passed"
		fails=$((fails + 1))
	fi
}

[ "$want" -ge 14 ] || { echo "only $want scenarios"; fails=1; }
all plain
cp out plain
all again --again
all shuffled --shuffle
for seed in 2 3 4 7 9 12345; do
	all "shuffled, seed $seed" --shuffle --seed $seed
done
all workers -j 2
cmp plain out || { echo "two workers, another report"; fails=1; }

# Every scenario says what a reader should believe, and on whose authority.
find -L scenarios -name '*.scn' >list
while read -r f; do
	if ! sed -n '/^#/!q;p' "$f" |
	    grep -Eq 'RFC [0-9]+|FreeBSD|DESIGN [0-9]'; then
		echo "$f: no source in its head"
		fails=$((fails + 1))
	fi
	name=${f#scenarios/}
	if ! grep -qF "$name" scenarios/README.md; then
		echo "$name is not in scenarios/README.md"
		fails=$((fails + 1))
	fi
done <list

# The other direction: one claim turned round in one of them is seen.
mkdir bad
cp -R "$src/scenarios/lib" "$src/scenarios/tcp" bad
sed 's/^\(expect client cli state\) TIME_WAIT/\1 CLOSED/' \
    scenarios/tcp/active-close.scn >bad/tcp/active-close.scn
"$v" run bad >out 2>err
status=$?
if [ "$status" -ne 1 ] || ! grep -q '^FAIL bad/tcp/active-close.scn' out ||
    ! grep -q ' passed, 1 failed, 0 skipped' out; then
	echo "a false claim about a state: exit $status, not 1"
	cat out err
	fails=$((fails + 1))
fi
sed 's/^\(expect packet epair0a > F. 1:1(0) ack\) 1$/\1 3/' \
    scenarios/tcp/active-close.scn >bad/tcp/active-close.scn
"$v" run bad/tcp/active-close.scn >out 2>err
status=$?
if [ "$status" -ne 1 ] || ! grep -q 'ack 3' out; then
	echo "a false claim about a packet: exit $status, not 1"
	cat out err
	fails=$((fails + 1))
fi
exit $((fails != 0))
