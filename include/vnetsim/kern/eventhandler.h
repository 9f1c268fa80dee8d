/*
 * eventhandler.h - what one module announces and others want to know.
 *
 * Handlers are per vnet and called in order of priority, then registration,
 * with the vnet current.  A registration is a ledger object: a handler that is
 * not deregistered leaks visibly.
 */
#ifndef VNETSIM_KERN_EVENTHANDLER_H
#define VNETSIM_KERN_EVENTHANDLER_H

#include <vnetsim/kern/kdefs.h>

enum eventhandler_id {
	EVH_IFNET_ARRIVAL,   /* obj: ifnet */
	EVH_IFNET_DEPARTURE, /* obj: ifnet; also on the way to another vnet */
	EVH_IFNET_LINK,      /* obj: ifnet; value: LINK_STATE_ */
	EVH_IFADDR,          /* obj: in_ifaddr; value: 1 added, 0 deleted */
	EVH_LLE,             /* obj: llentry; value: LLENTRY_ what happened */
	EVH_IFNET_INFO,      /* obj: ifnet; its flags or MTU have changed */
	EVH_RTEVENT,         /* obj: rtentry; value: RTM_ what happened */
	EVH_N,
};

struct eventhandler_entry;

enum {
	EVENTHANDLER_PRI_FIRST = 0,
	EVENTHANDLER_PRI_ANY = 10000,
	EVENTHANDLER_PRI_LAST = 20000,
};

/**
 * eventhandler_register() - want to know, in curvnet
 * @id:		what
 * @mod:	owner, enum vnet_modid
 * @func:	called with @arg
 * @arg:	for @func
 * @pri:	lower is earlier
 *
 * Return:	the registration, or NULL: no memory.
 */
struct eventhandler_entry *eventhandler_register(enum eventhandler_id id,
    int mod, void (*func)(void *arg, void *obj, int value), void *arg, int pri);

/**
 * eventhandler_deregister() - no longer
 * @e:	registration of curvnet, or NULL
 */
void eventhandler_deregister(struct eventhandler_entry *e);

/**
 * eventhandler_invoke() - announce
 * @id:		what
 * @obj:	ledger object
 * @value:	meaning depends on @id
 */
void eventhandler_invoke(enum eventhandler_id id, void *obj, int value);

#endif /* !VNETSIM_KERN_EVENTHANDLER_H */
