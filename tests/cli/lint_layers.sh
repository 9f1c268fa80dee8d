#!/bin/sh
# tools/check_layers.py finds each kind of wrong include, circles and doors,
# and leaves their near misses alone.
needs=
# shellcheck source=tools/planted.sh
. "$2/tools/planted.sh"
begin "$@"
check="python3 tools/check_layers.py"

put tools/doors.txt <<'T'
src/core/door.c  the only one here
T
put include/vnetsim/world.h <<'T'
#include <stdint.h>
#include <stdbool.h>
T
put include/vnetsim/kern/k.h <<'T'
#include <vnetsim/world.h>
T
put src/core/a.h <<'T'
#include <vnetsim/kern/k.h>
#include <string.h>
T
put src/core/uthash_world.h <<'T'
#include <uthash.h>
T
put src/core/door.c <<'T'
#include "src/core/a.h"
void d(void) { CURVNET_SET(v); vnet_enter(f, v, 0, 0); curvnet = 0; }
T
put src/net/link/if.h <<'T'
#include "src/core/a.h"
T
put src/net/ip/ip.h <<'T'
#include "src/net/link/if.h"
T
put src/net/tcp/tcp.c <<'T'
/* #include "src/net/link/if.h" */
#include "src/net/ip/ip.h"
/* curvnet = v; CURVNET_SET(v) */
const char *s = "curvnet = 0; CURVNET_SET(x)";
bool f(struct vnet *v) { return (curvnet == v); }
T
put src/net/net_modules.c <<'T'
#include "src/net/tcp/tcp.h"
T
put src/net/tcp/tcp.h <<'T'
#include "src/net/ip/ip.h"
T
put sim/main.c <<'T'
#include <stdio.h>
#include <unistd.h>
#include <vnetsim/world.h>
T
put tests/test_x.c <<'T'
#include "src/net/tcp/tcp.h"
T
clean "the tree before anything is planted"

put src/net/tcp/bad.c <<'T'

#include "src/net/link/if.h"
T
caught "tcp sees link" "src/net/tcp/bad.c:2: tcp includes src/net/link/if.h"
rm src/net/tcp/bad.c

put src/teardown/bad.c <<'T'
#include "src/net/ip/ip.h"
T
caught "teardown sees net" "src/teardown/bad.c:1: teardown includes"
rm src/teardown/bad.c

put src/teardown/wire/bad.c <<'T'
#include "src/core/a.h"
T
caught "the monitor sees core" "src/teardown/wire/bad.c:1: wire includes"
rm src/teardown/wire/bad.c

put src/core/bad.c <<'T'
#include "src/net/ip/ip.h"
T
caught "core sees net" "src/core/bad.c:1: core includes src/net/ip/ip.h"
rm src/core/bad.c

put sim/bad.c <<'T'
#include <vnetsim/kern/k.h>
T
caught "sim sees kern" "sim/bad.c:1: sim includes include/vnetsim/kern/k.h"
put sim/bad.c <<'T'
#include "src/core/a.h"
T
caught "sim sees src" "sim/bad.c:1: sim includes src/core/a.h"
rm sim/bad.c

for header in stdio.h stdlib.h time.h pthread.h sys/mman.h errno.h; do
	echo "#include <$header>" | put src/core/bad.c
	caught "$header in src" "src/core/bad.c:1: <$header>"
done
echo '#include <uthash.h>' | put src/core/bad.c
caught "uthash beside its header" "src/core/bad.c:1: <uthash.h>"
rm src/core/bad.c
echo '#include <stdio.h>' | put include/vnetsim/bad.h
caught "stdio in a public header" "include/vnetsim/bad.h:1: <stdio.h>"
rm include/vnetsim/bad.h

echo '#include "a.h"' | put src/core/bad.c
caught "relative include" 'src/core/bad.c:1: a.h is relative'
echo '#include "src/core/gone.h"' | put src/core/bad.c
caught "missing header" 'src/core/bad.c:1: src/core/gone.h is not in the tree'
echo '#include "include/vnetsim/world.h"' | put src/core/bad.c
caught "public header in quotes" '#include <vnetsim/world.h>'
rm src/core/bad.c

put src/core/c1.h <<'T'
#include "src/core/c2.h"
T
put src/core/c2.h <<'T'
#include "src/core/c1.h"
T
caught "circle of headers" "src/core/c1.h -> src/core/c2.h -> src/core/c1.h"
rm src/core/c1.h src/core/c2.h

cp tools/layers.txt layers.keep
echo 'layer core src/core/ public kern ip' >>tools/layers.txt
echo '#include "src/net/ip/ip.h"' | put src/core/bad.c
caught "circle of layers" "layers include each other in a circle"
rm src/core/bad.c
cp layers.keep tools/layers.txt

for line in 'void f(void) { curvnet = v; }' \
    'void f(void) { kctx->kc_vnet = v; }' \
    'void f(void) { CURVNET_SET(v); }' \
    'void f(void) { vnet_enter(&f, v, DOOR_USER, 0); }'; do
	echo "$line" | put src/net/ip/bad.c
	caught "door: $line" "src/net/ip/bad.c:1:" "outside a door"
done
rm src/net/ip/bad.c

echo 'int x;' | put src/other/x.c
caught "a directory without layer" "src/other/x.c:1: belongs to no layer"
rm src/other/x.c
clean "all of it removed again"
finish
