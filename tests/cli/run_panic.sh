#!/bin/sh
# run_panic.sh VNETSIM SOURCE SCRATCH - worlds that are lost: a failed assertion,
# fatal signals and an event without end, made by a loadable module
# (tests/data/fault.c), are told with place and cause, kept, and on file.
set -u
v=$1
src=$2
cd "$3" || exit 1
fails=0

bad()
{
	echo "$1"
	cat out err
	fails=$((fails + 1))
}

${CC:-cc} -std=c11 -shared -fPIC -O1 -I"$src/include" \
    "-fmacro-prefix-map=$src/=" -o fault.so "$src/tests/data/fault.c" ||
    exit 77
cat >fault.scn <<'SCN'
# What goes wrong is chosen by KIND, in jail b, one second after the start.
set KIND 1
set VICTIM 0
kldload fault.so
jail -c name=a vnet persist
jail -c name=b vnet persist
jexec b sysctl net.inet.fault.victim=$VICTIM
jexec b sysctl net.inet.fault.kind=$KIND
+2500ms
jail -r a
+3s
SCN
printf '# Short.\nset KIND 0\nset VICTIM 0\n+1s\n' >short.scn
"$v" run --set KIND=0 fault.scn >out 2>err || {
	grep -q "ENOEXEC" out && exit 77 # no dlopen here
	bad "the module alone goes wrong"
}

# lost KIND TEXT...: exit 3, told in text, JUnit and JSON, kept, and readable.
lost()
{
	kind=$1
	shift
	rm -rf vnetsim-out
	"$v" run --set "KIND=$kind" --set VICTIM=1 --junit j.xml --json j.json \
	    fault.scn short.scn >out 2>err
	[ $? -eq 3 ] || bad "kind $kind: a panic is not exit 3"
	for text in "$@"; do
		grep -q "$text" out || bad "kind $kind: not told: $text"
		grep -q "$text" vnetsim-out/fault/report.txt ||
		    bad "kind $kind: not in report.txt: $text"
	done
	grep -q '^ok   short.scn' out || bad "kind $kind: the other one was harmed"
	grep -q '<error type="panic"' j.xml || bad "kind $kind: not in JUnit"
	grep -q '"status":"panic"' j.json || bad "kind $kind: not in JSON"
	grep -q '"dump":"vnetsim-out/fault/world.dump"' j.json ||
	    bad "kind $kind: no dump in JSON"
	[ -s vnetsim-out/fault/capture.pcapng ] || bad "kind $kind: no capture"
	[ -s vnetsim-out/fault/trace.txt ] || bad "kind $kind: no trace"
	# the command that the report gives
	read=$(sed -n 's/^ *read: *vnetsim //p' out)
	[ -n "$read" ] || bad "kind $kind: no command reads the dump"
	eval "\"$v\" $read" >shown 2>why || bad "kind $kind: the dump is not read"
	grep -q "  inside  *an event" shown || bad "kind $kind: not inside an event"
	grep -q "  jail  *b$" shown || bad "kind $kind: not in jail b"
	grep -q "  module  *fault$" shown || bad "kind $kind: not in module fault"
	# twice the same, but for the wall clock
	cp out first
	"$v" run --set "KIND=$kind" --set VICTIM=1 fault.scn short.scn >out 2>err
	cmp -s out first || bad "kind $kind: the second run says something else"
}

where='vnet 2 "b", door time, module fault, event '
lost 1 "panic: $where.*fault 1 was asked for" "event callout fault.tick"
lost 2 "panic: $where"
if "$v" version | grep -q AddressSanitizer; then
	segv=AddressSanitizer
else
	segv=SIGSEGV
	lost 2 "SIGSEGV: a null pointer"
	lost 3 "SIGSEGV by a pointer that is no address"
	lost 4 "SIGSEGV at the end of the stack, an endless recursion"
	lost 5 "$where.*SIGILL"
fi

# A stale store into the memory of a dead vnet: only if that is inaccessible.
if "$v" version | grep -q "with checks"; then
	lost 7 "$where.*$segv: byte 8 of .*prey#.* of vnet 1 \"a\"" \
	    "born at tests/data/fault.c:" "freed at tests/data/fault.c:" \
	    'vnet 1 "a" died at 2.5[0-9]* s, event [0-9]*, phase audit'
fi

# Late inside of an event: the world is saved, what is on the wire is kept.
rm -rf vnetsim-out
"$v" run --set KIND=6 --timeout 1 --junit j.xml fault.scn short.scn >out 2>err
[ $? -eq 124 ] || bad "a late scenario is not exit 124"
grep -q "not finished within --timeout 1" out || bad "late: no reason"
grep -q "dump: *vnetsim-out/fault/world.dump" out || bad "late: no dump"
"$v" inspect -M vnetsim-out/fault/world.dump >shown 2>why ||
    bad "late: the dump is not read"
grep -q "not finished in time" why || bad "late: the dump has no reason"
[ -s vnetsim-out/fault/capture.pcapng ] || bad "late: no capture"
"$v" decode vnetsim-out/fault/capture.pcapng >/dev/null 2>err ||
    bad "late: the capture is broken"
grep -q '^ok   short.scn' out || bad "late: the other one was harmed"

# In this process; and where --dump-dir says.
"$v" run -j 0 --dump-dir d/e fault.scn >out 2>err
[ $? -eq 3 ] || bad "-j 0: not exit 3"
grep -q "^panic: $where" err || bad "-j 0: no text"
grep -q "^dump: d/e/fault.dump" err || bad "-j 0: no dump"
"$v" inspect -M d/e/fault.dump >shown 2>why || bad "-j 0: the dump is not read"
"$v" run -j 2 --dump-dir d/f fault.scn >out 2>err
grep -q "dump: *d/f/fault.dump" out || bad "--dump-dir: not told"
[ -s d/f/fault.dump ] || bad "--dump-dir: no dump"

# Nowhere to write: the panic is told all the same, and nothing about a dump.
: >file
"$v" run --dump-dir file/x fault.scn >out 2>err
[ $? -eq 3 ] || bad "no place for a dump: not exit 3"
grep -q "fault 1 was asked for" out || bad "no place for a dump: no text"
grep -q "dump: " out && bad "a dump is told that is not there"

exit $((fails > 0))
