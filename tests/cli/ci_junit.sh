#!/bin/sh
# ci_junit.sh VNETSIM SOURCE SCRATCH - JUnit reports are valid by the schema in
# tests/data/junit.xsd on every outcome; the schema would see it otherwise.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
need xmllint
xsd=$src/tests/data/junit.xsd

valid()
{
	if ! xmllint --noout --schema "$xsd" "$1" >out 2>err; then
		bad "$1 is not valid"
	fi
}

cp "$src/tests/data/one-connection.scn" good.scn
mkdir -p 'a & b/<c>'
printf '# Fails <&">.\nexpect findings 1\n' >'a & b/<c>/x"y.scn'
sed "s/^set PEERS 20/set PEERS 2/" \
    "$src/scenarios/teardown/peers-told.scn" >finding.scn
"$v" run --order interfaces-first --junit all.xml good.scn 'a & b' finding.scn \
    >out 2>err
[ $? -eq 2 ] || bad "not exit 2"
valid all.xml
has all.xml '<failure type="failed"'
has all.xml '<error type="finding"'
"$v" run --events 30 --junit budget.xml good.scn >out 2>err
[ $? -eq 5 ] || bad "not exit 5"
valid budget.xml
has budget.xml 'type="budget"'
"$v" run --junit ok.xml good.scn >out 2>err || bad "a good one fails"
valid ok.xml
i=0
while [ $i -lt 6 ]; do
	i=$((i + 1))
	"$v" run --junit "shard$i.xml" --shard $i/6 good.scn >out 2>err ||
	    bad "shard $i fails"
	valid "shard$i.xml"
done
grep -l 'tests="0"' shard*.xml >/dev/null || bad "no shard is empty"

# What is not a report is seen.
for edit in 's/ tests="1"/ tests="one"/' 's/testcase /case /' \
    's/ time="[0-9.]*"/ time="soon"/' 's/ classname="[^"]*"//' \
    's/ type="budget"/ type="tired"/'; do
	sed "$edit" budget.xml >broken.xml
	cmp -s budget.xml broken.xml && bad "$edit changes nothing"
	if xmllint --noout --schema "$xsd" broken.xml >out 2>err; then
		bad "$edit is taken"
	fi
done
finish
