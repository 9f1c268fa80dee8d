#!/bin/sh
# ci_annotations.sh VNETSIM SOURCE SCRATCH - under GITHUB_ACTIONS problems are
# said as workflow commands, ten at most, the rest in the job summary; text from
# scenarios cannot be a command; elsewhere nothing of it is to be seen.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

cp "$src/tests/data/one-connection.scn" good.scn
cat >'odd,name:100%.scn' <<'SCN'
# Fails.
jail -c name=x vnet persist
expect x gone
SCN
odd='odd,name:100%.scn'

status 1 "elsewhere" "$v" run good.scn "$odd"
hasnot out "::"
hasnot err "::"
cp out plain

GITHUB_ACTIONS=true
export GITHUB_ACTIONS
status 1 "on GitHub" "$v" run good.scn "$odd"
cp out github
has out '::error file=odd%2Cname%3A100%25.scn,line=3,col=1,title=expect x gone::expected jail x gone, it is alive'
has out '::group::FAIL odd,name:100%.scn'
has_re out '^::endgroup::$'
[ "$(grep -c '^::error' out)" -eq 1 ] || bad "not one annotation"
# The token that switches commands off is the one that switches them on.
off=$(sed -n 's/^::stop-commands::\(.*\)$/\1/p' out)
[ -n "$off" ] || bad "commands are not switched off"
has_re out "^::$off::\$"
# What is left without the commands is the plain report.
sed -e '/^::error/d' -e '/^::stop/d' -e '/^::vnetsim/d' -e '/^::end/d' \
    -e 's/^::group:://' github >left
same plain left
status 1 "again" "$v" run -j 2 good.scn "$odd"
same github out

status 1 "--no-annotations" "$v" run --no-annotations good.scn "$odd"
same plain out
status 1 "JSON on standard output" "$v" run --json - good.scn "$odd"
hasnot out "::error"
has err "::error"
status 1 "TAP on standard output" "$v" run --tap good.scn "$odd"
hasnot out "::error"
has err "::error"
GITHUB_ACTIONS=false
status 1 "GITHUB_ACTIONS=false" "$v" run good.scn "$odd"
same plain out
GITHUB_ACTIONS=true

# Ten, and the summary has all of them.
{
	printf '# Fails often.\njail -c name=x vnet persist\n'
	n=1
	while [ $n -le 11 ]; do
		echo 'expect x gone'
		n=$((n + 1))
	done
} >eleven.scn
sed '$d' eleven.scn >ten.scn
GITHUB_STEP_SUMMARY=$PWD/summary.md
export GITHUB_STEP_SUMMARY
printf 'from another step\n' >summary.md
status 1 "ten problems" "$v" run ten.scn
[ "$(grep -c '^::error' out)" -eq 10 ] || bad "not ten annotations"
hasnot out "more problem"
status 1 "eleven problems" "$v" run eleven.scn
[ "$(grep -c '^::error' out)" -eq 10 ] || bad "not ten annotations of eleven"
has out "1 more problem: see the job summary"
has summary.md "from another step"
[ "$(grep -c '^| eleven.scn | [0-9]* | expect x gone | ' summary.md)" -eq 11 ] ||
    bad "the summary has not all eleven"
[ "$(grep -c '^### vnetsim$' summary.md)" -eq 2 ] || bad "not two summaries"
rm summary.md
status 2 "a finding made many times" "$v" run --order interfaces-first \
    --set PEERS=7 "$src/scenarios/teardown/peers-told.scn"
has out "title=wire stuck (7 times)::"
has summary.md "| wire stuck (7 times) |"
has summary.md "0 passed, 1 failed, 0 skipped"
status 2 "explore" "$v" explore --order interfaces-first good.scn
has out "::error file=good.scn,line=1,title=wire.stuck"
GITHUB_STEP_SUMMARY=/nonexistent/dir/x
status 1 "a failure outranks a summary that cannot be written" "$v" run ten.scn
has err "/nonexistent/dir/x"
status 74 "a summary that cannot be written" "$v" run good.scn

# A scenario cannot say a command: what it prints stands behind stop-commands.
cat >evil.scn <<'SCN'
# Prints a command.
jail -c name=x vnet persist
set EVIL '::error::from inside'
expect $EVIL
SCN
unset GITHUB_STEP_SUMMARY
"$v" run evil.scn >out 2>err
awk '/^::stop-commands::/ { off = 1 } /^::vnetsim-/ { off = 0 }
    /^[ \t]*::error/ && off == 0 && $0 !~ /^::error file=/ { bad = 1 }
    END { exit bad }' out || bad "a scenario says a command"
finish
