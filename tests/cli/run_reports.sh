#!/bin/sh
# run_reports.sh VNETSIM SOURCE SCRATCH - JUnit and JSON are valid and say the
# same on every outcome; nothing in them depends on -j or the time of day.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
need python3

cp "$src/tests/data/one-connection.scn" good.scn
printf '# Fails <&">.\nexpect findings 1\n' >fails.scn
printf '# Never ends in time.\nrepeat 1000 { +1s }\n' >slow.scn
sed "s/^set PEERS 20/set PEERS 2/" "$src/scenarios/teardown/peers-told.scn" >finding.scn

"$v" run --order interfaces-first -j 2 --junit a.xml \
    --json a.json --out o1 good.scn fails.scn finding.scn >out 2>err
[ $? -eq 2 ] || { echo "not exit 2"; cat out err; fails=1; }
"$v" run --order interfaces-first --junit b.xml \
    --json b.json --out o1 good.scn fails.scn finding.scn >out2 2>err
same a.xml b.xml
same a.json b.json
same out out2
python3 - <<'PY' || fails=1
import json, sys
import xml.etree.ElementTree as et
d = json.load(open("a.json"))
t = et.parse("a.xml").getroot()
cases = {c.get("file"): c for c in t.iter("testcase")}
by = {s["file"]: s for s in d["scenarios"]}
ok = d["exit"] == 2 and d["failed"] == len([s for s in by.values() if s["exit"]])
ok &= list(by) == sorted(by) and sorted(cases) == sorted(by)
ok &= by["fails.scn"]["status"] == "failed"
ok &= by["fails.scn"]["failures"][0]["line"] == 2
ok &= cases["fails.scn"].find("failure") is not None
ok &= by["finding.scn"]["status"] == "finding"
f = by["finding.scn"]["findings"]
ok &= len(f) >= 2 and all(x["oracle"] == "wire" for x in f)
ok &= cases["finding.scn"].find("error") is not None
v = [x for x in by["finding.scn"]["vnets"] if x["jail"] == "client"][0]
ok &= v["peers"]["stuck"] == 2 and v["order"] == "interfaces-first"
s = t.find("testsuite")
ok &= int(s.get("tests")) == 3
ok &= int(s.get("failures")) + int(s.get("errors")) == d["failed"]
if not ok:
    print(json.dumps(d, indent=1)[:4000])
sys.exit(0 if ok else 1)
PY
"$v" run --json - good.scn 2>err | python3 -m json.tool >/dev/null ||
    { echo "--json - is no document"; fails=1; }
"$v" run --json - fails.scn --out o1 2>err | python3 -m json.tool >/dev/null ||
    { echo "--json - of a failure is no document"; fails=1; }

finish
