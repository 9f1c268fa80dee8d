/*
 * jail_registry.h - between kern_jail.c and jail_registry.c.
 */
#ifndef SRC_CORE_JAIL_REGISTRY_H
#define SRC_CORE_JAIL_REGISTRY_H

#include <stdint.h>
#include <vnetsim/kern/jail.h>

/**
 * jail_id_next() - choose a jid
 * @jid:	out: the next free one after the last one given, from 1 again
 *		behind the highest
 *
 * Return:	0; VE_AGAIN: all are taken, dying ones included.
 */
int jail_id_next(int32_t *jid);

/**
 * jail_register() - enter a new prison by number and name
 * @pr:	pr_id and pr_name are set, both free
 *
 * Return:	0; VE_NOMEM (nothing changed).
 */
int jail_register(struct prison *pr);

/**
 * jail_unregister() - the opposite; its name may be gone already
 * @pr:	registered
 */
void jail_unregister(struct prison *pr);

/* A dying prison is not found by name any more. */
void jail_name_remove(struct prison *pr);

/* A living prison by its full name, or NULL; not prison0. */
struct prison *jail_byname(const char *name);

#endif /* !SRC_CORE_JAIL_REGISTRY_H */
