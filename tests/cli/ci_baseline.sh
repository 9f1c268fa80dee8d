#!/bin/sh
# ci_baseline.sh VNETSIM SOURCE SCRATCH - known findings: what is excused, what
# is new, expired or stale; errors with line and column; run, explore and
# check-pcap.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

# One finding and no claim about it.
sed -e 's/^set PEERS 20/set PEERS 3/' -e '/^expect peers/d' -e '/^expect .*find/d' \
    "$src/scenarios/teardown/peers-told.scn" >stuck.scn
cp "$src/tests/data/one-connection.scn" good.scn
first=--order=interfaces-first
day=2026-06-30

# run: new without a baseline, known with the skeleton that it wrote.
status 2 "new" "$v" run "$first" stuck.scn good.scn --baseline-write known \
    --today "$day"
has known '"wire.stuck.-.-.-.if shutdown" 2026-07-30 TODO'
[ "$(grep -c '^[^#]' known)" -eq 1 ] || bad "not one entry for one key"
sed -i.bak 's/TODO.*/bug 17, fixed in July/' known
status 0 "known" "$v" run "$first" stuck.scn good.scn --baseline known \
    --today "$day" --json j.json --junit j.xml
has out "ok   stuck.scn"
has out "known: wire.stuck.-.-.-.if shutdown (3 findings) until 2026-07-30: bug 17, fixed in July"
has_re out "^2 passed, 0 failed, 0 skipped$"
has_re out "^3 known findings (baseline)$"
hasnot err "warning"
has j.json '"exit":0'
has j.json '"known":3,'
has j.json '"known":true}'
hasnot j.json '"known":false}'
hasnot j.xml '<error'
[ ! -d vnetsim-out/good ] || bad "a known finding keeps files"
cp out one
status 0 "with workers" "$v" run -j 2 "$first" stuck.scn good.scn \
    --baseline known --today "$day"
same one out
status 0 "as TAP" "$v" run --tap "$first" stuck.scn good.scn \
    --baseline known --today "$day"
has_re out "^ok 2 - stuck.scn$"
has_re out "^# 3 known findings (baseline)$"

# Its last day is the last one; then it is new, and named.
status 0 "on the last day" "$v" run "$first" stuck.scn --baseline known \
    --today 2026-07-30
status 2 "a day later" "$v" run "$first" stuck.scn --baseline known \
    --today 2026-07-31
has err "known:4: expired on 2026-07-30, counts as new: wire.stuck"
has out "finding: wire stuck: 3 peers"
has out "known until 2026-07-30 (known:4): bug 17, fixed in July"
hasnot out "known findings"

# An entry without the step holds for every step; a wrong step does not hold.
printf 'wire.stuck.-.-.- 2027-01-01 all of them\n' >any
status 0 "without the step" "$v" run "$first" stuck.scn --baseline any \
    --today "$day"
printf '"wire.stuck.-.-.-.tcp shutdown" 2027-01-01 another step\n' >other
status 2 "another step" "$v" run "$first" stuck.scn --baseline other --today "$day"
has err "warning: other:1: stale: nothing matches wire.stuck.-.-.-.tcp shutdown"
status 0 "stale only" "$v" run good.scn --baseline other --today "$day"
has err "warning: other:1: stale"
status 0 "a shard cannot tell what is stale" "$v" run good.scn \
    --baseline other --today "$day" --shard 1/1
hasnot err "stale"

# What is not in the baseline stays new beside what is.
status 2 "one known, one new" "$v" run --skip "tcp shutdown" "$first" stuck.scn \
    --baseline known --today "$day"
has out "known findings (baseline)"
# A failed claim is no finding.
printf '# Fails.\nexpect findings 1\n' >fails.scn
status 1 "a claim" "$v" run "$first" stuck.scn fails.scn --baseline known \
    --today "$day"

# A new file keeps reason and day of what is known and still holds.
status 2 "written again" "$v" run --skip "tcp shutdown" "$first" stuck.scn \
    --baseline known --baseline-write again --today 2026-07-01
has again '"wire.stuck.-.-.-.if shutdown" 2026-07-30 bug 17, fixed in July'
has again '2026-07-31 TODO'
status 0 "and read" "$v" run --skip "tcp shutdown" "$first" stuck.scn \
    --baseline again --today 2026-07-01
has err "no reason yet"

# explore
status 2 "explore, new" "$v" explore "$first" good.scn --today "$day" \
    --baseline-write ex
has ex '"wire.stuck.-.-.-.if shutdown" 2026-07-30 TODO'
status 0 "explore, known" "$v" explore "$first" good.scn --baseline known \
    --today "$day"
has_re out "^ok   good.scn"
has_re out ", 0 findings$"
has_re out "^1 known finding (baseline)$"
status 2 "explore, expired" "$v" explore "$first" good.scn --baseline known \
    --today 2027-01-01
