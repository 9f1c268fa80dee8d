#!/bin/sh
# kld_flow.sh VNETSIM SOURCE SCRATCH - examples/subsystem: built against
# include/ in an empty directory and nothing else, it is loaded into living
# stacks and goes without a trace; its two planted faults are found and named
# by run, at unload and at the end of a jail, and by explore.
set -u
v=$1
src=$2
cd "$3" || exit 1
: "${CC:=cc}"
fails=0
bad()
{
	echo "$*"
	fails=$((fails + 1))
}

mkdir tree
cp -R "$src/include" tree/include
cp "$src/examples/subsystem/flow.c" "$src"/examples/subsystem/*.scn tree
cd tree || exit 1
[ "$(wc -l <flow.c)" -lt 150 ] || bad "flow.c has 150 lines or more"

# object FILE CC [OPTION...]
object()
{
	file=$1 cc=$2
	shift 2
	"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror -shared -fPIC -g \
	    -I include "$@" -o "$file" flow.c || exit 1
}

# fine WHAT ARGUMENT...: it passes
fine()
{
	what=$1
	shift
	"$v" "$@" >out 2>err && return
	bad "$what: exit $?"
	cat out err
}

# found WHAT FILE ARGUMENT...: exit 2, and each line of FILE is in the report
found()
{
	what=$1 file=$2
	shift 2
	"$v" "$@" >out 2>err
	status=$?
	[ $status -eq 2 ] || bad "$what: exit $status, not 2"
	while read -r line; do
		grep -qF -e "$line" out || bad "$what: no '$line'"
	done <"$file"
	[ $fails -eq 0 ] || cat out err
}

for cc in "$CC" gcc clang; do
	command -v "$cc" >/dev/null || continue
	object flow.so "$cc"
	fine "$cc" run flow.scn
done
object flow.so "$CC"
fine again run --again flow.scn flow-jail.scn
fine shuffled run --shuffle flow.scn flow-jail.scn
fine workers run -j 2 flow.scn flow-jail.scn
fine "in this process" run -j 0 flow.scn flow-jail.scn flow.scn
fine explore explore -j 2 flow.scn flow-jail.scn
grep -q ' 0 findings' out || { bad "explore found something"; cat out; }

# The same bytes wherever it was built and lies.
fine "capture here" run --pcap here flow.scn
mkdir -p ../other/place
cp flow.c flow.scn ../other/place
(
	cd ../other/place || exit 1
	"$CC" -std=c11 -shared -fPIC -O2 -I "$src/include" -o flow.so flow.c
	"$v" run --pcap there flow.scn >out 2>err
)
cmp here/flow.pcapng ../other/place/there/flow.pcapng ||
    bad "the capture depends on where the module lies"

object leak.so "$CC" -DPLANT_LEAK
object late.so "$CC" -DPLANT_LATE_CALLOUT
born=$(grep -n 'uma_zalloc' flow.c | cut -d: -f1)
echo "flow.c:$born" >leak.txt
echo "flow of module flow is left" >>leak.txt
echo "callout flow.expire of module flow" >late.txt
# Its types, its state and its objects are seen from outside, in the living
# world, and in a dump by a process that has never seen the module.
cat >inside.scn <<'EOT'
# What can be seen of a module.
kldload flow.so
jail -c name=a vnet persist
jexec a ifconfig lo0 inet 127.0.0.1/8 up
jexec a ping -c 1 127.0.0.1
expect output "flow " inspect
expect output "V_flow" inspect
expect output "flow.expire" inspect callouts
inspect flow
dump world.dump
kldunload flow
expect no output "flow.expire" inspect callouts
expect no output "flow#" inspect flow
EOT
fine inside run -v inside.scn
sed -n 's/^     | \(flow#.*\)/\1/p' out >live
grep -q "@1 .*flow.c:" live || { bad "not in inspect"; cat out; }
rm -f flow.so
fine "inspect -M" inspect -M vnetsim-out/inside/world.dump flow
grep -F 'flow#' out | cmp - live || bad "inspect -M differs"
object flow.so "$CC"

# The smallest scenario in which the module has something to lose.
cat >unload.scn <<'EOT'
# Unloaded with entries in its table.
set KLD flow.so
kldload $KLD
jail -c name=a vnet persist
jexec a ifconfig lo0 inet 127.0.0.1/8 up
jexec a ping -c 1 127.0.0.1
expect sysctl a net.inet.flow.count 1
kldunload flow
jail -r a
EOT
sed 's/^kldunload.*//' unload.scn >jail.scn
sed 's/^jail -r.*//' jail.scn >world.scn
fine "the smallest" run unload.scn jail.scn world.scn
fine memory run --fail-alloc all unload.scn jail.scn
for order in freebsd-13 freebsd-9 interfaces-first; do
	fine "$order" run --order $order unload.scn jail.scn world.scn
done
for fault in leak late; do
	for scn in unload jail world flow flow-jail; do
		found "$fault, $scn.scn" $fault.txt \
		    run --set KLD=$fault.so $scn.scn
	done
	for scn in unload jail; do
		found "$fault, explore $scn.scn" $fault.txt \
		    explore -j 2 --set KLD=$fault.so $scn.scn
	done
done
exit $((fails != 0))
