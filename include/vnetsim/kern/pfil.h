/*
 * pfil.h - packet filters: a module looks at each packet and decides.
 *
 * Names and calls are those of pfil(9) of FreeBSD 13.  A layer that lets its
 * packets be filtered registers a head (IPv4: V_inet_pfil_head, "inet").  A
 * filter makes a hook, which is a function with its rule set, and links it to
 * a head, for packets coming in, going out, or both.  All of it is per vnet
 * and ledger objects; a hook knows the module it belongs to, and one that is
 * left after that module's shutdown is a finding that names the module.
 *
 * A hook may link, unlink, add and remove any hook, itself included, while it
 * runs: what is unlinked is not called any more, not even for the packet that
 * is being looked at.  What is appended meanwhile sees that packet, what is
 * put in front does not.  A packet that waits (claimed in netisr, held by
 * ARP) refers to no hook: those that are there when it goes on see it.
 *
 * Nothing hooked costs a test: PFIL_HOOKED_IN() and PFIL_HOOKED_OUT().
 *
 * Different from FreeBSD: the function gets the packet as mbuf only; what
 * PFIL_DROPPED leaves in *mp is dropped here, with a reason; pa_mod.
 */
#ifndef VNETSIM_KERN_PFIL_H
#define VNETSIM_KERN_PFIL_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/vnet.h>

struct ifnet;
struct inpcb;
struct mbuf;

#define PFIL_VERSION   1
#define PFIL_INET_NAME "inet"

enum pfil_types {
	PFIL_TYPE_IP4 = 1,
	PFIL_TYPE_IP6,
	PFIL_TYPE_ETHERNET,
};

/* pa_flags; PFIL_IN or PFIL_OUT is also what a hook is told. */
enum pfil_flags {
	PFIL_IN = 0x10000,
	PFIL_OUT = 0x20000,
	PFIL_HEADPTR = 0x100000, /* pa_head, else pa_headname */
	PFIL_HOOKPTR = 0x200000, /* pa_hook, else pa_hookname */
	PFIL_APPEND = 0x400000,  /* behind the others, else in front */
	PFIL_UNLINK = 0x800000,
};

/* What a hook says about a packet. */
typedef enum {
	PFIL_PASS = 0,  /* goes on; *mp may be another mbuf now */
	PFIL_DROPPED,   /* ends; what is in *mp is dropped and counted once */
	PFIL_CONSUMED,  /* is the hook's now */
	PFIL_REALLOCED, /* goes on, and *mp is another mbuf */
} pfil_return_t;

/**
 * pfil_func_t - a filter
 * @mp:		packet, IP header first; a hook may change it, and pull up,
 *		prepend, replace; with a pending sum (mbuf.h) as with a real
 *		one it mends what it breaks, but for pending ones
 * @ifp:	it came in by, or goes out by
 * @flags:	PFIL_IN or PFIL_OUT
 * @ruleset:	of the hook
 * @inp:	out: whose packet it is, or NULL; in: NULL
 *
 * Runs with the vnet current, in the name of the hook's module.  It may send
 * packets, which are filtered in their turn.
 */
typedef pfil_return_t (*pfil_func_t)(struct mbuf **mp, struct ifnet *ifp,
    int flags, void *ruleset, struct inpcb *inp);

struct pfil_hook;
struct pfil_link;
typedef struct pfil_hook *pfil_hook_t;
STAILQ_HEAD(pfil_chain, pfil_link);

struct pfil_head {
	uint32_t head_nhooksin;
	uint32_t head_nhooksout;
	struct pfil_chain head_in, head_out;
	LIST_ENTRY(pfil_head) head_list;
	const char *head_name;
	uint8_t head_type;
	uint32_t head_flags;   /* PFIL_IN, PFIL_OUT: what may be hooked */
	uint32_t head_running; /* nesting of pfil_run_hooks() */
};
typedef struct pfil_head *pfil_head_t;

