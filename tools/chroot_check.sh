#!/bin/sh
#
# chroot_check.sh DIR VERB [argument ...] - prove that a clean clone works on
# a machine that has nothing but git, certificates and sh.
#
# Makes a Debian 12 chroot in DIR unless it is there already, clones the last
# commit of this tree into it (what is not committed does not exist there),
# mounts /proc and runs ./dev VERB inside.  VERB "ci" runs .ci/run instead.
# Exit status: that of the verb.
#
# The pristine system is kept as bookworm.tar beside DIR and unpacked from
# there the next time; remove DIR for a fresh one.  Needs root, debootstrap
# and a network.  MIRROR: where Debian comes from; default: what this
# machine's apt uses, else deb.debian.org.

set -eu

[ $# -ge 2 ] || {
	echo "usage: tools/chroot_check.sh DIR VERB [argument ...]" >&2
	exit 64
}
dir=$1
shift
src=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ "$(id -u)" -eq 0 ] || {
	echo "chroot_check: needs root" >&2
	exit 69
}

mirror()
{
	sed -n -e 's,^URIs: *\(http[^ ]*/debian\)/* *$,\1,p' \
	    -e 's,^deb  *\(http[^ ]*/debian\)/* .*,\1,p' \
	    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
	    head -n 1
}
MIRROR=${MIRROR:-$(mirror)}
MIRROR=${MIRROR:-http://deb.debian.org/debian}

tar=$(dirname -- "$dir")/bookworm.tar
if [ ! -e "$dir/bin/sh" ]; then
	mkdir -p "$dir"
	if [ -f "$tar" ]; then
		echo "chroot_check: unpack $tar into $dir"
		tar -xpf "$tar" -C "$dir" --numeric-owner
	else
		command -v debootstrap >/dev/null || {
			echo "chroot_check: apt-get install debootstrap" >&2
			exit 69
		}
		echo "chroot_check: debootstrap from $MIRROR into $dir"
		debootstrap --variant=minbase --include=git,ca-certificates \
		    bookworm "$dir" "$MIRROR" >"$dir.log" 2>&1 || {
			cat "$dir.log" >&2
			exit 1
		}
		tar -cpf "$tar.new" -C "$dir" --numeric-owner .
		mv "$tar.new" "$tar"
	fi
fi

cp /etc/resolv.conf "$dir/etc/resolv.conf"
mounted=no
trap '[ "$mounted" = no ] || umount "$dir/proc"' EXIT
trap 'exit 130' INT TERM
if ! [ -e "$dir/proc/self" ]; then
	mount -t proc proc "$dir/proc"
	mounted=yes
fi

rm -rf "$dir/root/vnetsim"
git clone -q --no-hardlinks "$src" "$dir/root/vnetsim"
echo "chroot_check: $(git -C "$dir/root/vnetsim" log -1 --format='%h %s')"
if [ "$1" = ci ]; then
	set -- .ci/run
else
	set -- ./dev "$@"
fi
status=0
chroot "$dir" env -i HOME=/root TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c 'cd /root/vnetsim && exec "$@"' sh "$@" || status=$?
echo "chroot_check: $* ended with status $status"
exit "$status"
