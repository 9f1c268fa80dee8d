# bash completion for vnetsim(1)
#
# Commands and options are those that "vnetsim help" shows, so that this file
# knows what the program knows; only values of options stand here.

# _vnetsim_help WORD PATTERN [COMMAND]: what matches PATTERN in a help text
_vnetsim_help()
{
	local program=$1 pattern=$2

	shift 2
	"$program" help "$@" 2>/dev/null | grep -oE -e "$pattern" | sort -u
}

# _vnetsim_values OPTION: the words that an option can take
_vnetsim_values()
{
	case $1 in
	--order|--diff)	echo top-down freebsd-13 freebsd-9 interfaces-first ;;
	--ties)		echo reverse name ;;
	--close)	echo graceful abort crash ;;
	--pcap-format)	echo pcapng pcap ;;
	--level)	echo E1 ;;
	--fail-alloc)	echo all all,sticky ;;
	esac
}

# _vnetsim_files PATTERN WORD: directories, and files that match
_vnetsim_files()
{
	local name

	compgen -d -- "$2"
	while IFS= read -r name; do
		# shellcheck disable=SC2053
		[[ $name == $1 && ! -d $name ]] && printf '%s\n' "$name"
	done < <(compgen -f -- "$2")
}

_vnetsim()
{
	local program=${COMP_WORDS[0]} cmd=${COMP_WORDS[1]}
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local words='' pattern='*'

	COMPREPLY=()
	# bash breaks "--order=top" into three words
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]] && ((COMP_CWORD >= 2)); then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)); then
		words=$("$program" help 2>/dev/null |
		    awk '/^  [a-z]/ { print $1 }')
	elif [[ $cmd == help ]]; then
		words=$("$program" help 2>/dev/null |
		    awk '/^  [a-z]/ { print $1 }')
	elif words=$(_vnetsim_values "$prev"); [[ -n $words ]]; then
		:
	elif [[ $cur == -* ]]; then
		words=$(_vnetsim_help "$program" '--[a-z][a-z-]*' "$cmd")
	else
		case $cmd:$prev in
		*:--pcap|*:--out|*:--dump-dir)
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
			return ;;
		*:--json|*:--junit|*:--trace|*:--baseline|*:--baseline-write)	;;
		run:*|explore:*)	pattern='*.scn' ;;
		decode:*|check-pcap:*|import:*)	pattern='*.pcap*' ;;
		esac
		mapfile -t COMPREPLY < <(_vnetsim_files "$pattern" "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -o filenames -F _vnetsim vnetsim
