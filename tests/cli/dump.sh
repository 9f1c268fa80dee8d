#!/bin/sh
# dump.sh VNETSIM SOURCE SCRATCH - what a scenario shows live is what another
# process shows of the dump, byte by byte; files that are no dumps are refused.
set -u
v=$1
cd "$3" || exit 1
fails=0

bad()
{
	echo "$1"
	cat out err
	fails=$((fails + 1))
}

# Everything that can be asked, in a world in the middle of a teardown.
cat >ask <<'ASK'
jls
jls -d
inspect
inspect callouts
inspect ops
inspect findings
inspect trace
inspect tcpcb
inspect inpcb
inspect prison
inspect vnet 0@1
inspect V_tcp 0@1
inspect V_tcp 0
inspect prison 1
inspect socket
inspect "struct ifnet"
inspect link
ASK
cat >world.scn <<'SCN'
# Connections in several states, a lent interface, a jail that dies.
ifconfig epair create
ifconfig epair create
link epair0 delay 5ms rate 10mbps
jail -c name=a vnet persist children.max=1 vnet.interface=epair0a
jail -c name=b vnet persist close=graceful:10s vnet.interface=epair0b,epair1a
jail -c name=a.c vnet persist
jexec a ifconfig epair0a inet 10.0.0.1/24 up
jexec b ifconfig epair0b inet 10.0.0.2/24 up
b srv = listen tcp 80
a cli = connect tcp 10.0.0.2 80
a two = connect tcp 10.0.0.2 80 from :4000
b acc = accept srv
b:wait acc2 = accept srv
+1s
a:out out = connect tcp 10.0.0.99 80
a send cli 200000
b:wait recv acc2 10
a close two
+8ms
jail -r b
+3ms
SCN

# One file per question: the world goes on the same way whatever is asked.
n=0
while read -r q; do
	n=$((n + 1))
	{
		cat world.scn
		echo "$q"
		echo "dump w.dump"
	} >"q$n.scn"
	rm -rf vnetsim-out
	"$v" run -v "q$n.scn" >out 2>err
	[ $? -le 2 ] || bad "$q: the scenario does not run"
	sed -n 's/^     | //p' out | grep -v -e '^world saved as w.dump$' \
	    -e '^epair[01]a$' >live
	echo "$q" | sed 's/^\([a-z]*\)/\1 -M vnetsim-out\/q'"$n"'\/w.dump/' >cmd
	eval "\"$v\" $(cat cmd)" >file 2>err || bad "$q: the dump is not read"
	[ -s file ] || bad "$q: nothing is shown"
	cmp live file || {
		diff live file | head -n 5
		bad "$q: live and file differ"
	}
	cat file >>all
done <ask
[ "$n" -eq "$(wc -l <ask)" ] || bad "not all was asked"

# It is what it should be.
has()
{
	grep -q "$1" all || bad "nothing shows $1"
}
has '^     2  b                     DYING'
has '^     1  a                     ACTIVE$'
has '^tcp\.[a-z0-9]*  *1 tcp  *pending .* tcpcb#[0-9]*@1 *[a-z]'
has '^jail_remove '
has '^connect '
has '  v_name  *a$'

# The same twice, and of a run without questions.
d=vnetsim-out/q$n/w.dump
cp "$d" old.dump
"$v" inspect -M old.dump >live 2>err
"$v" run "q1.scn" >out 2>err
"$v" inspect -M vnetsim-out/q1/w.dump >file 2>err
cmp live file || bad "two runs of one scenario give different dumps"

