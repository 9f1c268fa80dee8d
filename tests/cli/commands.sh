#!/bin/sh
# docs/COMMANDS.md: a row for each command, and its examples as they print.
#
# Numbers and the width of gaps are not compared: columns are test_netcmd's.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
doc=$src/docs/COMMANDS.md
mark="sysctl -d net.inet.ip.ttl"

sed -n 's/^	{ "\([a-z]*\)", [a-z_]*, SCN_CMD,.*/\1/p' "$src/sim/scn_stmt.c" \
    >verbs
[ "$(wc -l <verbs)" -ge 20 ] || bad "the table of verbs cannot be read"
while read -r verb; do
	grep -q "^| \`$verb\` |" "$doc" || bad "no row for $verb"
done <verbs

# The world, then each command behind a mark.
awk -v mark="$mark" '
	/^```scn$/ && !world { world = on = 1; next }
	/^```console$/ { on = 2; next }
	/^```/ { on = 0 }
	on == 1 { print }
	on == 2 && /^# / { print mark; print substr($0, 3) }
	END { print mark }' "$doc" >body
{ printf '# commands\n#\n# as documented\n'; cat body; } >doc.scn
status 0 "the examples" "$v" run -v --dump-dir . doc.scn
sed -n 's/^     | //p' out >printed

# What each printed, between the marks, holds the lines of the document.
awk '
	function plain(s) {
		gsub(/[0-9]+/, "N", s)
		gsub(/[ \t]+/, " ", s)
		sub(/ $/, "", s)
		return s
	}
	FNR == NR {
		if ($0 ~ /^net[.]inet[.]ip[.]ttl: /)
			n++
		else
			seen[n, plain($0)] = 1
		next
	}
	/^```console$/ { on = 1; next }
	/^```/ { on = 0 }
	!on { next }
	/^# / { k++; cmd = substr($0, 3); next }
	/^\.\.\.$/ { next }
	!((k, plain($0)) in seen) {
		print cmd ": does not print: " $0
		wrong = 1
	}
	{ lines++ }
	END {
		if (n != k + 1) {
			print n " marks, " k " commands"
			wrong = 1
		}
		if (lines < 50) {
			print "only " lines " lines compared"
			wrong = 1
		}
		exit wrong
	}' printed "$doc" >differ || bad "COMMANDS.md: $(cat differ)"

# 64 at once, and one more.
{
	printf '# taps\n#\n# many\nifconfig lo0 inet 127.0.0.1/8 up\n'
	printf 'repeat 64 { tcpdump -i lo0 }\n'
	printf 'expect fails ENOSPC tcpdump -i lo0\nping -c 1 127.0.0.1\n'
	printf 'expect tcpdump 0 lo0 2\n'
} >many.scn
status 0 "64 taps" "$v" run many.scn
status 0 "64 taps, explored" "$v" explore many.scn

if ! "$v" version | grep -q libpcap; then
	echo "filters are left out: no libpcap"
	finish
fi

# Several at once see no more than one alone; -w is a capture of what was seen.
cat >cap.scn <<'X'
# taps
#
# a capture
ifconfig epair create
jail -c name=a vnet persist vnet.interface=epair0a
ifconfig epair0b inet 10.0.0.2/24 up
jexec a tcpdump -w in.pcapng -i epair0a icmp
jexec a tcpdump -w two.pcapng -c 2 -i epair0a icmp
tcpdump -w wire.pcapng -i epair0 icmp
jexec a ifconfig epair0a inet 10.0.0.1/24 up
ping -c 3 10.0.0.1
expect tcpdump a epair0a 2
expect tcpdump 0 epair0 6
expect fails ENXIO tcpdump -i epair7
X
status 0 "captures" "$v" run -v --dump-dir . cap.scn
has out "6 packets captured"
for f in in:6 two:2 wire:6; do
	"$v" decode "cap.${f%:*}.pcapng" >out 2>err
	[ "$(grep -c icmp out)" -eq "${f#*:}" ] || bad "${f%:*}: not ${f#*:} frames"
done

# A mistake in a filter is told before anything runs.
printf '# f\n# f\n# f\ntcpdump -i lo0 tcp prot 80\n' >bad.scn
"$v" run bad.scn >out 2>err
[ $? -eq 65 ] || bad "a bad filter is not exit 65"
grep -q "bad.scn:4:16: the filter: " err || bad "a bad filter is not told"
finish
