#!/bin/sh
# order_diff.sh VNETSIM SOURCE SCRATCH - order --diff: what moved, is missing,
# was added, and at which slots; with changes; text and JSON; exit status.
set -u
v=$1
cd "$3" || exit 1
fails=0

bad()
{
	echo "$1"
	cat out err
	fails=$((fails + 1))
}

# differ STATUS OPTION...
differ()
{
	want=$1
	shift
	"$v" order "$@" >out 2>err
	got=$?
	[ $got -eq "$want" ] || bad "order $*: exit $got, not $want"
}

# has PATTERN WHAT
has()
{
	grep -Eq -e "$1" out || bad "$2"
}

# Equal orders: nothing to say.
for o in top-down freebsd-13 freebsd-9 interfaces-first; do
	differ 0 "$o" --diff "$o"
	[ ! -s out ] || bad "$o differs from itself"
	differ 0 --order "$o" --diff "$o" --json
	has '"moved":0,"missing":0,"added":0,"slots":0' "$o: counted"
done

# One skipped step is there in the other only; a repeated one here only.
differ 1 --skip "tcp shutdown" --diff top-down
has '^--- top-down \(changed\)$' "the changed side is not named"
has '^\+ +- +[0-9]+  tcp shutdown ' "what was skipped is not told"
has '^0 moved, 0 missing, 1 added, 0 at another slot$' "not one change"
[ "$(grep -c '^[-+<>~] ' out)" -eq 1 ] || bad "more than one change"
differ 1 --repeat "tcp shutdown" --diff top-down
has '^- +[0-9]+ +-  tcp shutdown ' "what runs twice is not told"
has '^0 moved, 1 missing, 0 added, 0 at another slot$' "not one change"
differ 1 --move "udp shutdown,socket shutdown" --diff top-down
has '^< +6 +[0-9]+  udp shutdown ' "not moved from its new place"
has '^> +6 +[0-9]+  udp shutdown ' "not moved to its place"
has '^1 moved, 0 missing, 0 added, 0 at another slot$' "not one move"
differ 1 --swap "tcp uninit,ip uninit" --diff top-down
has '^2 moved, 0 missing, 0 added' "a swap is not two moves"
differ 1 freebsd-13 --force --diff freebsd-13
has '^\+ +- +2  wait ' "--force: the wait is not told"
differ 1 freebsd-13 --ties reverse --diff freebsd-13
has '^[<>] .*  (tcp|udp) end ' "ties: tcp and udp are where they were"

# Two kernels: slots of both.
differ 1 freebsd-13 --diff freebsd-9
has '^> +[0-9]+ +[0-9]+  lo end +SI_SUB_INIT_IF/SI_ORDER_SECOND -> SI_SUB_PROTO_IFATTACHDOMAIN/SI_ORDER_ANY$' \
    "lo0 does not go first"
has '^- +[0-9]+ +-  vnet_ether_pfil_uninit ' "9 has a vnet_ether_pfil_uninit"
has '^\+ +- +[0-9]+  flowtable_uninit +SI_SUB_KTHREAD_INIT' "no flowtable"
has '^~ .*  igmp end +SI_SUB_PROTO_MC/SI_ORDER_ANY -> SI_SUB_PSEUDO/' \
    "igmp did not change its slot"
cp out text
differ 1 freebsd-9 --diff freebsd-13
sum()
{
	tail -n 1 "$1" | tr -dc '0-9 ' | tr -s ' '
}
# shellcheck disable=SC2046 # three numbers each
set -- $(sum text) $(sum out)
[ "$1 $2 $3" = "$5 $7 $6" ] || bad "the other way: other counts"

if command -v python3 >/dev/null 2>&1; then
	differ 1 freebsd-13 --diff freebsd-9 --json
	python3 - <<'P' || bad "JSON and text do not agree"
import json, re
d = json.load(open("out"))
n = [int(x) for x in re.findall(r"\d+", open("text").read().splitlines()[-1])]
kinds = [s["change"] for s in d["steps"]]
assert [d[k] for k in ("moved", "missing", "added", "slots")] == n
assert [kinds.count(k) for k in ("moved", "missing", "added", "slot")] == n
for s in d["steps"]:
    assert ("a" in s) == (s["change"] != "added")
    assert ("b" in s) == (s["change"] != "missing")
P
fi

differ 64 top-down --diff nosuch
differ 64 nosuch --diff top-down
differ 64 top-down --diff top-down --dot
differ 64 top-down freebsd-9
differ 64 top-down --order top-down
differ 64 --ties sideways
exit $((fails > 0))
