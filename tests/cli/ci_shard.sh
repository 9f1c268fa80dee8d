#!/bin/sh
# ci_shard.sh VNETSIM SOURCE SCRATCH - shards: each scenario in exactly one,
# wherever the tree lies; what a shard says of one is what the whole run says.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"

mkdir -p d/sub e
n=1
while [ $n -le 20 ]; do
	printf '# Number %d.\n+1s\n' $n >"d/s$n.scn"
	n=$((n + 1))
done
cp "$src/tests/data/one-connection.scn" d/sub/conn.scn
cp d/s1.scn d/sub/s1.scn
printf '# Fails.\nexpect findings 1\n' >d/sub/fails.scn
cp -R d e/d

"$v" run --json all.json --pcap all d >all.txt 2>err
[ $? -eq 1 ] || bad "the whole run is not exit 1"
"$v" run --list d >all.list 2>err

: >union.list
: >union.txt
i=1
while [ $i -le 4 ]; do
	"$v" run --list --shard $i/4 d >list.$i 2>err || bad "list $i"
	cat list.$i >>union.list
	# Stateless: as often as you like, from anywhere, in any order.
	(cd e/d && "$v" run --list --shard $i/4 "$PWD" 2>/dev/null) |
	    sed "s|$PWD/e/d|d|" | awk '{ print $1 }' >there
	awk '{ print $1 }' list.$i >here
	same here there
	"$v" run --shard $i/4 --pcap union d 2>err |
	    grep -v ' passed, ' >>union.txt
	i=$((i + 1))
done
sort all.list >a
sort union.list >b
same a b
[ "$(wc -l <a)" -eq 23 ] || bad "not 23 scenarios"
[ "$(sort -u b | wc -l)" -eq 23 ] || bad "one is in two shards"
grep -v ' passed, ' all.txt | sort >a
sort union.txt >b
same a b
for f in all/*; do
	same "$f" "union/${f#all/}"
done
[ "$(find all -type f | wc -l)" -eq "$(find union -type f | wc -l)" ] ||
    bad "other captures"

# Another file does not move one.
"$v" run --list --shard 2/3 d | awk '{ print $1 }' >before
printf '# New.\n+1s\n' >d/aaa.scn
"$v" run --list --shard 2/3 d | awk '{ print $1 }' | grep -v aaa >after
same before after
rm d/aaa.scn

# More shards than scenarios: some have no work, and that is no error.
empty=0
i=1
while [ $i -le 5 ]; do
	status 0 "shard $i/5 of two" "$v" run --shard $i/5 d/s1.scn d/s2.scn
	if grep -q "^shard $i/5: none of 2 scenarios is in it" out; then
		empty=$((empty + 1))
		has out "0 passed, 0 failed, 0 skipped"
	fi
	status 0 "explore $i/5" "$v" explore --shard $i/5 d/s1.scn d/s2.scn
	i=$((i + 1))
done
[ $empty -ge 3 ] || bad "only $empty of 5 shards are empty"
status 66 "a shard of nothing" "$v" run --shard 1/2 nosuch
for s in 0/3 4/3 1/0 a/3 1/b 1 1/ /3 1/3x -1/3 1/10001 +1/3 ''; do
	status 64 "--shard '$s'" "$v" run --shard "$s" d
	has err "no shard"
done
status 0 "the limit" "$v" run --shard 10000/10000 d/s1.scn
status 64 "--shad" "$v" run --shad 1/2 d
has err "did you mean --shard?"
finish
