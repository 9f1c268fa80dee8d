/*
 * net_modules.c - THE list: every built-in module of a stack, bottom first.
 *
 * An explicit list instead of linker sets: it is the same for every linker, an
 * embedder can read it, and a module cannot be dropped from an archive.  The
 * index of a module is its id (modules.h); tests/test_net_modules.c compares.
 */
#include "src/core/vnet_var.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip_var.h"
#include "src/net/link/link.h"
#include "src/net/net_modules.h"

VNET_MODULE_DECLARE(igmp);
VNET_MODULE_DECLARE(hostcache);
VNET_MODULE_DECLARE(pf);
VNET_MODULE_DECLARE(rtsock);
VNET_MODULE_DECLARE(rip);
VNET_MODULE_DECLARE(tcp);
VNET_MODULE_DECLARE(tcpstat);

const struct vnet_module *const net_modules[] = {
#define X(n) &vnet_module_##n,
	VNET_MODULE_LIST(X)
#undef X
	    NULL,
};
