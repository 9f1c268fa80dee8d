#!/bin/sh
# run_modes.sh VNETSIM SOURCE SCRATCH - --again, --fail-alloc, --kill, --until,
# captures and traces.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

cp "$src/tests/data/one-connection.scn" one.scn
status 0 "--again" "$v" run --again --shuffle one.scn
status 0 "--fail-alloc all" "$v" run --fail-alloc all one.scn
has_re out "[0-9][0-9]* allocations failed in turn"
status 0 "--fail-alloc 5" "$v" run --fail-alloc 5 one.scn
status 64 "--fail-alloc 0" "$v" run --fail-alloc 0 one.scn
status 64 "--fail-alloc x,y" "$v" run --fail-alloc 3,y one.scn

status 0 "--kill" "$v" run --kill a@60 one.scn
status 1 "--kill of nobody" "$v" run --kill nosuch@3 one.scn
status 64 "--kill without event" "$v" run --kill a one.scn
status 0 "--until" "$v" run --until 100ms one.scn
status 0 "--until event" "$v" run --until event:40 one.scn
status 64 "--until nonsense" "$v" run --until soon one.scn

status 0 "captures" "$v" run --pcap cap --trace=trace.txt one.scn
[ -s cap/one.pcapng ] || { echo "no capture"; fails=$((fails + 1)); }
[ -s trace.txt ] || { echo "no trace"; fails=$((fails + 1)); }
status 0 "check-pcap" "$v" check-pcap cap/one.pcapng
has_re out "^0 findings"
cp cap/one.pcapng first.pcapng
status 0 "captures again" "$v" run --pcap cap one.scn
cmp first.pcapng cap/one.pcapng || fails=$((fails + 1))
status 0 "another seed" "$v" run --seed 99 --pcap cap one.scn
cmp -s first.pcapng cap/one.pcapng && { echo "the seed changes nothing"; fails=1; }
status 0 "classic pcap" "$v" run --pcap cap --pcap-format pcap one.scn
[ -s cap/one.pcap ] || { echo "no classic capture"; fails=$((fails + 1)); }

# The live findings and those of the capture are the same.
status 2 "stuck" "$v" run --order interfaces-first --set PEERS=3 --pcap cap \
    "$src/scenarios/teardown/peers-told.scn"
status 2 "check-pcap of it" "$v" check-pcap cap/peers-told.pcapng
has_re out "^3 findings"

# Output that cannot be written.
if [ -w /dev/full ]; then
	status 74 "a full disk" "$v" run --junit /dev/full one.scn
	has err "No space left"
	"$v" run one.scn >/dev/full 2>err
	[ $? -eq 74 ] || { echo "a full standard output is ignored"; fails=1; }
fi
status 74 "no such directory" "$v" run --json nosuch/dir/x one.scn

finish
