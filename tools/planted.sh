#!/bin/sh
#
# planted.sh - sourced by tests/cli/lint_*.sh: a small tree of their own in
# which errors are planted one at a time.
#
# A test calls begin with its three arguments (program, source directory,
# scratch directory), sets check to the command, writes files with put, and
# states clean or caught.  Everything is relative to the planted tree.

begin()
{
	source=$2
	scratch=$3
	for tool in python3 ${needs:-}; do
		command -v "$tool" >/dev/null 2>&1 || {
			echo "$tool is missing: skipped"
			exit 77
		}
	done
	cp -R "$source/tools" "$scratch/tools" || exit 1
	cp "$source/.clang-format" "$source/.clang-tidy" "$scratch" || exit 1
	cd "$scratch" || exit 1
	XDG_CACHE_HOME=$scratch/cache
	PYTHONDONTWRITEBYTECODE=1
	export XDG_CACHE_HOME PYTHONDONTWRITEBYTECODE
	planted=0
}

# put PATH: the file's content comes from standard input
put()
{
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}

# head: the head comment that every file has
head_comment()
{
	printf '/*\n * A planted file.\n */\n'
}

# clean WHAT: nothing may be found
clean()
{
	out=$(${check:?} 2>&1)
	status=$?
	if [ "$status" -ne 0 ]; then
		printf 'FAIL: %s: status %d, nothing to find\n%s\n' "$1" \
		    "$status" "$out"
		exit 1
	fi
	planted=$((planted + 1))
}

# caught WHAT TEXT...: must fail, and say every TEXT
caught()
{
	what=$1
	shift
	out=$(${check:?} 2>&1)
	status=$?
	if [ "$status" -ne 1 ]; then
		printf 'FAIL: %s: status %d, 1 was expected\n%s\n' "$what" \
		    "$status" "$out"
		exit 1
	fi
	for text in "$@"; do
		case $out in
		*"$text"*)	;;
		*)
			printf 'FAIL: %s: nothing says "%s"\n%s\n' "$what" \
			    "$text" "$out"
			exit 1 ;;
		esac
	done
	planted=$((planted + 1))
}

finish()
{
	echo "$planted planted cases"
	[ "$planted" -gt 0 ]
}
