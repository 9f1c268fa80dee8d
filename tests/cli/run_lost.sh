#!/bin/sh
# run_lost.sh VNETSIM SOURCE SCRATCH - a scenario that is late, one whose worker
# is killed, and an interrupted run.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

# A gigabyte through a jail takes longer than a second.
cat >slow.scn <<'SCN'
# Busy for a long time.
ifconfig epair create
jail -c name=a vnet persist vnet.interface=epair0a
jail -c name=b vnet persist vnet.interface=epair0b
jexec a ifconfig epair0a inet 10.0.0.1/24 up
jexec b ifconfig epair0b inet 10.0.0.2/24 up
b srv = listen tcp 80
a cli = connect tcp 10.0.0.2 80
b acc = accept srv
b recv acc all
a send cli 1000000000
a:two c2 = connect tcp 10.0.0.2 80
run
expect b acc received 1000000000 within 100min
SCN
printf '# Short.\n+1s\n' >short.scn

"$v" run --timeout 1 --events 1000000000 --junit j.xml slow.scn short.scn \
    >out 2>err
[ $? -eq 124 ] || bad "a late scenario is not exit 124"
grep -q "^FAIL slow.scn" out || bad "the late one is not told"
grep -q "not finished within --timeout 1" out || bad "no reason"
grep -q "^ok   short.scn" out || bad "the other one was harmed"
grep -q '<error type="timeout"' j.xml || bad "JUnit does not tell"
# It was played again; the capture is whole as far as it goes.
has out "kept:   vnetsim-out/slow/"
status 0 "the capture of a late scenario" \
    "$v" check-pcap vnetsim-out/slow/capture.pcapng
has out "the record has no end"
has_re out "^frames [1-9][0-9]*: tcp"
# So is the one that was asked for.
status 124 "late, with --pcap" "$v" run --timeout 1 --events 1000000000 \
    --pcap cap slow.scn
status 0 "the capture that was asked for" "$v" check-pcap cap/slow.pcapng
has_re out "^frames [1-9][0-9]*: tcp"

# What is repeated is what was asked for: here no allocation comes that far.
status 124 "late, with --fail-alloc" "$v" run --timeout 1 \
    --events 1000000000 --fail-alloc 9999999,sticky slow.scn
has_re out "repeat: vnetsim run slow.scn .*--fail-alloc 9999999,sticky$"

# The worker is shot: the scenario fails, the next one runs.
"$v" run --events 1000000000 slow.scn short.scn >out 2>err &
pid=$!
child=
n=0
while [ -z "$child" ] && [ $n -lt 100000 ]; do
	for stat in /proc/[0-9]*/stat; do
		read -r p rest 2>/dev/null <"$stat" || continue
		case $rest in
		*") "?" $pid "*) child=$p ;;
		esac
	done
	n=$((n + 1))
	[ -d /proc/self ] || break
done
if [ -n "$child" ]; then
	kill -KILL "$child"
	wait $pid
	[ $? -eq 3 ] || bad "a crash is not exit 3"
	grep -q "the simulator crashed" out || bad "the crash is not told"
	grep -q "^ok   short.scn" out || bad "the crash harmed the other one"
else
	wait $pid
fi

# An interrupted run ends its workers and says so.
"$v" run --events 1000000000 slow.scn >out 2>err &
pid=$!
n=0
while [ $n -lt 200 ]; do n=$((n + 1)); done
kill -TERM $pid
wait $pid
[ $? -ge 128 ] || bad "an interrupted run looks complete"

finish
