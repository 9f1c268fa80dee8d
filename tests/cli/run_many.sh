#!/bin/sh
# run_many.sh VNETSIM SOURCE SCRATCH - of many vnets that ended the report tells
# the first 20 that ended well, counts the others, and leaves none out of which
# a peer is stuck.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

# world N: N jails without connections, and "last" with one
world()
{
	cat <<EOF
repeat $1 { jail -c name=j\$i vnet persist }
ifconfig epair0 create
jail -c name=srv vnet persist vnet.interface=epair0a
jail -c name=last vnet persist vnet.interface=epair0b
jexec srv ifconfig epair0a inet 10.0.0.1/24 up
jexec last ifconfig epair0b inet 10.0.0.2/24 up
srv s = listen tcp 80
last c = connect tcp 10.0.0.1 80
srv a = accept s
+1s
repeat $1 { jail -r j\$i }
jail -r last
+1ms
srv close a
+1min
EOF
}

# told N WHAT: the report tells of N vnets
told()
{
	n=$(grep -c '^     vnet ' out)
	[ "$n" -eq "$1" ] || bad "$2: $n vnets are told, not $1"
}

# At the limit, and one and two past it.
world 19 >at.scn
status 0 "20 vnets" "$v" run at.scn
told 20 "20 vnets"
hasnot out "more vnet"
world 20 >past.scn
status 0 "21 vnets" "$v" run past.scn
told 20 "21 vnets"
has out "     ... and 1 more vnet, all told"
hasnot out "vnet last:"
world 21 >two.scn
status 0 "22 vnets" "$v" run two.scn
told 20 "22 vnets"
has out "     ... and 2 more vnets, all told"

# What is wrong is told, however late.
status 2 "a stuck peer behind 21" "$v" run --skip "tcp farewell" two.scn
told 21 "a stuck peer behind 21"
has out "     vnet last: "
has out "0 of 1 peers closed (0 by FIN, 0 by RST), 1 stuck:"
has out "     ... and 1 more vnet, all told"
finish
