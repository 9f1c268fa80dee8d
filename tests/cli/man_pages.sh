#!/bin/sh
# man_pages.sh VNETSIM SOURCE SCRATCH - the man pages say all that the program
# knows: commands, options, exit statuses, and every word of the language.
set -u
v=$1
src=$2
cd "$3" || exit 1
fails=0

fail()
{
	echo "$*"
	fails=$((fails + 1))
}

# section PAGE COMMAND: its part of vnetsim.1
section()
{
	awk -v cmd="vnetsim $2" '/^\.S[sh] / {
		on = index($0, ".Ss " cmd " ") == 1 || $0 == ".Ss " cmd
	} on' "$1"
}

# commands PAGE: each command and option of "vnetsim help" is there
commands()
{
	bad=0
	"$v" help | awk '/^  [a-z]/ { print $1 }' >names
	[ "$(wc -l <names)" -ge 7 ] || fail "vnetsim help lists nothing"
	while read -r cmd; do
		section "$1" "$cmd" >part
		[ -s part ] || { echo "no section 'vnetsim $cmd'"; bad=$((bad + 1)); }
		"$v" help "$cmd" | grep -oE -e '(^|[ [|(])--?[a-zA-Z0-9][a-zA-Z-]*' |
		    sed 's/^[^-]*//' | sort -u >options
		while read -r o; do
			sed 's/[,)]/ /g' part | grep -qE -e \
			    "(^\.|[ -])(Fl )?-?${o#-}( |\$)" || {
				echo "$cmd $o is not in its section"
				bad=$((bad + 1))
			}
		done <options
	done <names
	return $bad
}

# words PAGE: each word of the program's own tables is in the other page
words()
{
	bad=0
	# as a reader sees it
	sed 's/\\f[A-Z]/ /g; s/\\//g' "$1" >page
	# tables: `name[] = { "a", ...` and rows `{ "a", ... },`
	cat "$src"/sim/scn_stmt.c "$src"/sim/scn_claim.c "$src"/sim/scn_link.c \
	    "$src"/sim/scn_ifconfig.c "$src"/sim/scn_cmd.c \
	    "$src"/sim/scn_packet.c "$src"/sim/scn_set.c "$src"/sim/scn_net.c |
	    awk '/\[\] = \{ *$|\[\] = \{ [{"]/ { on = 1 }
		on || /^\t\{ "/ { print } /\};/ { on = 0 }' |
	    grep -oE '[{,] "[a-zA-Z.-]+"|^[	 ]+"[a-zA-Z.-]+",' |
	    grep -oE '[a-zA-Z.-]{2,}' | sort -u >table
	[ "$(wc -l <table)" -ge 60 ] || fail "$(wc -l <table) words were found"
	while read -r w; do
		grep -qw -F -e "$w" page ||
		    { echo "'$w' is not in $1"; bad=$((bad + 1)); }
	done <table
	return $bad
}

one=$src/man/vnetsim.1
five=$src/man/vnetsim-scenario.5
commands "$one" || fails=$?
words "$five" || fails=$((fails + $?))

# The other direction: a page without an option, one without a statement.
sed '/Fl -pcap-format/d' "$one" >less.1
commands less.1 >said && fail "a lost option is not noticed"
grep -q 'run --pcap-format' said || { fail "said instead:"; cat said; }
sed 's/tcpdrop/tcpdump/g' "$five" >less.5
words less.5 >said && fail "a lost command is not noticed"

# Exit statuses are those of docs/REPORTS.md.
awk '/^## Exit status/ { on = 1; next } /^##/ { on = 0 } on' \
    "$src/docs/REPORTS.md" | tr ' ' '\n' | grep -xE '[0-9]+' | sort -un |
    while read -r n; do
	grep -qE "^\.It $n(\+| |\$)" "$one" || echo "$n"
    done >missing
[ -s missing ] && { fail "exit statuses that vnetsim.1 lacks:"; cat missing; }

# The page of the language is made from docs/SCENARIOS.md.
if command -v python3 >/dev/null 2>&1; then
	python3 "$src/tools/md2mdoc.py" --check "$src/docs/SCENARIOS.md" \
	    "$five" || fails=$((fails + 1))
	sed 's/tcpdrop/tcpdrip/' "$src/docs/SCENARIOS.md" >changed.md
	python3 "$src/tools/md2mdoc.py" --check changed.md "$five" 2>said &&
	    fail "a stale page is not noticed"
	grep -q 'run ./dev man' said || fail "no word about what to do"
fi
[ $fails -eq 0 ] || exit 1

command -v mandoc >/dev/null 2>&1 || { echo "mandoc is missing"; exit 77; }
# Pages of other packages, and ours, need not be installed.
mandoc -Tlint -W style "$one" "$five" 2>&1 |
    grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' >said
[ ! -s said ] || { fail "mandoc -Tlint:"; cat said; }
printf '.Dd June 1, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nx\n' |
    mandoc -Tlint -W style >/dev/null 2>&1 && fail "mandoc finds nothing at all"
exit $((fails != 0))
