#!/bin/sh
# compilers.sh VNETSIM SOURCE SCRATCH - programs built with gcc and with clang
# write the same captures and reports, byte for byte, for every scenario, also
# where the teardown goes wrong.  Worlds on file hold addresses (docs/DUMP.md).
set -u
src=$2
cd "$3" || exit 1
here=$(pwd)
fails=0

for cc in gcc clang; do
	command -v $cc >/dev/null 2>&1 || { echo "no $cc"; exit 77; }
done
# The preset of the tree is not used: nothing but the compiler may differ.
for cc in gcc clang; do
	if ! { cmake -S "$src" -B build-$cc -DCMAKE_BUILD_TYPE=Release \
	    -DCMAKE_C_COMPILER=$cc -DBUILD_TESTING=OFF &&
	    cmake --build build-$cc --target vnetsim_cli -j 2; } \
	    >build-$cc.log 2>&1; then
		echo "$cc: no program"
		tail -n 40 build-$cc.log
		exit 1
	fi
done

# both NAME OPTION...: run all scenarios with both, compare all they write
both()
{
	name=$1
	shift
	for cc in gcc clang; do
		mkdir -p "$cc/$name"
		(
			cd "$cc/$name" || exit 1
			ln -s "$src/scenarios" scenarios
			"$here/build-$cc/vnetsim" run --pcap pcap \
			    --json report.json --junit report.xml \
			    --trace=trace.txt "$@" scenarios \
			    >report.txt 2>/dev/null
			echo "exit $?" >status
		)
	done
	n=$(find "gcc/$name/pcap" -type f | wc -l)
	echo "$name: $n captures, $(cat "gcc/$name/status")"
	[ "$n" -ge 14 ] || { echo "too few"; fails=$((fails + 1)); }
	diff -r --no-dereference -x '*.dump' "gcc/$name" "clang/$name" ||
	    fails=$((fails + 1))
}

both plain
both seed --seed 12345 --shuffle
both interfaces-first --order interfaces-first
both freebsd-13 --order freebsd-13 --force
[ "$(cat gcc/plain/status)" = "exit 0" ] ||
    { echo "not all scenarios pass"; fails=$((fails + 1)); }
[ "$(cat gcc/interfaces-first/status)" = "exit 2" ] ||
    { echo "interfaces first has no findings"; fails=$((fails + 1)); }

# The other direction: another seed is another capture.
diff -r gcc/plain/pcap gcc/seed/pcap >/dev/null &&
    { echo "the comparison sees nothing"; fails=$((fails + 1)); }
exit $((fails != 0))
