#!/bin/sh
# run_gdb.sh VNETSIM SOURCE SCRATCH - run --break-at and --gdb: the place is
# found, told once, and a debugger stops there.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

cp "$src/tests/data/one-connection.scn" one.scn
printf '# Short.\n+1s\n' >short.scn

# Without a debugger it says where it is and goes on; results stay the same.
status 0 "plain" "$v" run one.scn
cp out plain
status 0 "an event" "$v" run --break-at event:40 one.scn
same plain out
has err "--break-at event:40: event 40 at "
status 0 "a time" "$v" run --break-at 1s one.scn
same plain out
at=$(sed -n 's/.*--break-at 1s: event [0-9]* at \([0-9]*\) ns.*/\1/p' err)
if [ "${at:-0}" -lt 1000000000 ] || [ "$at" -ge 2000000000 ]; then
	bad "1 s is reached at '$at' ns"
fi
status 0 "a step" "$v" run --break-at "step:tcp shutdown" one.scn
same plain out
has_re err "^vnetsim: --break-at step:tcp shutdown: event .* step tcp shutdown$"
[ "$(grep -c '^vnetsim: --break-at' err)" -eq 1 ] || bad "it is told twice"
status 0 "never" "$v" run --break-at event:1000000 one.scn
has err "--break-at event:1000000 was not reached"
# Once, although what fails is played again to keep its trace.
status 2 "a failure" "$v" run --break-at event:5 --order interfaces-first \
    --set PEERS=1 "$src/scenarios/teardown/peers-told.scn"
[ "$(grep -c '^vnetsim: --break-at' err)" -eq 1 ] || bad "told in the replay"

for a in event:0 event:x event: step: soon 5 -1s; do
	status 64 "--break-at $a" "$v" run --break-at "$a" one.scn
	has err "no place to stop"
done
status 64 "a wrong step" "$v" run --break-at "step:tcp shutdwn" one.scn
has err "did you mean tcp shutdown?"
status 64 "two scenarios" "$v" run --break-at event:3 one.scn short.scn
has err "one scenario is wanted, there are 2"
status 64 "two scenarios under gdb" "$v" run --gdb one.scn short.scn
status 66 "no scenario under gdb" "$v" run --gdb nosuch.scn

# No debugger at all.
mkdir empty
PATH=$PWD/empty "$v" run --gdb one.scn >out 2>err
[ $? -eq 69 ] || bad "no debugger is not exit 69"
/usr/bin/env grep -q "neither gdb nor lldb" err || bad "no debugger: no word"

need gdb
printf 'int main(void) { return (0); }\n' >t.c
${CC:-cc} -g t.c -o t 2>/dev/null || exit 77
if ! gdb -batch -ex 'break main' -ex run ./t 2>&1 | grep -q '^Breakpoint 1, '
then
	echo "gdb cannot trace here: skipped"
	exit $((fails > 0 ? 1 : 77))
fi
LSAN_OPTIONS=detect_leaks=0
ASAN_OPTIONS=detect_leaks=0
export LSAN_OPTIONS ASAN_OPTIONS

# ours OPTION...: what a user under --gdb sees
ours()
{
	printf 'bt\ncontinue\n' | "$v" run --gdb "$@" >out 2>&1
}

ours --break-at "step:tcp shutdown" one.scn
has_re out "^Breakpoint 1, .*vnetsim_breakpoint"
has out "step tcp shutdown"
# The whole way is on the stack: the record, the scheduler, the scenario.
has out "gdb_trace"
has out "vnetsim_step"
has out "scn_run_step"
has_re out "^ok   one.scn"
has_re out "exited normally"
ours --break-at=event:40 -- one.scn
has out "--break-at event:40: event 40 at "
has_re out "exited normally"
ours one.scn
has_re out "break-at event:1: event 1 at 0 ns"
# Options and words with blanks and quotes arrive as they were.
ours --break-at 1s --set "PEERS=2" --skip "tcp shutdown" \
    "$src/scenarios/teardown/peers-told.scn"
has out "--break-at 1s: event "
has out "FAIL "
# Another debugger: the program stops by itself.
gdb -batch -ex run -ex bt -ex continue --args "$v" run --break-at 1s one.scn \
    >out 2>&1
has out "SIGTRAP"
has out "vnetsim_breakpoint"
finish
