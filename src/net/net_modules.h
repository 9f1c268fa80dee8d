/*
 * net_modules.h - the list of built-in modules, for whoever makes a world.
 */
#ifndef SRC_NET_NET_MODULES_H
#define SRC_NET_NET_MODULES_H

#include <vnetsim/kern/vnet.h>

/* NULL-terminated; the index is the id. */
extern const struct vnet_module *const net_modules[];

#endif /* !SRC_NET_NET_MODULES_H */
