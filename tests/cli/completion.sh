#!/bin/sh
# completion.sh VNETSIM SOURCE SCRATCH - what bash offers behind the cursor, and
# that the values it offers are ones that the program takes.
set -u
v=$1
src=$2
cd "$3" || exit 1
fails=0
command -v bash >/dev/null 2>&1 || { echo "bash is missing"; exit 77; }

mkdir -p bin dir/deep
ln -s "$v" bin/vnetsim
: >dir/a.scn
: >dir/b.txt
: >dir/c.pcapng
PATH=$3/bin:$PATH
export PATH

# offers WORD...: what is offered for the last one, sorted, in one line
offers()
{
	bash -c '
		source "$0"/completion/vnetsim.bash || exit 1
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_vnetsim
		printf "%s\n" "${COMPREPLY[@]}"' "$src" vnetsim "$@" |
	    LC_ALL=C sort | tr '\n' ' '
}

# is WANT WORD...
is()
{
	want=$1
	shift
	got=$(offers "$@")
	[ "$got" = "$want" ] && return
	echo "'$*': offered '$got', not '$want'"
	fails=$((fails + 1))
}

# holds WANT WORD...: among others
holds()
{
	want=$1
	shift
	case " $(offers "$@")" in
	*" $want "*) ;;
	*)
		echo "'$*': '$want' is not offered: $(offers "$@")"
		fails=$((fails + 1)) ;;
	esac
}

is "explore " ex
holds check-pcap ""
holds order help ""
is "--pcap --pcap-format " run --pc
is "--json " check-pcap --j
is "--diff --dot " order --d
is "top-down " run --order t
is "freebsd-13 " run --order freebsd-1
is "interfaces-first " run --order = i
holds abort explore --close =
is "pcap pcapng " run --pcap-format pc
is "dir/a.scn dir/deep " run dir/
is "dir/c.pcapng dir/deep " decode dir/
is "dir/deep " run --pcap dir/
is "dir/a.scn dir/b.txt dir/c.pcapng dir/deep " run --json dir/
is " " run nosuch
is " " nosuchcommand --x

# Every option of help is offered.
for cmd in $("$v" help | awk '/^  [a-z]/ { print $1 }'); do
	for o in $("$v" help "$cmd" | grep -oE -e '--[a-z][a-z-]*' | sort -u); do
		holds "$o" "$cmd" --
	done
done

# Every value that is offered is one.
for o in --order --ties --close --level --pcap-format --fail-alloc; do
	cmd=run
	[ $o != --level ] || cmd=explore
	for value in $(offers $cmd $o ""); do
		"$v" $cmd $o "$value" /nonexistent >said 2>&1
		[ $? -ne 64 ] || [ "$(grep -c 'built without' said)" -eq 1 ] || {
			echo "$cmd $o $value is offered and refused:"
			cat said
			fails=$((fails + 1))
		}
		grep -q -e "$value" "$src/completion/_vnetsim" || {
			echo "zsh does not know $o $value"
			fails=$((fails + 1))
		}
	done
done
for order in top-down freebsd-13 interfaces-first $("$v" help run |
    sed -n 's/^  --order NAME *//p' | tr -d ,); do
	holds "$order" run --order ""
done

# The comparison can fail.
before=$fails
is "no-such-answer " run --order t >/dev/null
[ "$fails" -eq $((before + 1)) ] || { echo "any answer is right"; exit 1; }
fails=$before

if command -v zsh >/dev/null 2>&1; then
	zsh -n "$src/completion/_vnetsim" || fails=$((fails + 1))
fi
exit $((fails != 0))
