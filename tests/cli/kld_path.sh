#!/bin/sh
# kld_path.sh VNETSIM SOURCE SCRATCH - kldload NAME: the directories of
# VNETSIM_MODULE_PATH in their order, then modules beside the program, then
# those of its prefix, wherever that has been moved; a file that cannot be
# loaded is not passed over.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
: "${CC:=cc}"

# object DIR VERSION: a module m that only says its version
object()
{
	mkdir -p "$1"
	cat >m.c <<-EOT
		#include <vnetsim/kern/kmod.h>
		VNET_MODULE(m) = { .vm_name = "m", .vm_id = VNET_MOD_LOADED,
		    .vm_abi = VNETSIM_KERN_ABI };
		VNETSIM_KMOD(m, "$2");
	EOT
	"$CC" -std=c11 -shared -fPIC -I "$src/include" -o "$1/m.so" m.c ||
	    exit 1
}

printf '# m\nkldload m\nkldstat -n m\n' >m.scn
mkdir -p prefix/bin
cp "$v" prefix/bin/vnetsim || exit 1
p=prefix/bin/vnetsim

# finds VERSION WHAT: by the program in the prefix
finds()
{
	"$p" run --verbose m.scn >out 2>err || { bad "$2: exit $?"; cat out; }
	grep -q "| .* m  *$1\$" out || { bad "$2: not $1"; cat out; }
}

unset VNETSIM_MODULE_PATH
status 1 "it is nowhere" "$p" run m.scn
if grep -q '^skip' out; then
	echo "this program cannot load modules"
	exit 77
fi
grep -q 'ENOENT.*no m.so in VNETSIM_MODULE_PATH' out ||
    { bad "nowhere: not told"; cat out; }
grep -q "$PWD" out && bad "a message names a directory"
# Wherever CMake says that libraries are installed.
lib=$(sed -n 's/^CMAKE_INSTALL_LIBDIR:[A-Z]*=//p' \
    "$(dirname "$v")/CMakeCache.txt")
object "prefix/${lib:-lib}/vnetsim/modules" installed
finds installed "only installed"
object prefix/bin/modules beside
finds beside "beside the program"
object one first
object two second
VNETSIM_MODULE_PATH=no-such-directory:$PWD/one:two
export VNETSIM_MODULE_PATH
finds first "two directories"
VNETSIM_MODULE_PATH=:two::$PWD/one
finds second "the other way round, with empty ones"
VNETSIM_MODULE_PATH=
finds beside "an empty path"

# The first file counts, also if it is no module.
echo 'no object' >one/m.so
VNETSIM_MODULE_PATH=one:two
export VNETSIM_MODULE_PATH
status 1 "no object" "$p" run m.scn
grep -q ENOEXEC out || { bad "no object: not told"; cat out; }

# A path of 1,023 bytes is looked at, a longer one passed over.
long=.
while [ ${#long} -lt 1018 ]; do long=$long/; done
VNETSIM_MODULE_PATH=$long:two
object . long
finds long "1,023 bytes"
VNETSIM_MODULE_PATH=$long/:two
finds second "1,024 bytes"

# Moved; and it does not matter from where it is run or by which link.
unset VNETSIM_MODULE_PATH
rm -r prefix/bin/modules
mv prefix elsewhere
ln -s elsewhere/bin/vnetsim by-link
p=./by-link
finds installed "moved, by a link"
finish