# An object by its name as fields print it; a number alone; what is not there.
"$v" inspect -M old.dump tcpcb >out 2>err || bad "no tcpcb"
obj=$(awk 'NR == 2 { print $1 }' out)
"$v" inspect -M old.dump "$obj" >one 2>err || bad "'$obj' is no name"
id=${obj#*#}
"$v" inspect -M old.dump tcpcb "$id" >two 2>err || bad "'tcpcb $id' is no name"
cmp one two || bad "a name and its parts are different objects"
grep -q "t_state" one || bad "an object without fields"
"$v" inspect -M old.dump tcpcb "${id%@*}" >two 2>err || bad "no '${id%@*}'"
grep -q "t_state" two || bad "a number alone shows nothing"
"$v" inspect -M old.dump tcpcb 999999@1 >out 2>err
[ $? -eq 1 ] || bad "an object that is not there is not exit 1"
grep -q "no such type or object" err || bad "no reason"
"$v" inspect -M old.dump nonsense >out 2>err
[ $? -eq 1 ] || bad "a type that is not there is not exit 1"
[ -s out ] && bad "something is shown of nothing"
"$v" inspect -M old.dump tcpcb 1@x >out 2>err
[ $? -eq 1 ] || bad "a bad number is not exit 1"

# JSON is JSON.
if python3 -c 'import json' 2>/dev/null; then
	for q in "" callouts ops findings trace tcpcb "tcpcb ${id%@*}" \
	    "prison 1" "V_tcp 0"; do
		# shellcheck disable=SC2086
		"$v" inspect -M old.dump --json $q >out 2>err
		python3 -c 'import json, sys; json.load(sys.stdin)' <out 2>err ||
		    bad "--json $q: not JSON"
	done
	"$v" jls -d --json -M old.dump >out 2>err
	python3 -c 'import json, sys
assert [j["name"] for j in json.load(sys.stdin)["jails"]] == ["a", "b", "a.c"]' \
	    <out 2>err || bad "jls --json: not JSON, or not the jails"
fi

# refused STATUS TEXT ARGUMENT...
refused()
{
	want=$1
	text=$2
	shift 2
	"$v" "$@" >out 2>err
	[ $? -eq "$want" ] || bad "$*: not exit $want"
	grep -q "$text" err || bad "$*: not told: $text"
	[ -s out ] && bad "$*: output"
	[ "$(wc -l <err)" -eq 1 ] || bad "$*: more than one line"
}
refused 66 "No such file" inspect -M none.dump
refused 66 "No such file" jls -M none.dump
refused 66 "directory" inspect -M .
: >empty
refused 65 "empty: " inspect -M empty
refused 65 "ask: " inspect -M ask
refused 65 "ask: " jls -M ask
for len in 1 10 100 1000 100000; do
	head -c "$len" old.dump >cut.dump
	refused 65 "cut.dump: " inspect -M cut.dump
done
refused 64 "usage: vnetsim inspect -M FILE" inspect
refused 64 "usage: vnetsim inspect -M FILE" inspect -M
refused 64 "usage: vnetsim inspect -M FILE" inspect -M old.dump -x
refused 64 "usage: vnetsim inspect -M FILE" inspect -M old.dump a 1 2
refused 64 "usage: vnetsim jls -M FILE" jls
refused 64 "usage: vnetsim jls -M FILE" jls -M old.dump a
"$v" jls -Mold.dump >out 2>err || bad "-MFILE is not taken"

# Errors of the statements.
printf '# x\nexpect fails ENOENT inspect nonsense\nexpect fails ENOENT inspect prison 99@-\ninspect "prison#1@-"\nexpect output "t_state" inspect V_tcp 0\n' \
    >ok.scn
sed -i 's/t_state/V_tcp/' ok.scn
"$v" run ok.scn >out 2>err || bad "expected errors are none"
: >blocked
printf '# x\nexpect fails EIO dump a.dump\n' >io.scn
"$v" run --dump-dir blocked/d io.scn >out 2>err || bad "no place is not EIO"
"$v" run --dump-dir d ok.scn io.scn >out 2>err && bad "a place is EIO"
[ -s d/io.a.dump ] || bad "--dump-dir: no d/io.a.dump"
rm -rf vnetsim-out
printf '# x\ndump a.dump\n' >plain.scn
"$v" explore plain.scn >out 2>err || bad "explore judges a dump"
[ -e vnetsim-out ] && bad "explore wrote a dump"

exit $((fails > 0))
