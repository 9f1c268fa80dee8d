#!/bin/sh
# install_embed.sh VNETSIM SOURCE SCRATCH - what `cmake --install` leaves can be
# moved, and a program outside the tree builds with it, by CMake and by
# pkg-config, and prints what it should.
set -u
build=$(dirname "$1")
src=$2
here=$3
cd "$here" || exit 1
fails=0

fail()
{
	echo "$*"
	fails=$((fails + 1))
}

# must WHAT COMMAND...: run it, tell its output if it fails
must()
{
	what=$1
	shift
	"$@" >said 2>&1 && return 0
	fail "$what failed:"
	cat said
	return 1
}

cache()
{
	sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

[ -f "$build/CMakeCache.txt" ] || { echo "not a build directory"; exit 77; }
# An instrumented library needs its runtime in the program, too.
flags=
sanitize=$(cache VNETSIM_SANITIZE)
[ -z "$sanitize" ] || flags="-fsanitize=$sanitize"
[ "$(cache VNETSIM_COVERAGE)" != ON ] || flags="$flags --coverage"

must "install" cmake --install "$build" --prefix "$here/one" || exit 1
lib=$(cd one && find . -name libvnetsim.a -exec dirname {} \;)
for f in bin/vnetsim include/vnetsim/vnetsim.h include/vnetsim/kern/vnet.h \
    share/man/man1/vnetsim.1 share/man/man5/vnetsim-scenario.5 \
    share/bash-completion/completions/vnetsim \
    share/zsh/site-functions/_vnetsim "$lib/libvnetsim.a" \
    "$lib/pkgconfig/vnetsim.pc" "$lib/cmake/vnetsim/vnetsim-config.cmake" \
    "$lib/cmake/vnetsim/vnetsim-config-version.cmake"; do
	[ -s "one/$f" ] || fail "$f was not installed"
done
(cd "$src/include/vnetsim" && find . -name '*.h' | sort) >want
(cd one/include/vnetsim && find . -type f | sort) >got
cmp -s want got || { fail "not the headers of the tree:"; diff want got; }

# Nothing of it knows where it was installed.
grep -rlI -e "$here/one" one >said && { fail "these know their place:"; cat said; }
mv one two

must "DESTDIR" env DESTDIR="$here/root" cmake --install "$build" \
    --prefix /usr/local
[ -x root/usr/local/bin/vnetsim ] || fail "DESTDIR is not honoured"
must "the program that was moved" two/bin/vnetsim version

cp -R "$src/examples/embed" embed
sed -i.orig 's/1 of 1/2 of 1/' embed/expected.txt # the comparison can fail

# compare NAME PROGRAM: what it prints
compare()
{
	"$2" >"$1.out" 2>"$1.err" || { fail "$1: exit $?"; cat "$1.err"; }
	cmp -s "$1.out" "$src/examples/embed/expected.txt" || {
		fail "$1 printed"
		cat "$1.out"
	}
	! cmp -s "$1.out" embed/expected.txt || fail "$1: compared with nothing"
}

must "cmake -S embed" cmake -S embed -B by-cmake \
    "-DCMAKE_PREFIX_PATH=$here/two" "-DCMAKE_C_FLAGS=$flags" &&
    must "cmake --build" cmake --build by-cmake &&
    compare by-cmake.run by-cmake/embed
grep -q '^vnetsim_DIR:.*two' by-cmake/CMakeCache.txt ||
    fail "CMake found another vnetsim"

# A version that is not there is refused.
sed 's/find_package(vnetsim 0.1/find_package(vnetsim 99.0/' \
    embed/CMakeLists.txt >embed/new && mv embed/new embed/CMakeLists.txt
cmake -S embed -B by-99 "-DCMAKE_PREFIX_PATH=$here/two" >said 2>&1 &&
    fail "version 99 was found"

if command -v pkg-config >/dev/null 2>&1; then
	PKG_CONFIG_PATH=$here/two/$lib/pkgconfig
	export PKG_CONFIG_PATH
	# The words of all three are options.
	# shellcheck disable=SC2046,SC2086
	must "cc with pkg-config" ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic \
	    -Werror $flags embed/embed.c \
	    $(pkg-config --cflags --libs vnetsim) -o by-pc.run &&
	    compare by-pc ./by-pc.run
	v=$(two/bin/vnetsim version | sed -n 's/^vnetsim //p')
	[ "$(pkg-config --modversion vnetsim)" = "$v" ] ||
	    fail "vnetsim.pc is of another version than the program ($v)"
	pkg-config --libs --static vnetsim | tr ' ' '\n' | grep -e '^-l' |
	    grep -v -x -e -lvnetsim >said &&
	    { fail "the library asks for"; cat said; }
fi
exit $((fails != 0))
