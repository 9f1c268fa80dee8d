#!/bin/sh
# tools/check_size.py counts functions and files, at the limit and beyond it,
# and holds waivers to their word.
needs=
# shellcheck source=tools/planted.sh
. "$2/tools/planted.sh"
begin "$@"
check="python3 tools/check_size.py"
: >tools/budget.txt

# function NAME LINES: a function of so many lines between and with braces
function_of()
{
	printf 'static int\n%s(struct x *a, int (*f)(int))\n{\n' "$1"
	awk -v n="$2" 'BEGIN { for (i = 3; i <= n; i++)
		print "\tif (a) { f(\"}\"); } /* } */" }'
	printf '}\n'
}

lines_of()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "int x;" }'
}

{ echo 'struct s {'; lines_of 70; echo '};'
  echo 'static const int table[] = {'; lines_of 70; echo '};'
  function_of fits 60; } | put src/core/a.c
clean "60 lines, long structs and tables"

function_of too_long 61 | put src/core/b.c
caught "61 lines" "src/core/b.c:1: too_long() has 61 lines; the limit is 60"
function_of too_long 61 | put tests/test_b.c
caught "61 lines in a test" "tests/test_b.c:1: too_long()"
rm tests/test_b.c

echo 'function src/core/b.c too_long 61 a table of cases' >tools/budget.txt
clean "a waiver with a reason"
function_of too_long 62 | put src/core/b.c
caught "more than its waiver" "too_long() has 62 lines; the limit is 61"
echo 'function src/core/b.c too_long 99' >tools/budget.txt
caught "a waiver without reason" "tools/budget.txt:1: not a waiver"
echo 'function src/core/b.c gone 99 for a reason' >>tools/budget.txt
caught "a waiver without need" "tools/budget.txt:2: waiver without need"
: >tools/budget.txt
rm src/core/b.c

lines_of 500 | put sim/a.c
lines_of 2000 | put tests/test_long.c
clean "500 lines, and a long test"
for dir in src/core sim include/vnetsim bench; do
	lines_of 501 | put $dir/long.h
	caught "501 lines" "$dir/long.h:1: the file has 501 lines"
	rm $dir/long.h
done
clean "all of it removed again"
finish
