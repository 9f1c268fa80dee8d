#!/bin/sh
# tools/lint.py: each outside tool finds what was planted for it, all checks
# run although one fails, and the cache forgets when an input changes.
needs="clang-format clang-tidy cppcheck shellcheck readelf pkg-config"
# shellcheck source=tools/planted.sh
. "$2/tools/planted.sh"
begin "$@"
: >tools/budget.txt
printf 'count *_refs src/core/ref.c\n' >tools/writers.txt
check="python3 tools/lint.py"

{ head_comment; cat <<'T'; } | put src/core/x.h
#ifndef X_H
#define X_H
struct x {
	int x_value;
};
int x_get(const struct x *x);
#endif
T
{ head_comment; cat <<'T'; } | put src/core/x.c
#include "src/core/x.h"

int
x_get(const struct x *x)
{
	return (x->x_value);
}
T
put dev <<'T'
#!/bin/sh
echo "$1"
T
clean "the tree before anything is planted"
case $out in
*"tidy      ok      1 checked, 1 anew"*) ;;
*)	printf 'FAIL: the first run did not check\n%s\n' "$out"; exit 1 ;;
esac
clean "the same again"
case $out in
*" 1 anew"*)	printf 'FAIL: not remembered\n%s\n' "$out"; exit 1 ;;
esac

# Only the header changes; the C file that includes it is checked again.
sed 's/int x_value;/int *x_value;/' src/core/x.h >x && mv x src/core/x.h
caught "error through a header" "src/core/x.c:9" "clang     FAILED" \
    "cppcheck  FAILED" "tidy      ok      1 checked, 1 anew" "shell     ok"
sed 's/int \*x_value;/int x_value;/' src/core/x.h >x && mv x src/core/x.h
clean "the header as before"

printf '\nCheckOptions: []\n' >>.clang-tidy
clean "another configuration"
case $out in
*"tidy      ok      1 checked, 1 anew"*) ;;
*)	printf 'FAIL: the configuration is not part of the key\n%s\n' "$out"
	exit 1 ;;
esac

# bad TITLE CHECK TEXT: the C file on standard input fails CHECK
bad()
{
	{ head_comment; cat; } | put src/core/bad.c
	caught "$1" "$2 FAILED" "src/core/bad.c:" "$3" "shell     ok"
	rm src/core/bad.c
}
bad "layout" "format   " "clang-format -i src/core/bad.c" <<'T'
int f( void );
T
bad "warning" "clang    " "unused-variable" <<'T'
static inline int
f(void)
{
	int unused;

	return (0);
}
T
bad "analyzer" "tidy     " "clang-analyzer-core.NullDereference" <<'T'
int f(int *p);
int
f(int *p)
{
	if (p == 0)
		return (*p);
	return (0);
}
T
bad "out of bounds" "cppcheck " "[arrayIndexOutOfBounds]" <<'T'
int f(void);
int
f(void)
{
	int a[4] = { 0 };

	return (a[4]);
}
T
bad "state" "sections " "v lies in .bss" <<'T'
extern int v;
int v;
T
put dev <<'T'
#!/bin/sh
echo $1
T
caught "unquoted word" "shell     FAILED" "SC2086" "tidy      ok"
put dev <<'T'
#!/bin/sh
echo "$1"
T
clean "all of it removed again"
finish
