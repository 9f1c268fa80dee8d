#!/bin/sh
# kld_objects.sh VNETSIM SOURCE SCRATCH - which shared objects kldload takes:
# what compilers make of small modules, and a sentence at the statement for
# each kind that it must refuse.
# shellcheck disable=SC2016 # backquotes are what the messages have
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

# object NAME [OPTION...]: NAME.so of NAME.c
object()
{
	name=$1
	shift
	"$CC" -std=c11 -shared -fPIC -I "$src/include" "$@" \
	    -o "$name.so" "$name.c" 2>cc.err || {
		cat cc.err
		exit 1
	}
}

# module NAME [LINE...]: NAME.c, an empty module with lines in front
module()
{
	name=$1
	shift
	{
		echo '#include <vnetsim/kern/kmod.h>'
		printf '%s\n' "$@"
		echo "VNET_MODULE($name) = { .vm_name = \"$name\","
		echo "    .vm_id = VNET_MOD_LOADED, .vm_abi = VNETSIM_KERN_ABI };"
		echo "VNETSIM_KMOD($name, \"1\");"
	} >"$name.c"
}

# refused NAME ERRNO TEXT: kldload NAME.so fails, and says so
refused()
{
	printf '# x\njail -c name=a vnet\n  kldload %s.so\n' "$1" >"$1.scn"
	"$v" run "$1.scn" >"$1.out" 2>"$1.err"
	status=$?
	[ $status -eq 1 ] || bad "$1: exit $status, not 1"
	grep -qF "$1.scn:3:3: kldload $1.so" "$1.out" || bad "$1: no place"
	grep -qF "$2 (" "$1.out" || bad "$1: not $2"
	grep -qF "$3" "$1.out" || bad "$1: not '$3'"
	[ $fails -eq 0 ] || sed 's/^/	/' "$1.out" "$1.err"
}

# What is fine: with constants, with pointers in them, in several modes.
module fine 'static const char *const words[] = { "a", "b" };' \
    'const char *fine_word(int i); const char *fine_word(int i)' \
    '{ return (words[i & 1]); }'
n=0
for mode in -O0 -O2 -g -fvisibility=hidden; do
	object fine "$mode"
	mkdir -p "dir$n"
	cp fine.so "dir$n/fine.so"
	n=$((n + 1))
done
cat >fine.scn <<'EOT'
# An empty module comes and goes; DESIGN 5.
jail -c name=a vnet persist
kldload dir0/fine.so
expect output "fine" kldstat
expect output "fine" kldstat -v
expect output "route" kldstat -v
expect no output "route" kldstat
expect output "fine" jexec a kldstat -n fine
expect fails EEXIST kldload dir0/fine.so
kldload -n dir0/fine.so
expect fails EPERM jexec a kldload dir0/fine.so
expect fails EPERM jexec a kldunload fine
expect fails ENOENT jexec nobody kldload dir0/fine.so
expect fails EBUSY kldunload route
expect fails ENOENT kldunload nothing
kldunload fine.so
expect fails ENOENT kldunload fine
expect fails ENOENT kldstat -n fine
kldload dir1/fine.so
kldunload -n fine
kldload dir2/fine.so
kldunload fine
kldload dir3/fine.so
EOT
"$v" run --again fine.scn >out 2>&1 || { bad "fine.scn:"; cat out; }
mkdir -p above/below
printf '# x\ninclude below/load.scn\n' >above/top.scn
printf 'kldload ../../dir0/fine.so\n' >above/below/load.scn
"$v" run above/top.scn >out 2>&1 || { bad "relative to the file:"; cat out; }
printf '# x\nkldload %s/dir0/fine.so\n' "$PWD" >absolute.scn
"$v" run absolute.scn >out 2>&1 || { bad "absolute:"; cat out; }

# What is not.
elf=no
[ "$(head -c 4 fine.so | tail -c 3)" = ELF ] && elf=yes
module static 'static int cache[16]; int f(int i); int f(int i)' \
    '{ return (cache[i & 15]++); }'
object static
module tls '_Thread_local int slot;'
object tls
module ctor 'int puts(const char *);' \
    '__attribute__((constructor)) static void hello(void)' \
    '{ puts("HELLO"); }'
object ctor
cp static.so stripped.so
if [ $elf = yes ]; then
	refused static ENOEXEC 'static.so: writable static `cache` (.bss, 64 bytes): state belongs into the vnet (VNET_STATE_LOADED)'
	refused tls ENOEXEC 'thread-local static `slot` (.tbss, 4 bytes)'
	refused ctor ENOEXEC 'ctor.so: constructor or destructor `hello`'
	grep -q HELLO ctor.out && bad "the constructor ran"
	if strip stripped.so 2>strip.err; then
		refused stripped ENOEXEC 'stripped.so: the object is stripped and .bss has'
	fi
	head -c 2000 fine.so >cut.so
	refused cut ENOEXEC 'cut.so: the ELF object is cut short or damaged'
fi
module clash 'int tcp_output(void); int tcp_output(void) { return (0); }'
object clash
refused clash ENOEXEC '`tcp_output` is also a symbol of vnetsim'
module missing 'int nobody_has_this(void); int f(void); int f(void)' \
    '{ return (nobody_has_this()); }'
object missing
refused missing ENOEXEC 'missing.so: undefined symbol: nobody_has_this'
echo 'int x(void); int x(void) { return (1); }' >plain.c
object plain
refused plain ENOEXEC 'plain.so: it has no symbol vnetsim_kmod: use VNETSIM_KMOD('
sed 's/VNETSIM_KERN_ABI };/VNETSIM_KERN_ABI };\
#undef VNETSIM_KERN_ABI\
#define VNETSIM_KERN_ABI 4711/' fine.c >abi.c
object abi
refused abi ENOEXEC '4711'
echo 'this is text' >text.so
refused text ENOEXEC 'text.so: '
refused nothing ENOENT 'nothing.so: No such file'
mkdir dir.so
refused dir ENOEXEC 'dir.so: not a file'
: >empty.so
refused empty ENOEXEC 'empty.so: '
dd if=/dev/zero of=large.so bs=1 count=1 seek=16777216 2>/dev/null
refused large ENOEXEC 'large.so: larger than 16 MiB'
exit $((fails != 0))
