# lib.sh - what the scripts of this directory share.  No test by itself.
#
#	. "$2/tests/cli/lib.sh"		at the top of SCRIPT VNETSIM SOURCE SCRATCH
#	finish				at its end
#
# Afterwards the working directory is the scratch directory, $v is the program
# and $src the source tree.  What runs leaves its output in out and err.
set -u
# v and src are for who reads this file.
# shellcheck disable=SC2034
v=$1
# shellcheck disable=SC2034
src=$2
cd "$3" || exit 1
fails=0
# Not those of the job that runs the tests.
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY NO_COLOR

# bad WHAT: the test fails, with what the last command said
bad()
{
	echo "$1"
	[ ! -f out ] || tail -n 40 out
	[ ! -f err ] || tail -n 40 err
	fails=$((fails + 1))
}

# status WANT WHAT COMMAND...: run it, compare the exit status
status()
{
	want=$1
	what=$2
	shift 2
	"$@" >out 2>err
	got=$?
	[ "$got" -eq "$want" ] || bad "$what: exit $got, not $want"
}

# has FILE TEXT: the file must hold it
has()
{
	if ! grep -qF -e "$2" "$1"; then
		echo "'$2' is not in $1:"
		cat "$1"
		fails=$((fails + 1))
	fi
}

# has_re FILE REGEX: a line of the file must match
has_re()
{
	if ! grep -q -e "$2" "$1"; then
		echo "'$2' does not match in $1:"
		cat "$1"
		fails=$((fails + 1))
	fi
}

# hasnot FILE TEXT: the file must not hold it
hasnot()
{
	if grep -qF -e "$2" "$1"; then
		echo "'$2' is in $1:"
		cat "$1"
		fails=$((fails + 1))
	fi
}

# same A B: two files are equal
same()
{
	if ! cmp "$1" "$2"; then
		echo "$1 and $2 differ:"
		diff "$1" "$2" | head -n 20
		fails=$((fails + 1))
	fi
}

# need COMMAND: is it there?  Otherwise the whole test is skipped.
need()
{
	command -v "$1" >/dev/null 2>&1 || {
		echo "$1 is missing: skipped"
		exit 77
	}
}

finish()
{
	exit $((fails > 0))
}
