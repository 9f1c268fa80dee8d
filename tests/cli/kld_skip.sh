#!/bin/sh
# kld_skip.sh VNETSIM SOURCE SCRATCH - a program that cannot load modules skips
# the scenarios with kldload, says why in every report, and plays the others;
# exit status 77 if there are no others.  ./dev musl has such a program; here
# dlopen(3) is taken away from this one.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
: "${CC:=cc}"

echo 'void *dlopen(const char *f, int m) { (void)f; (void)m; return 0; }' >no.c
"$CC" -shared -fPIC -o no.so no.c || exit 77
without()
{
	LD_PRELOAD=$PWD/no.so "$v" "$@"
}
printf '# Loads.\nexpect fails ENOENT kldload nowhere\n' >load.scn
printf '# Does not.\njail -c name=a vnet persist\n' >other.scn
printf '# Fails.\nexpect findings 1\n' >fails.scn
status 0 "with dlopen" "$v" run load.scn
without run load.scn >out 2>err
# a sanitizer wants to be first, or takes dlopen itself; macOS knows no such
# variable
grep -q '^skip' out || { echo "dlopen cannot be taken away here"; exit 77; }

status 77 "alone" without run load.scn
has_re out '^skip load.scn  (kldload: .*cannot load modules)$'
has out '0 passed, 0 failed, 1 skipped'
hasnot out 'repeat:'
for opts in "" "-j 2" "--again" "--shuffle" "--fail-alloc all"; do
	# shellcheck disable=SC2086
	status 0 "with another, $opts" without run $opts load.scn other.scn
	has out '1 passed, 0 failed, 1 skipped'
	[ "$(grep -c '^ok   other.scn' out)" -eq 1 ] || bad "other.scn: $opts"
done
status 1 "with one that fails" without run fails.scn load.scn other.scn
has out '1 passed, 1 failed, 1 skipped'

status 0 "TAP" without run --tap load.scn other.scn
has_re out '^ok 1 - load.scn # SKIP kldload: .*modules$'
has_re out '^ok 2 - other.scn$'
status 0 "JUnit" without run --junit j.xml load.scn other.scn
has j.xml 'tests="2" failures="0" errors="0" skipped="1"'
has_re j.xml 'name="load.scn".*<skipped message="kldload: .*modules"/>'
status 0 "JSON" without run --json j.json load.scn other.scn
has j.json '"passed":1,"failed":0,"skipped":1'
has j.json '"status":"skipped","exit":77,"virtual_ns":0,"events":0'
status 0 "annotations" env GITHUB_ACTIONS=true LD_PRELOAD="$PWD/no.so" \
    "$v" run load.scn other.scn
hasnot out '::error'

status 77 "explore" without explore load.scn
has_re out '^skip load.scn  (kldload: '
status 0 "explore another" without explore load.scn other.scn
has_re out '^ok   other.scn '
finish
