#!/bin/sh
# run_basic.sh VNETSIM SOURCE SCRATCH - run: results, exit statuses, what is
# kept, and that the order of the report does not depend on -j.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

mkdir -p d/sub
cp "$src/tests/data/one-connection.scn" d/b.scn
printf '# Fails.\njail -c name=x vnet persist\nexpect x gone\n' >d/sub/a.scn
printf '# Not a scenario.\n' >d/readme.txt
printf 'jial -c\n+1lightyear\n' >bad.scn
printf '+1h\n' >bad2.scn

status 0 "one good scenario" "$v" run d/b.scn
has out "ok   d/b.scn  ("
has out "1 passed, 0 failed, 0 skipped"
has out "1 finned, 0 reset, 0 abandoned"
[ ! -e vnetsim-out ] || { echo "a green run keeps files"; fails=1; }

status 1 "a failing claim" "$v" run d
has out "FAIL d/sub/a.scn"
has out "d/sub/a.scn:3:1: expect x gone"
has out "expected jail x gone, it is alive"
has out "repeat: vnetsim run d/sub/a.scn"
has out "kept:   vnetsim-out/a/"
has out "1 passed, 1 failed, 0 skipped"
for f in capture.pcapng trace.txt report.txt; do
	[ -s "vnetsim-out/a/$f" ] || { echo "no $f"; fails=$((fails + 1)); }
done
has vnetsim-out/a/report.txt "FAIL d/sub/a.scn"
cp out serial
status 1 "the same with workers" "$v" run -j 3 d
cmp -s out serial || { echo "-j 3 prints something else"; fails=1; }
status 1 "the same in one process" "$v" run -j0 d
cmp -s out serial || { echo "-j 0 prints something else"; fails=1; }

status 2 "interfaces first" "$v" run --order interfaces-first --set PEERS=7 \
    "$src/scenarios/teardown/peers-told.scn"
has out "7 stuck"
has out 'because of step "if shutdown"'
status 0 "top down" "$v" run --set PEERS=7 \
    "$src/scenarios/teardown/peers-told.scn"
has out "7 of 7 peers closed"

status 65 "errors in two files" "$v" run bad.scn bad2.scn d/b.scn
has err "bad.scn:1:1:"
has err "bad.scn:2:1:"
has err "bad2.scn:1:1:"
[ ! -s out ] || { echo "something ran"; fails=$((fails + 1)); }
status 66 "a missing file" "$v" run d/b.scn nosuch.scn
has err "nosuch.scn"
status 64 "nothing to run" "$v" run
status 64 "an unknown option" "$v" run --ordr top-down d/b.scn
has err "did you mean --order?"
status 64 "an unknown order" "$v" run --order topdown d/b.scn
has err "did you mean top-down?"
status 64 "an unknown step" "$v" run --skip "tcp shutdwn" d/b.scn
has err "no such step"
status 64 "--force without a wait" "$v" run --force d/b.scn
status 64 "a missing value" "$v" run d/b.scn --seed
status 64 "a bad number" "$v" run --seed seven d/b.scn
status 64 "an unknown command" "$v" rnu d/b.scn
has err "did you mean run?"
status 5 "a small budget" "$v" run --events 30 d/b.scn
status 0 "a list" "$v" run --list d
has out "d/b.scn"
has out "One connection is closed by its client"
status 0 "a filter" "$v" run --filter 'b.s*' d
has out "1 passed, 0 failed"
status 66 "a filter without a match" "$v" run --filter 'nothing*' d
status 0 "help" "$v" help run
status 0 "version" "$v" version
has out "libevent"

finish
