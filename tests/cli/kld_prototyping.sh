#!/bin/sh
# kld_prototyping.sh VNETSIM SOURCE SCRATCH - docs/PROTOTYPING.md is true: its
# commands are run in order, from nothing, with the exit status that they say;
# and each line of an output that it shows is printed by the commands before.
set -u
v=$1
src=$2
cd "$3" || exit 1
command -v cmake >/dev/null || exit 77
fails=0

# How much happens, and so can be tried, follows from the number of modules.
uncounted()
{
	sed -e 's/[0-9][0-9]* events/N events/' \
	    -e 's/[0-9][0-9]* of [0-9][0-9]* obligations/N obligations/' \
	    -e 's/[0-9][0-9]* infeasible/N infeasible/' \
	    -e 's/([0-9][0-9]* schedules)/(N schedules)/'
}

# play FILE: returns the number of what is not true
play()
{
	wrong=0 ran=0 shown=0 in=
	: >said
	while IFS= read -r line; do
		case $line in
		'```sh')
			in=code
			: >said
			continue
			;;
		'```text') in=text; continue ;;
		'```'*) in=; continue ;;
		esac
		case $in in
		code)
			want=0
			case $line in
			*"# exit status "*) want=${line##* } ;;
			esac
			ran=$((ran + 1))
			sh -c "$line" >>said 2>&1 </dev/null
			status=$?
			[ $status -eq "$want" ] && continue
			echo "$line: exit $status, not $want"
			tail -n 20 said
			wrong=$((wrong + 1))
			;;
		text)
			shown=$((shown + 1))
			said=$(printf '%s\n' "$line" | uncounted)
			# shellcheck disable=SC2094 # nobody writes it meanwhile
			uncounted <said | grep -qxF -e "$said" && continue
			echo "not printed: $line"
			wrong=$((wrong + 1))
			;;
		esac
	done <"$1"
	return $wrong
}

mkdir build
ln -s "$v" build/vnetsim
ln -s "$src/include" include
play "$src/docs/PROTOTYPING.md" || fails=$?
[ $ran -ge 17 ] || { echo "only $ran commands"; fails=$((fails + 1)); }
[ $shown -ge 9 ] || { echo "only $shown lines shown"; fails=$((fails + 1)); }
limit=$(sed -n 's/.*NAMEMAX \([0-9]*\)$/\1/p' include/vnetsim/module.h)
grep -qF "| name of a module | $limit bytes |" "$src/docs/PROTOTYPING.md" ||
    { echo "the longest name has $limit bytes"; fails=$((fails + 1)); }
limit=$(sed -n 's/.*KMOD_MAX \([0-9]*\)$/\1/p' include/vnetsim/module.h)
grep -qF "can know | $limit |" "$src/docs/PROTOTYPING.md" ||
    { echo "a world knows $limit modules"; fails=$((fails + 1)); }
lines=$(wc -l <"$src/examples/subsystem/flow.c")
grep -qF "meter of $((lines)) lines" "$src/docs/PROTOTYPING.md" ||
    { echo "flow.c has $lines lines"; fails=$((fails + 1)); }

# The other direction.
cat >wrong.md <<'EOT'
```sh
build/vnetsim run nothing.scn
build/vnetsim version # exit status 3
build/vnetsim version
```

```text
vnetsim 47.11
```
EOT
play wrong.md >wrong.out
[ $? -eq 3 ] || { echo "wrong commands:"; cat wrong.out; fails=$((fails + 1)); }
exit $((fails != 0))
