#!/bin/sh
# port_compare.sh VNETSIM SOURCE SCRATCH - what ./dev musl and ./dev s390x rest
# on: tools/port/compare.sh finds no difference between a program and itself,
# and finds one byte in one capture, one line of a report, an exit status.
#
# shellcheck disable=SC2016 # what is planted is expanded by the other program
set -u
v=$1
src=$2
cd "$3" || exit 1
fails=0
compare=$src/tools/port/compare.sh

sh "$compare" "$PWD/same" "$v" "$v" >said 2>&1 || {
	echo "a program differs from itself:"
	cat said
	exit 1
}
grep -qE '^[0-9]+ runs, [0-9]+ captures: the same bytes$' said || {
	cat said
	fails=1
}

# planted WHAT SCRIPT: a program that does something else afterwards
planted()
{
	{
		echo '#!/bin/sh'
		echo "\"$v\" \"\$@\""
		echo 'status=$?'
		echo "$2"
		echo 'exit $status'
	} >other
	chmod +x other
	sh "$compare" "$PWD/differs" "$v" "$PWD/other" >said 2>&1 && {
		echo "not noticed: $1"
		fails=1
	}
	grep -q -e "$3" said || {
		echo "$1: said"
		cat said
		fails=1
	}
}

planted "a byte of a capture" \
    'f=pcap/peers-told.pcapng
    [ ! -f $f ] || printf X | dd of=$f bs=1 seek=777 conv=notrunc 2>/dev/null' \
    'run-top-down differs'
planted "a line" 'echo "one more"' 'run-top-down differs'
planted "an exit status" '[ "$1" != explore ] || status=1' \
    'explore: exit 0 here, 1 there'
exit $fails
