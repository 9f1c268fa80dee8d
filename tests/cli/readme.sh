#!/bin/sh
# readme.sh VNETSIM SOURCE SCRATCH - the commands of README.md do what they
# are there for: each line of an sh block that begins with build/vnetsim runs,
# in the order of the text.
set -u
v=$1
src=$2
cd "$3" || exit 1
fails=0

# list FILE: those lines
list()
{
	awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 }
	    on && /^build\/vnetsim / { print }' "$1"
}

# play FILE: run them; the number of failures is the exit status
play()
{
	bad=0
	list "$1" >commands
	while read -r line; do
		want=0
		# Teardowns that are meant to go wrong end with findings.
		case $line in
		*"--order interfaces-first"*) want=2 ;;
		*check-pcap*) want="0 2" ;;
		*--diff*) want=1 ;; # two orders, and they differ
		esac
		sh -c "$line" >said.out 2>said.err </dev/null
		status=$?
		case " $want " in
		*" $status "*) ;;
		*)
			echo "$line: exit $status"
			tail -n 20 said.out said.err
			bad=$((bad + 1))
			;;
		esac
	done <commands
	return $bad
}

mkdir build
ln -s "$v" build/vnetsim
ln -s "$src/scenarios" scenarios
ln -s "$src/bench" bench
play "$src/README.md" || fails=$?
[ "$(wc -l <commands)" -ge 3 ] || {
	echo "README.md has $(wc -l <commands) commands to run"
	fails=$((fails + 1))
}

# Files that a command was to make are there.
sed -n 's/.*--junit \([^ ]*\).*/\1/p; s/.*--json \([^ -]*\).*/\1/p' \
    commands >made
while read -r f; do
	[ -s "$f" ] || { echo "no $f"; fails=$((fails + 1)); }
done <made

# The other direction.
cat >wrong.md <<'EOT'
```sh
build/vnetsim run scenarios/no-such-file.scn
build/vnetsim versoin
ls
```
EOT
play wrong.md >said
[ $? -eq 2 ] || { echo "wrong commands:"; cat said; fails=$((fails + 1)); }
exit $((fails != 0))
