#!/bin/sh
# ci_progress.sh VNETSIM SOURCE SCRATCH - a line of progress on a terminal after
# a second, and never anywhere else.
# shellcheck source=tests/cli/lib.sh
. "$2/tests/cli/lib.sh"
need python3

cat >ontty.py <<'PY'
# ontty.py FILE COMMAND...: standard error is a terminal, kept in FILE
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.dup2(os.open("out", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o666), 1)
    os.execv(sys.argv[2], sys.argv[2:])
data = b""
while True:
    try:
        b = os.read(fd, 65536)
    except OSError:
        break
    if not b:
        break
    data += b
status = os.waitpid(pid, 0)[1]
open(sys.argv[1], "wb").write(data)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 99)
PY

# What does not end is stopped after two seconds; a failure comes before it.
cat >busy.scn <<'SCN'
# A gigabyte through a jail.
ifconfig epair create
jail -c name=a vnet persist vnet.interface=epair0a
jail -c name=b vnet persist vnet.interface=epair0b
jexec a ifconfig epair0a inet 10.0.0.1/24 up
jexec b ifconfig epair0b inet 10.0.0.2/24 up
b srv = listen tcp 80
a cli = connect tcp 10.0.0.2 80
b acc = accept srv
b recv acc all
a send cli 1000000000
expect b acc received 1000000000 within 100min
SCN
printf '# Fails.\nexpect findings 1\n' >a.scn
printf '# Short.\n+1s\n' >short.scn
esc=$(printf '\033')
TERM=xterm
export TERM

python3 ontty.py tty.txt "$v" run --timeout 2 --events 100000000000 a.scn busy.scn \
    short.scn
tr '\r' '\n' <tty.txt >lines
has lines "1 of 3 scenarios, 1 failed"
[ "$(grep -c 'of 3 scenarios' lines)" -ge 5 ] || bad "it is not rewritten"
has lines "${esc}[31m"
hasnot out "of 3 scenarios"
# Wiped before the end: the last thing on it is the time.
tail -n 1 lines | grep -q '^ *[0-9.]* s$' ||
    tail -n 2 lines | grep -q '^ *[0-9.]* s *$' || bad "it is not wiped"
grep -q "  0 s" lines && bad "it shows before a second has passed"

NO_COLOR=1 python3 ontty.py tty.txt "$v" run --timeout 2 --events 100000000000 \
    a.scn busy.scn short.scn
tr '\r' '\n' <tty.txt >lines
has lines "1 of 3 scenarios, 1 failed"
hasnot lines "$esc"

TERM=dumb python3 ontty.py tty.txt "$v" run --timeout 2 --events 100000000000 \
    busy.scn
hasnot tty.txt "scenarios"

# Short runs show nothing, logs hold nothing.
python3 ontty.py tty.txt "$v" run short.scn
hasnot tty.txt "scenarios"
"$v" run --timeout 2 --events 100000000000 busy.scn >out 2>err
hasnot out "of 1 scenarios"
hasnot err "of 1 scenarios"

# explore: the baseline of a busy scenario, then schedules.
python3 ontty.py tty.txt "$v" explore --timeout 2 --events 100000000000 busy.scn
tr '\r' '\n' <tty.txt >lines
has lines "0 of 1 scenarios run without a kill"
python3 ontty.py tty.txt "$v" explore --time 3 --set PEERS=60 \
    "$src/scenarios/teardown/peers-told.scn"
tr '\r' '\n' <tty.txt >lines
has_re lines '^[0-9]* of [0-9]* schedules, 0 findings'
finish
