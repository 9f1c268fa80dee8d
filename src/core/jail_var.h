/*
 * jail_var.h - core's own view of prisons, credentials and processes.
 *
 * The world keeps its prisons in a list by jid (jls prints it) and in two
 * uthash registries: by jid, and by full name.  The name registry holds living
 * prisons only, so a dying one is invisible by name and its name is free.
 * The handles of uthash stand behind struct prison in the same object, so that
 * <vnetsim/kern/jail.h> need not know uthash.
 *
 * A prison whose end shall begin is put on wj_reap; one event per prison calls
 * the upcall wu_reap.  That takes a node of the event pool and no memory, so
 * the end of a jail cannot fail.
 */
#ifndef SRC_CORE_JAIL_VAR_H
#define SRC_CORE_JAIL_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/kern/queue.h>

struct prison_reg;
struct world;

struct world_jails {
	TAILQ_HEAD(, prison) wj_list; /* all but prison0, ascending jid */
	TAILQ_HEAD(, prison) wj_reap; /* their end begins, in order */
	struct prison_reg *wj_byid;   /* uthash: all but prison0 */
	struct prison_reg *wj_byname; /* uthash: the living ones */
	struct prison *wj_prison0;
	evnode_t wj_node;   /* event of wj_reap's head */
	int32_t wj_lastjid; /* last one given */
	int32_t wj_jidmax;  /* JAIL_MAX, or less in tests */
	int32_t wj_lastpid;
	uint32_t wj_nprisons; /* without prison0 */
	uint32_t wj_nprocs;
};

/**
 * world_jail_init() - the empty registry; prison0 comes later
 * @w:		world; its w_cfg is set
 */
void world_jail_init(struct world *w);

/**
 * prison0_create() - the home of what is outside every jail, and its vnet0
 *
 * curvnet is NULL.
 * Return:	0; VE_NOMEM; or the errno of a module's init.
 */
int prison0_create(void);

/**
 * prison_kill() - SIGKILL to every process of one prison, newest first
 * @pr:		prison; its descendants are not touched
 *
 * Step of a teardown.  Where the last process goes and nothing else uses the
 * prison, it is dying when this returns.
 */
void prison_kill(struct prison *pr);

/**
 * prison_parent() - the prison around a prison
 * @pr:		prison
 *
 * Return:	its parent; NULL: prison0.
 */
struct prison *prison_parent(const struct prison *pr);

/**
 * prison_byid() - by number, dying ones included
 * @jid:	0 to JAIL_MAX
 *
 * Return:	the prison, not held; NULL: none.
 */
struct prison *prison_byid(int32_t jid);

/**
 * prison_first() / prison_next() - all prisons but prison0, ascending jid
 * @pr:		one of them
 *
 * Return:	the first or next; NULL at the end.
 */
struct prison *prison_first(void);
struct prison *prison_next(const struct prison *pr);

/**
 * prison_usedrop() - drop a use; without any the prison is dying
 * @pr:		prison
 * @slot:	full, a use of @pr; may be the last
 */
void prison_usedrop(struct prison *pr, struct ref *slot);

/**
 * fd_closeall() - close(2) of every descriptor, lowest first
 * @p:		process; its table is freed
 */
void fd_closeall(struct proc *p);

#endif /* !SRC_CORE_JAIL_VAR_H */
