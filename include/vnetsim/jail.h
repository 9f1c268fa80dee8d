/*
 * jail.h - jails and the simulated processes in them.
 *
 * The host is the jail with number 0 and name "0"; its vnet is vnet0.
 */
#ifndef VNETSIM_JAIL_H
#define VNETSIM_JAIL_H

#include <vnetsim/vnetsim.h>

/**
 * struct vnetsim_close_policy - how the vnet of a jail says goodbye
 * @policy:	enum vnetsim_close
 * @grace:	T: virtual ns; 0: the policy's default (30 s graceful, 3 s
 *		abort)
 */
struct vnetsim_close_policy {
	enum vnetsim_close policy;
	int64_t grace;
};

/**
 * struct vnetsim_jail_params - jail -c
 * @name:	full dotted name; its parent must exist
 * @vnet:	gets a vnet of its own, else it shares its parent's
 * @persist:	lives without processes
 * @children_max: children.max, 0: none allowed
 * @close:	NULL: the world's default (graceful 30 s)
 * @allow_raw_sockets: its processes may open raw sockets; those of a jail with
 *		a vnet of its own may anyway
 */
struct vnetsim_jail_params {
	const char *name;
	bool vnet;
	bool persist;
	int children_max;
	const struct vnetsim_close_policy *close;
	bool allow_raw_sockets;
};

/**
 * vnetsim_jail_create() - jail -c
 * @w:	world
 * @jp:	parameters
 * @jail: out
 *
 * Return:	0; VE_EXIST: the name is taken; VE_INVAL: bad name or dying
 *		parent; VE_NOENT: no such parent; VE_NAMETOOLONG; VE_PERM:
 *		prison limit exceeded, or the parent may not what the jail
 *		shall be allowed; VE_AGAIN: no jid free; VE_NOMEM.
 *		Nothing has changed then.
 */
int vnetsim_jail_create(struct vnetsim *w, const struct vnetsim_jail_params *jp,
    vnetsim_handle *jail);

/**
 * vnetsim_jail_find() - by name or number
 * @w:		world
 * @name:	"a.b", "3", "0"
 * @dying:	also dying ones
 *
 * Return:	handle, 0: none.
 */
vnetsim_handle vnetsim_jail_find(
    struct vnetsim *w, const char *name, bool dying);

/**
 * vnetsim_jail_remove() - jail -r: the teardown begins
 * @w:		world
 * @jail:	not the host
 * @op:		out: completes when the jail is gone; may be NULL
 *
 * Return:	0; VE_SRCH: no such jail; VE_INVAL: the host; VE_ALREADY: it
 *		is being removed.
 */
int vnetsim_jail_remove(
    struct vnetsim *w, vnetsim_handle jail, vnetsim_handle *op);

/**
 * struct vnetsim_jail_info - what jls shows
 * @jid:	number
 * @name:	full name
 * @dying:	no use is left
 * @vnet:	number of its vnet
 * @own_vnet:	it is its own
 * @uses:	use references
 * @holds:	hold references
 * @phase:	teardown phase of its own vnet, constant; NULL while it lives
 */
struct vnetsim_jail_info {
	int jid;
	char name[64];
	bool dying;
	uint32_t vnet;
	bool own_vnet;
	uint32_t uses, holds;
	const char *phase;
};

/**
 * vnetsim_jail_info() - look at a jail
 * @w:		world
 * @jail:	handle
 * @info:	out
 *
 * Return:	0; VE_SRCH: gone.
 */
int vnetsim_jail_info(
    struct vnetsim *w, vnetsim_handle jail, struct vnetsim_jail_info *info);

/**
 * vnetsim_jail_next() - walk all jails by number, the host first
 * @w:		world
 * @jail:	0: the first; else the one after it
 *
 * Return:	handle, 0: no more.
 */
vnetsim_handle vnetsim_jail_next(struct vnetsim *w, vnetsim_handle jail);

/**
 * vnetsim_rctl_set() - rctl -a jail:NAME:memoryuse:deny=BYTES, rctl -r
 * @w:		world
 * @jail:	has a vnet of its own (or is the host)
 * @bytes:	that everything its vnet is charged for may take together,
 *		ledger headers and mbufs in flight included; 0: no limit
 *
 * May be less than what is in use: then every allocation that can fail does,
 * until enough is given back.  What was set aside for goodbyes stays usable.
 * A dying vnet obeys as well.
 * Return:	0; VE_SRCH: no such jail; VE_INVAL: it shares its parent's
 *		vnet.
 */
int vnetsim_rctl_set(struct vnetsim *w, vnetsim_handle jail, uint64_t bytes);

/**
 * vnetsim_rctl_get() - rctl -u, rctl -l
 * @w:		world
 * @jail:	has a vnet of its own
 * @used:	out: bytes charged now; may be NULL
 * @limit:	out: 0: none; may be NULL
 *
 * Return:	0; VE_SRCH; VE_INVAL: it shares its parent's vnet.
 */
int vnetsim_rctl_get(
    struct vnetsim *w, vnetsim_handle jail, uint64_t *used, uint64_t *limit);

/**
 * vnetsim_proc_create() - a simulated process in a jail
 * @w:		world
 * @jail:	alive
 * @name:	at most 31 bytes
 * @proc:	out
 *
 * Return:	0; VE_SRCH; VE_INVAL: dying; VE_NOMEM.
 */
int vnetsim_proc_create(struct vnetsim *w, vnetsim_handle jail,
    const char *name, vnetsim_handle *proc);

/**
 * vnetsim_proc_kill() - SIGKILL: descriptors are closed, a blocked call ends
 * @w:		world
 * @proc:	process
 *
 * Return:	0; VE_SRCH: gone already.
 */
int vnetsim_proc_kill(struct vnetsim *w, vnetsim_handle proc);

#endif /* !VNETSIM_JAIL_H */