/* State of module pfil. */
struct vnet_pfil {
	LIST_HEAD(, pfil_head) heads; /* (o) */
	LIST_HEAD(, pfil_hook) hooks; /* (o) newest first */
	pfil_head_t inet; /* (b) registered by ip's init, gone at its shutdown*/
};
VNET_STATE(pfil, struct vnet_pfil);
#define V_inet_pfil_head VNET(pfil).inet

#define PFIL_HOOKED_IN(h)  ((h) != NULL && (h)->head_nhooksin != 0)
#define PFIL_HOOKED_OUT(h) ((h) != NULL && (h)->head_nhooksout != 0)

struct pfil_head_args {
	int pa_version; /* PFIL_VERSION */
	int pa_flags;   /* PFIL_IN | PFIL_OUT */
	enum pfil_types pa_type;
	const char *pa_headname; /* constant */
};

struct pfil_hook_args {
	int pa_version; /* PFIL_VERSION */
	int pa_flags;   /* PFIL_IN | PFIL_OUT: what it may be linked to */
	enum pfil_types pa_type;
	pfil_func_t pa_func;
	void *pa_ruleset;       /* (b) in the world, or constant, or NULL */
	const char *pa_modname; /* constant; name is "modname:rulname" */
	const char *pa_rulname; /* constant */
	int pa_mod; /* owner, enum vnet_modid; 0: the module that runs */
};

struct pfil_link_args {
	int pa_version; /* PFIL_VERSION */
	int pa_flags;   /* enum pfil_flags */
	union {
		const char *pa_headname;
		pfil_head_t pa_head;
	};
	union {
		const char *pa_hookname; /* "modname:rulname" */
		pfil_hook_t pa_hook;
	};
};

/**
 * pfil_head_register() - let the packets of a layer be filtered, in curvnet
 * @pa:	what and which
 *
 * Panics if there is a head of that type and name.
 * Return:	the head, or NULL: no memory.
 */
pfil_head_t pfil_head_register(const struct pfil_head_args *pa);

/**
 * pfil_head_unregister() - no longer
 * @head:	of curvnet, or NULL; no packet is being filtered
 *
 * Hooks are unlinked, and stay until their modules remove them.
 */
void pfil_head_unregister(pfil_head_t head);

/**
 * pfil_add_hook() - make a filter of curvnet
 * @pa:	copied
 *
 * It sees nothing until it is linked.
 * Return:	the hook, or NULL: no memory, or the vnet's doors are shut
 *		(quiesced): nobody could remove it in order.
 */
pfil_hook_t pfil_add_hook(const struct pfil_hook_args *pa);

/**
 * pfil_link() - put a hook into the way of packets, or (PFIL_UNLINK) take it
 * @pa:	hook, head, directions, place
 *
 * A hook stands at most once in each direction of a head.
 * Return:	0; VE_NOENT: no such hook or head, or nothing to unlink;
 *		VE_INVAL: hook and head do not match in type or direction, or
 *		no direction; VE_EXIST: linked already; VE_NOMEM.  But for 0
 *		nothing has changed.
 */
int pfil_link(const struct pfil_link_args *pa);

/**
 * pfil_remove_hook() - unlink it everywhere and end it
 * @hook:	of curvnet, or NULL
 *
 * Nothing calls it from now on: the rule set may be freed, unless that is
 * done from within the hook.
 */
void pfil_remove_hook(pfil_hook_t hook);

/**
 * pfil_run_hooks() - ask the filters about a packet
 * @head:	of curvnet
 * @mp:		packet; another one or NULL afterwards
 * @ifp:	interface
 * @dir:	PFIL_IN or PFIL_OUT
 * @inp:	or NULL
 *
 * Return:	PFIL_PASS or PFIL_REALLOCED: go on with *@mp; PFIL_DROPPED
 *		(counted, pfil.in or pfil.out), PFIL_CONSUMED: *@mp is NULL.
 */
pfil_return_t pfil_run_hooks(pfil_head_t head, struct mbuf **mp,
    struct ifnet *ifp, int dir, struct inpcb *inp);

#endif /* !VNETSIM_KERN_PFIL_H */
