/*
 * vnet_load.h - loaded modules of a world.
 */
#ifndef SRC_CORE_VNET_LOAD_H
#define SRC_CORE_VNET_LOAD_H

#include <stddef.h>
#include <vnetsim/kern/kmod.h>

/* Ids below are built in; VNET_MOD_BUILTIN itself means "no module". */
#define VNET_MOD_FIRST (VNET_MOD_BUILTIN + 1)

#endif /* !SRC_CORE_VNET_LOAD_H */