has err "known:4: expired on 2026-07-30"
status 0 "explore, stale" "$v" explore good.scn --baseline known --today "$day"
has err "known:4: stale"
status 2 "explore, another" "$v" explore "$first" --skip "tcp shutdown" good.scn \
    --baseline known --today "$day"
has_re out "^FAIL good.scn"

# check-pcap: a capture does not know the step.
status 2 "a capture" "$v" run "$first" stuck.scn --pcap cap
status 2 "check-pcap, new" "$v" check-pcap cap/stuck.pcapng \
    --baseline-write pc --today "$day"
has pc "wire.stuck.-.-.-.- 2026-07-30 TODO"
status 0 "check-pcap, its own" "$v" check-pcap --baseline pc \
    cap/stuck.pcapng --today "$day"
status 0 "check-pcap, known" "$v" check-pcap cap/stuck.pcapng --baseline any \
    --today "$day"
has_re out "^0 findings$"
has_re out "^3 known findings (baseline)$"
has out "known: peer hub"
status 0 "check-pcap, JSON" "$v" check-pcap --json cap/stuck.pcapng \
    --baseline any --today "$day"
has out '"known":true}'
status 2 "check-pcap, expired" "$v" check-pcap cap/stuck.pcapng \
    --baseline any --today 2027-01-02
has err "any:1: expired on 2027-01-01"
status 64 "check-pcap, an unknown option" "$v" check-pcap \
    --basline any cap/stuck.pcapng
has err "unknown option '--basline'; did you mean --baseline?"
status 64 "check-pcap, a missing value" "$v" check-pcap cap/stuck.pcapng \
    --baseline
has err "a value is missing behind --baseline"
status 64 "check-pcap, no date" "$v" check-pcap cap/stuck.pcapng --today x

# Errors: all of them, with line and column, and nothing runs.
cat >broken <<'BL'
# fine
a.b 2026-02-30 no such day
a.c 2027-01-01
a.d
  a.e 27-01-01 short
"a.f 2027-01-01 open
"" 2027-01-01 empty
"a.g"x 2027-01-01 no blank
a.h 2027-01-01 well
a.h 2027-01-01 twice
BL
status 65 "a broken baseline" "$v" run good.scn --baseline broken
[ ! -s out ] || bad "something ran"
for e in "2:5: no date" "3:15: the reason is missing" \
    "4:4: the last day is missing" "5:7: no date" "6:1: the quote is not" \
    "7:1: the key is empty" "8:6: a blank is missing" \
    "10:1: this key stands in line 9"; do
	has err "broken:$e"
done
[ "$(wc -l <err)" -eq 8 ] || bad "other errors, too"
status 65 "the same for explore" "$v" explore good.scn --baseline broken
status 65 "the same for check-pcap" "$v" check-pcap cap/stuck.pcapng \
    --baseline broken
status 66 "no baseline" "$v" run good.scn --baseline nosuch
status 66 "a directory" "$v" run good.scn --baseline .
status 64 "no date" "$v" run good.scn --today 2026-13-01
has err "no date '2026-13-01'; YYYY-MM-DD"
status 74 "a skeleton that cannot be written" "$v" run good.scn \
    --baseline-write nosuch/dir/x
status 64 "--basline" "$v" run good.scn --basline x
has err "did you mean --baseline?"

# The limits: 4096 entries, 1024 bytes.
awk 'BEGIN { for (i = 0; i < 4096; i++) printf "k.%d 2027-01-01 r\n", i }' >most
status 0 "4096 entries" "$v" run good.scn --baseline most --shard 1/1 \
    --today "$day"
echo 'one.more 2027-01-01 r' >>most
status 65 "4097 entries" "$v" run good.scn --baseline most --today "$day"
has err "most:4097:1: more than 4096 entries"
awk 'BEGIN { s = "k 2027-01-01 "; while (length(s) < 1024) s = s "r"
    print s }' >long
status 0 "1024 bytes" "$v" run good.scn --baseline long --shard 1/1 --today "$day"
sed 's/$/r/' long >longer
status 65 "1025 bytes" "$v" run good.scn --baseline longer --today "$day"
has err "longer:1:1025: the line is longer than 1024 bytes"
printf 'a 2027-01-01 no newline at the end' >end.txt
status 0 "no newline at the end" "$v" run good.scn --baseline end.txt --shard 1/1 \
    --today "$day"
printf 'a 2027-01-01 r\r\n\r\nb 2027-01-01 r\r\n' >crlf
status 0 "CR LF" "$v" run good.scn --baseline crlf --shard 1/1 --today "$day"
printf 'a 2027-01-01 r\000\n' >nul
status 65 "a NUL" "$v" run good.scn --baseline nul --today "$day"
finish
