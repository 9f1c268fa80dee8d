#!/bin/sh
# kld_new_module.sh VNETSIM SOURCE SCRATCH - new-module writes a module that
# builds as it is, with gcc and clang, without a warning, in a tree and against
# an installed vnetsim, and passes its own tests; it takes no bad name and
# writes over nothing.
set -u
v=$1
src=$2
cd "$3" || exit 1
: "${CC:=cc}"
fails=0
bad()
{
	echo "$*"
	fails=$((fails + 1))
}

# refused STATUS TEXT ARGUMENT...: and no file is made
refused()
{
	want=$1 text=$2
	shift 2
	find . -type f | sort >before
	"$v" new-module "$@" >out 2>err
	status=$?
	[ $status -eq "$want" ] || bad "new-module $*: exit $status, not $want"
	grep -qF -e "$text" err || { bad "new-module $*: not '$text'"; cat err; }
	find . -type f ! -name out ! -name err | sort >after
	grep -vx -e ./out -e ./err before | cmp -s - after ||
	    bad "new-module $*: files were made"
}
: >after
: >before

long=abcdefghijklmnopqrstuvwxyz_
refused 64 'usage: vnetsim new-module NAME [DIR]'
refused 64 'usage: vnetsim new-module NAME [DIR]' a b c
refused 64 'usage: vnetsim new-module NAME [DIR]' --force
for name in '' Big 9a _a a-b a.b a/b ../a 'a b' "${long}x"; do
	refused 64 'a name has 1 to 27 lower case letters' "$name"
done
refused 64 'a macro' bool
refused 64 'a built-in module has that name' tcp

# Nothing is written over: not a file, not a link that leads nowhere.
mkdir mine
echo 'my own' >mine/meter.c
refused 74 'mine/meter.c exists; nothing was written' meter mine
mkdir link
ln -s nowhere link/README.md
refused 74 'link/README.md exists; nothing was written' meter link
echo file >plain
refused 74 'plain' meter plain
[ "$(cat mine/meter.c)" = 'my own' ] || bad "my own file was changed"

# builds DIR NAME INCLUDE: without a warning, and its object is fine
builds()
{
	for cc in "$CC" gcc clang; do
		command -v "$cc" >/dev/null || continue
		"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror -shared \
		    -fPIC -I "$3" -o "$1/$2.so" "$1/$2.c" ||
		    bad "$1: $cc does not build it"
		"$v" run --again --set "KLD=$2.so" "$1/$2.scn" \
		    >out 2>err || { bad "$1, $cc:"; cat out err; }
	done
}

"$v" new-module meter >made || bad "meter: exit $?"
[ "$(grep -c '^meter/' made)" -eq 5 ] || { bad "not five files"; cat made; }
grep '^meter/' made | while read -r f; do
	[ -s "$f" ] || echo "$f"
	grep -n '@NAME@' "$f"
done >missing
[ ! -s missing ] || { bad "what is wrong:"; cat missing; }
refused 74 'meter/meter.c exists; nothing was written' meter
builds meter meter "$src/include"
# The longest name, a word of C, one letter; another directory, made with its
# parents.
for name in $long int a; do
	"$v" new-module "$name" "deep/er/$name" >out || bad "$name: exit $?"
	builds "deep/er/$name" "$name" "$src/include"
done

# Its own build and tests.
mkdir -p tree/build
ln -s "$src/include" tree/include
ln -s "$v" tree/build/vnetsim
mkdir -p prefix/include prefix/bin
cp -R "$src/include/vnetsim" prefix/include
cp "$v" prefix/bin/vnetsim
if command -v cmake >/dev/null; then
	for how in "VNETSIM_TREE=$PWD/tree" "CMAKE_PREFIX_PATH=$PWD/prefix"; do
		rm -rf work
		if ! {
			cmake -S meter -B work "-D$how" -DCMAKE_C_FLAGS=-Werror &&
			    cmake --build work &&
			    (cd work && ctest --output-on-failure)
		} >out 2>&1; then
			bad "$how:"
			cat out
		fi
		grep -q '100% tests passed, 0 tests failed out of 3' out ||
		    bad "$how: its three tests did not all run"
	done
	# They can fail: a module that forgets its memory does.
	grep -v uma_zfree meter/meter.c >leak.c
	cp leak.c meter/meter.c
	cmake --build work >out 2>&1 || { bad "leak.c:"; cat out; }
	(cd work && ctest) >out 2>&1 && bad "a leak passes"
	grep -q '0% tests passed, 3 tests failed out of 3' out ||
	    { bad "not all three see a leak"; cat out; }
fi

# The workflow is YAML.
if python3 -c 'import yaml' 2>/dev/null; then
	python3 -c 'import sys, yaml
w = yaml.safe_load(open(sys.argv[1]))
assert w["permissions"] == {"contents": "read"}
assert any("ctest" in s.get("run", "") for s in w["jobs"]["test"]["steps"])' \
	    meter/.github/workflows/ci.yml || bad "the workflow"
fi
exit $((fails != 0))
