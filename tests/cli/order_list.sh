#!/bin/sh
# order_list.sh VNETSIM SOURCE SCRATCH - order: tables, JSON, DOT, changes.
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

for order in top-down freebsd-13 freebsd-9 interfaces-first; do
	"$v" order --order $order >out 2>err || bad "$order is not listed"
	grep -q "kill" out || bad "$order does not kill"
	grep -q "audit" out || bad "$order does not audit"
	if command -v python3 >/dev/null 2>&1; then
		"$v" order --order $order --json >out 2>err
		python3 -m json.tool <out >/dev/null || bad "$order: no JSON"
	fi
done
# FreeBSD 13 registers 52 destructors; what we lack is marked.
"$v" order --order freebsd-13 >out 2>err
grep -q "(absent)" out || bad "nothing is absent"
"$v" order --order freebsd-13 --json >out 2>err
n=$(grep -c '"row":[0-9]' out)
[ "$n" -ge 52 ] || bad "$n rows of FreeBSD's table, not 52"
# FreeBSD 9.3 has 21; inet's row calls six functions.
"$v" order freebsd-9 --json >out 2>err
n=$(grep -o '"row":[0-9][0-9]*' out | sort -u | wc -l)
[ "$n" -eq 21 ] || bad "$n rows of FreeBSD 9's table, not 21"
[ "$(grep -c '"ident":"vnet_domain_uninit_inet:' out)" -eq 6 ] ||
    bad "not six destructors in inetsw"

# Skipping leaves a step out, moving changes the order.
"$v" order >all 2>err
"$v" order --skip "tcp shutdown" >out 2>err || bad "--skip fails"
[ "$(wc -l <out)" -eq $(($(wc -l <all) - 1)) ] || bad "nothing is skipped"
grep -q "tcp shutdown" out && bad "the skipped step is listed"
"$v" order --repeat "tcp shutdown" >out 2>err || bad "--repeat fails"
[ "$(grep -c 'tcp shutdown' out)" -eq 2 ] || bad "nothing is repeated"
"$v" order --swap "tcp shutdown,udp shutdown" >out 2>err || bad "--swap fails"
a=$(grep -n 'tcp shutdown' out | cut -d: -f1)
b=$(grep -n 'udp shutdown' out | cut -d: -f1)
[ "$a" -gt "$b" ] || bad "nothing is swapped"
"$v" order --move "udp shutdown,tcp shutdown" >out 2>err || bad "--move fails"
a=$(grep -n 'tcp shutdown' out | cut -d: -f1)
b=$(grep -n 'udp shutdown' out | cut -d: -f1)
[ "$b" -eq $((a - 1)) ] || bad "nothing is moved"
"$v" order --dot >out 2>err || bad "--dot fails"
head -n 1 out | grep -q '^digraph "top-down" {$' || bad "no graph"
"$v" order --skip nosuch >out 2>err
[ $? -eq 64 ] || bad "an unknown step is taken"
"$v" order --order nosuch >out 2>err
[ $? -eq 64 ] || bad "an unknown order is taken"
"$v" order stray >out 2>err
[ $? -eq 64 ] || bad "an operand that is no order is taken"

exit $((fails > 0))
