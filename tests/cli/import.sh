#!/bin/sh
# import.sh VNETSIM SOURCE SCRATCH - a captured connection as a scenario: six
# captures of Linux (tests/data/linux-*.pcap: veth between two network
# namespaces, kernel 6.18, tcpdump -s 128), and the way there and back for each
# scenario with one connection.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

# plays FILE WHAT: it must, and twice the same
plays()
{
	status 0 "$2" "$v" run --again "$1"
}

# --- captures of Linux, either side of them ---
"$v" import "$src/tests/data/linux-rst.pcap" >first.scn 2>err
if grep -q "built without libpcap" err; then
	echo "foreign captures are left out: no libpcap"
else
	while read -r name near text; do
		status 0 "import $name" "$v" import --near "$near" -o "$name.scn" \
		    "$src/tests/data/linux-$name.pcap"
		has "$name.scn" "$text"
		plays "$name.scn" "$name, near side $near"
	done <<'EOF'
active 192.168.7.1 expect near c state TIME_WAIT within 5s
active 192.168.7.2:8080 expect near c state CLOSED within 5s
passive 192.168.7.2 near close c
passive 192.168.7.1 expect near c state CLOSED within 5s
half 192.168.7.1 near shutdown c wr
half 192.168.7.2 near c = accept s
reset 192.168.7.1 expect near c error ECONNRESET within 1s
reset 192.168.7.2 near linger c on 0
rst 192.168.7.1 expect packet epair0a within 5s > R. *
rst 192.168.7.2 expect near c error ECONNRESET within 1s
bulk 192.168.7.1 expect near c state TIME_WAIT within 5s
bulk 192.168.7.2:8080 near recv c
EOF
	# Who closes first is the near side.
	"$v" import "$src/tests/data/linux-passive.pcap" >first.scn
	has first.scn "near s = listen tcp 8080"
	status 0 "explore what was imported" "$v" explore half.scn

	# A near side that does otherwise is noticed.
	sed 's/state TIME_WAIT/state CLOSE_WAIT/' active.scn >planted.scn
	"$v" import --near 192.168.7.1 -o active.scn \
	    "$src/tests/data/linux-active.pcap"
	sed 's/state TIME_WAIT/state CLOSE_WAIT/' active.scn >planted.scn
	status 1 "another state at the end" "$v" run planted.scn
	sed 's/ack 7 /ack 8 /' active.scn >planted.scn
	status 1 "a FIN that is never sent" "$v" run planted.scn
	has out "it acknowledges 8, but only what is before 7 has arrived"

	# Several connections, and one without its beginning.
	a=$src/tests/data/linux-active.pcap
	{ cat "$a"; tail -c +25 "$src/tests/data/linux-half.pcap"; } >two.pcap
	status 0 "--list" "$v" import --list two.pcap
	has_re out '^1 192.168.7.1:[0-9]* > 192.168.7.2:8080 10 segments, closed'
	has_re out '^2 192.168.7.1:[0-9]* > 192.168.7.2:8080 10 segments, closed'
	status 65 "two connections" "$v" import two.pcap
	has err "2 connections; --flow N chooses one"
	status 65 "the third of two" "$v" import --flow 3 two.pcap
	status 0 "the second" "$v" import --flow 2 -o two.scn two.pcap
	plays two.scn "the second of two"
	{ head -c 24 "$a"; tail -c +115 "$a"; } >middle.pcap
	status 65 "without the SYN" "$v" import middle.pcap
	has err "frame 1: the connection's beginning is not in the capture"
	head -c 300 "$a" >cut.pcap
	status 65 "a damaged capture" "$v" import cut.pcap
	has err "behind frame 3: "
	head -c 24 "$a" >none.pcap
	status 65 "no connection" "$v" import none.pcap
	has err "no TCP connection over IPv4 in 0 frames"
	status 64 "no such side" "$v" import --near 10.9.9.9 "$a"
fi
echo "no capture" >bad.pcap
status 65 "no capture" "$v" import bad.pcap
status 66 "no such file" "$v" import nosuch.pcap
status 64 "no file" "$v" import
status 64 "flow 0" "$v" import --flow 0 bad.pcap
status 64 "an unknown option" "$v" import --what bad.pcap

# --- there and back: the same verdict ---
n=0
for f in "$src"/scenarios/tcp/*.scn "$src"/scenarios/teardown/*.scn; do
	name=$(basename "$(dirname "$f")")-$(basename "$f" .scn)
	# one that fails is the business of other tests
	"$v" run --pcap "$name" "$f" >out 2>err || continue
	cap=$(echo "$name"/*.pcapng)
	"$v" import --list "$cap" >flows 2>&1 || continue
	[ "$(wc -l <flows)" -eq 1 ] || continue
	n=$((n + 1))
	status 0 "import $name" "$v" import -o "$name.scn" "$cap"
	plays "$name.scn" "$name, there and back"
done
# A connection that is closed when its vnet ends, and reset by that.
[ "$(awk '/^jail -r near/ { k = NR } / F\. 1:1\(0\) ack 12 / { f = NR }
    END { print (k > 0 && k < f) }' tcp-ask-a-socket.scn)" -eq 1 ] ||
	bad "tcp-ask-a-socket: not killed before the far FIN"
[ "$n" -ge 15 ] || bad "only $n scenarios have one connection"
# A goodbye that is left out is found there and here.
f=$src/scenarios/teardown/policy-graceful.scn
status 2 "without a farewell" "$v" run --skip "tcp farewell" "$f"
has teardown-policy-graceful.scn "jail -r near"
status 2 "without a farewell, imported" \
    "$v" run --skip "tcp farewell" teardown-policy-graceful.scn
finish
