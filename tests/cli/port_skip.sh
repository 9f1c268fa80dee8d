#!/bin/sh
# port_skip.sh VNETSIM SOURCE SCRATCH - ./dev musl, s390x and macos say what is
# missing and exit with 77 where they may not install it; other verbs fail.
set -u
src=$2
cd "$3" || exit 1
fails=0
mkdir farm && ln -s /usr/bin/* farm/ && rm -f farm/musl-gcc farm/npm \
    farm/s390x-linux-gnu-gcc farm/python3 || exit 1
# Some systems keep sh and its friends elsewhere.
for f in /bin/*; do
	[ -e "farm/${f##*/}" ] || ln -sf "$f" farm/
done
rm -f farm/musl-gcc farm/npm farm/s390x-linux-gnu-gcc farm/python3

# verb NAME WANT WHAT: its exit status and the need it names
verb()
{
	PATH=$PWD/farm VNETSIM_INSTALL=no "$src/dev" "$1" >said 2>&1
	got=$?
	[ $got -eq "$2" ] || {
		echo "./dev $1: exit $got, not $2"
		cat said
		fails=1
	}
	grep -q "missing:.* $3" said || {
		echo "./dev $1 does not name $3:"
		cat said
		fails=1
	}
}

verb musl 77 musl-gcc
verb s390x 77 s390x
[ "$(uname -s)" = Darwin ] || verb macos 77 npm
verb man 69 python3
exit $fails
