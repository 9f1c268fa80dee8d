#!/bin/sh
# scenarios_demo.sh VNETSIM SOURCE SCRATCH - the demonstration: in the default
# order every peer is told, with the interfaces first none is, and a capture
# says the same offline.
set -u
v=$1
src=$2
cd "$3" || exit 1
ln -s "$src/scenarios" scenarios
scn=scenarios/teardown/peers-told.scn
fails=0

bad()
{
	echo "$*"
	fails=$((fails + 1))
}

# run NAME STATUS OPTION...: a run with a capture
run()
{
	name=$1
	want=$2
	shift 2
	"$v" run "$scn" --pcap "$name" "$@" >"$name.out" 2>"$name.err"
	got=$?
	if [ "$got" -ne "$want" ]; then
		bad "$name: exit $got, not $want"
		cat "$name.out" "$name.err"
	fi
}

# has NAME TEXT
has()
{
	grep -qF -e "$2" "$1.out" || { bad "$1: no '$2':"; cat "$1.out"; }
}

# stuck NAME: peers that the report lists, with their state and the step
stuck()
{
	grep -cE 'peer hub .* stuck in [A-Z_0-9]+: client .* step ' "$1.out"
}

# live NAME: what the wire oracle found during the run, a line each
live()
{
	grep -o '"oracle":"wire"[^}]*"text":"[^"]*"' "$1.json" |
	    sed 's/.*"text":"//; s/"$//' | sort
}

# same NAME: did check-pcap find the same, in the same words?
same()
{
	live "$1" >"$1.live"
	sed -n 's/^finding: //p' "$1.check" | sort >"$1.offline"
	cmp -s "$1.live" "$1.offline"
}

# offline NAME STATUS: check-pcap on the capture
offline()
{
	"$v" check-pcap "$1"/*.pcapng >"$1.check" 2>&1
	got=$?
	[ "$got" -eq "$2" ] || {
		bad "check-pcap $1: exit $got, not $2"
		cat "$1.check"
	}
}

run right 0 --json right.json
has right "20 of 20 peers closed"
grep -q 'finding' right.out && bad "right: a finding"
offline right 0
same right || bad "right: check-pcap finds something else"
# What became of the connections is the same, too: N finned, M reset.
told=$(sed -n 's/.*connections: \([0-9]*\) finned, \([0-9]*\) reset.*the same.*/\1 \2/p' right.out)
read -r finned reset <<EOT
$told
EOT
grep -q "^vnet client .* finned ${finned:-?} reset ${reset:-?} .* stuck 0 " \
    right.check || {
	bad "right: outcomes ($told) are others offline"
	cat right.check
}

run wrong 2 --order interfaces-first --json wrong.json
has wrong "0 of 20 peers closed"
n=$(stuck wrong)
[ "$n" -eq 20 ] || { bad "wrong: $n stuck peers named"; cat wrong.out; }
offline wrong 2
same wrong || bad "wrong: check-pcap finds something else"
[ "$(wc -l <wrong.live)" -eq 20 ] || bad "wrong: not 20 findings"
# The comparison itself: one finding less is a difference.
sed -i.bak '0,/^finding: /{/^finding: /d;}' wrong.check
same wrong && bad "wrong: a missing finding goes unnoticed"

run seven 2 --order interfaces-first --set PEERS=7
has seven "0 of 7 peers closed"
n=$(stuck seven)
[ "$n" -eq 7 ] || { bad "seven: $n stuck peers named"; cat seven.out; }
run seven-told 0 --set PEERS=7
has seven-told "7 of 7 peers closed"

# --- What others say about the capture ------------------------------------

if ! command -v tshark >/dev/null 2>&1; then
	echo "tshark is not installed: frames were not checked by it"
	exit $((fails != 0))
fi

# frames FILE FILTER FIELD: a line per frame
frames()
{
	tshark -r "$1" -n -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
	    -Y "$2" -T fields -e "$3" 2>/dev/null
}

wrongs='_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0'
ends='tcp.flags.fin == 1 || tcp.flags.reset == 1'

for name in right wrong; do
	n=$(frames $name/*.pcapng "$wrongs" frame.number | wc -l)
	[ "$n" -eq 0 ] || bad "$name: tshark dislikes $n frames"
	n=$(frames $name/*.pcapng "tcp" frame.number | wc -l)
	[ "$n" -gt 200 ] || bad "$name: tshark sees only $n segments"
done
n=$(frames right/*.pcapng "$ends" tcp.stream | sort -u | wc -l)
[ "$n" -eq 20 ] || bad "right: FIN or RST in $n streams, not 20"
n=$(frames wrong/*.pcapng "$ends" tcp.stream | sort -u | wc -l)
[ "$n" -lt 20 ] || bad "wrong: FIN or RST in $n streams"

# The filter itself: one flipped byte (the TTL of the 10th frame) is seen.
run classic 0 --pcap-format pcap
file=$(ls classic/*.pcap)
at=$(od -An -v -tu1 -w1 "$file" | awk '
	{ b[NR - 1] = $1 }
	END {
		at = 24
		for (i = 1; i < 10; i++)
			at += 16 + b[at + 8] + 256 * b[at + 9]
		print at + 16 + 14 + 8
	}')
printf '\377' | dd of="$file" bs=1 seek="$at" conv=notrunc 2>/dev/null
n=$(frames "$file" "$wrongs" frame.number | wc -l)
[ "$n" -eq 1 ] || bad "a flipped byte: tshark dislikes $n frames, not 1"
exit $((fails != 0))
