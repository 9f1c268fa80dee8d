#!/bin/sh
# tools/check_sections.py finds every kind of state in an object, and lets
# constants and the one thread-local pointer pass.
needs=readelf
# shellcheck source=tools/planted.sh
. "$2/tools/planted.sh"
begin "$@"
CC=${CC:-cc}
export CC
# Quoting of a compiler with arguments is check_sections' business.
check="python3 tools/check_sections.py"

put src/core/kctx.c <<'T'
struct kctx;
_Thread_local struct kctx *kctx;
T
put src/core/const.c <<'T'
static int f(int x) { return (x); }
struct ops { int (*f)(int); const char *name; };
const struct ops table = { f, "table" };
static const struct ops *const list[] = { &table, 0 };
static const char text[] = "text";
const struct ops *const *g(int i);
const struct ops *const *g(int i) { return (text[i] ? list : 0); }
extern int elsewhere;
int h(void);
int h(void) { return (elsewhere++); }
T
clean "constants, the thread-local pointer, another file's variable"

# one LINE SECTION: a variable that must be found in the section
one()
{
	printf '/* head */\n%s\nint *use(void);\n%s\n' "$1" \
	    'int *use(void) { return ((int *)&v); }' | put src/core/bad.c
	caught "$1" "src/core/bad.c:2: v lies in $2"
}
one 'int v = 3;' .data
one 'int v;' .bss
one 'static int v;' .bss
one 'static int v = 4;' .data
one 'static const char *v = "pointer to a constant";' .data
one '_Thread_local int v;' .tbss
one '_Thread_local int v = 2;' .tdata
printf 'int f(void);\nint f(void)\n{\n\tstatic int n;\n\n\treturn (n++);\n}\n' |
    put src/core/bad.c
caught "a static in a function" "src/core/bad.c:4: n" "lies in .bss"
rm src/core/bad.c
clean "all of it removed again"
finish
