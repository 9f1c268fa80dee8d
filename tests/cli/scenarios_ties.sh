#!/bin/sh
# scenarios_ties.sh VNETSIM SOURCE SCRATCH - every scenario passes with the
# ties of inits and ends turned round, too; and in each order, with a kill
# after each event, the ties make no difference to what is found.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
ln -s "$src/scenarios" scenarios
nscn=$(find -L scenarios -name '*.scn' | wc -l)

for opts in "" "--again" "--shuffle --seed 5" "-j 2"; do
	# shellcheck disable=SC2086
	status 0 "ties reverse $opts" "$v" run --ties reverse $opts scenarios
	[ "$(grep -c '^ok   scenarios/' out)" -eq "$nscn" ] ||
	    bad "ties reverse $opts: not all of $nscn passed"
done

# The ties do something: inits and ends come in another order.
"$v" run --ties name --trace=name.txt scenarios/tcp/active-close.scn >out 2>err
"$v" run --ties reverse --trace=reverse.txt scenarios/tcp/active-close.scn \
    >out 2>err
for t in name reverse; do
	grep -o ' step [a-z]* uninit' $t.txt | sort >$t.uninit
	grep -o ' step [a-z]* uninit' $t.txt | head -n 1 >$t.first
done
cmp name.uninit reverse.uninit || bad "ties change which steps run"
cmp -s name.first reverse.first && bad "ties do not change the free pass"

# found FILE ORDER TIES: keys of what explore finds
found()
{
	case $2 in
	*--force)	set -- "$1" "${2% --force}" "$3" --force ;;
	esac
	o=$2
	t=$3
	f=$1
	shift 3
	"$v" explore "$src/bench/e1.scn" scenarios/interfaces \
	    scenarios/tcp/half-close.scn --order "$o" --ties "$t" "$@" \
	    >out 2>err
	[ $? -le 2 ] || bad "explore --order $o --ties $t fails"
	grep -o '^ *[a-z]*\.[a-z-]*\..* ([0-9]* schedules*)$' out |
	    sed 's/ ([0-9]* schedules*)$//' | sort -u >"$f"
}

for order in top-down interfaces-first freebsd-13 "freebsd-13 --force" \
    freebsd-9 "freebsd-9 --force"; do
	found name.keys "$order" name
	found reverse.keys "$order" reverse
	cmp name.keys reverse.keys || bad "$order: ties make a difference"
	# nothing but peers that were not told, and 13.0's counters of TCP
	grep -v -e '^ *wire\.stuck\.' name.keys >rest.keys
	if [ "$order" = "freebsd-13 --force" ]; then
		grep -q '^ *order.late-use.tcpstat' rest.keys ||
		    bad "$order: the counters are not found"
		[ "$(wc -l <rest.keys)" -eq 1 ] || bad "$order: more is found"
	else
		[ ! -s rest.keys ] || bad "$order: more is found"
	fi
	# each stuck peer names the step that was guilty
	! grep '\.-$' name.keys || bad "$order: nobody is guilty"
	case $order in
	top-down)	[ ! -s name.keys ] || bad "$order: something is found" ;;
	*)		[ -s name.keys ] || bad "$order: nothing is found" ;;
	esac
done
finish
