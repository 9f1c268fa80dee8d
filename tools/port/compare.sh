#!/bin/sh
# compare.sh OUT NATIVE PROGRAM [ARGUMENT ...] - what two builds of the program
# write is the same, byte for byte: captures, reports, traces, explorations.
#
# NATIVE is the program of this machine; the rest is a command line of the
# other one, which may begin with an emulator.  All paths are absolute.
set -u
LC_ALL=C
export LC_ALL
out=$1
native=$2
shift 2
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 74
rm -rf "$out" && mkdir -p "$out" || exit 74
runs=0

# both NAME ARGUMENT...: run both, each in a directory of its own
both()
{
	name=$1
	shift
	one native "$name" "$@"
	first=$?
	one other "$name" "$@"
	second=$?
	runs=$((runs + 1))
	if [ $first -ne $second ]; then
		echo "$name: exit $first here, $second there"
		tail -n 20 "$out/native/$name/stderr" "$out/other/$name/stderr"
		exit 1
	fi
	case $first in
	0|1|2|3) ;;
	*)
		echo "$name: exit $first"
		tail -n 20 "$out/native/$name/stderr"
		exit 1 ;;
	esac
	# standard error has wall times
	rm -f "$out/native/$name/stderr" "$out/other/$name/stderr"
	# worlds on file have addresses and the byte order of their machine
	diff -r -x '*.dump' "$out/native/$name" "$out/other/$name" \
	    >"$out/differ" && return
	echo "$name differs:"
	head -n 40 "$out/differ"
	exit 1
}

# one SIDE NAME ARGUMENT...
one()
{
	dir=$out/$1/$2
	command=$other
	[ "$1" != native ] || command=$native
	shift 2
	mkdir -p "$dir" && ln -s "$out/scenarios" "$dir/scenarios" || exit 74
	# The words of the command line are those of our caller.
	# shellcheck disable=SC2086
	(cd "$dir" && exec $command "$@") >"$dir/stdout" 2>"$dir/stderr" \
	    </dev/null
	status=$?
	rm "$dir/scenarios"
	return $status
}

other=$*
# Where modules cannot be loaded these scenarios are skipped, and say so.
cp -R "$root/scenarios" "$out/scenarios" || exit 74
# shellcheck disable=SC2086
$other run -j 0 "$out/scenarios/modules" >"$out/modules" 2>&1 </dev/null
if [ $? -eq 77 ]; then
	rm -r "$out/scenarios/modules"
	echo "left out: $(sed -n 's/^skip .*(\(.*\))$/\1/p' "$out/modules")"
fi
for order in top-down freebsd-13 interfaces-first; do
	both "run-$order" run -j 0 --order $order --pcap pcap \
	    --out failed scenarios
	both "order-$order" order --order $order
done
for policy in graceful abort crash; do
	both "run-$policy" run -j 0 --close $policy --seed 7 --pcap pcap \
	    --out failed scenarios
done
both json run -j 0 --json - --shuffle --trace=trace scenarios
both again run -j 0 --again scenarios
both explore explore -j 0 --level E1 scenarios/tcp/active-close.scn
both sweep run -j 0 --fail-alloc all scenarios/tcp/active-close.scn
captures=$(find "$out/native" -name '*.pcapng' | wc -l)
for file in "$out"/native/run-top-down/pcap/*.pcapng; do
	both "decode-$(basename "$file")" decode "$file"
done
frames=$(cat "$out"/native/decode-*/stdout | wc -l)
scenarios=$(find -L "$out/scenarios" -name '*.scn' | wc -l)
if [ "$captures" -lt $((scenarios * 5)) ] || [ "$frames" -lt 1000 ]; then
	echo "only $captures captures of $scenarios scenarios were compared"
	exit 1
fi
echo "$runs runs, $captures captures: the same bytes"
