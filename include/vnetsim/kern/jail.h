/*
 * jail.h - prisons, credentials, processes and their descriptors.
 *
 * A prison is held in two ways, as in FreeBSD: by *use* (persist, processes,
 * child jails that are in use) and by *hold* (credentials, children, sockets'
 * and pcbs' credentials).  Without use it is dying: invisible by name, still
 * there by number.  Without hold it goes, and with it the vnet it owns.  Both
 * are typed references (ref.h), so "why is it still dying" has an answer.
 *
 * A use reference is an edge to the prison's use anchor (struct pruse).
 *
 * Simulated processes have descriptor tables; a descriptor holds a struct
 * file, a file holds a socket through its ops.  SIGKILL closes all of them,
 * lowest first; a blocked operation of the process is cancelled with EINTR.
 */
#ifndef VNETSIM_KERN_JAIL_H
#define VNETSIM_KERN_JAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/vnet.h>

#define JAIL_MAX       999999
#define MAXHOSTNAMELEN VNET_NAMELEN
#define PROC_MAXFILES  1024 /* descriptors of one process */

enum prison_state { PRISON_STATE_ALIVE, PRISON_STATE_DYING };

enum prison_flags {
	PR_PERSIST = 0x1,
	PR_VNET = 0x10,
	PR_REMOVE = 0x01000000, /* being removed */
};

/* pr_allow; FreeBSD's bits.  The host may everything. */
enum prison_allow {
	PR_ALLOW_RAW_SOCKETS = 0x2,
};

/* Anchor of the use references. */
struct pruse {
	struct prison *pu_prison; /* (b) */
};

struct prison {
	int32_t pr_id;
	uint32_t pr_flags;
	uint32_t pr_allow; /* enum prison_allow */
	uint8_t pr_state;  /* enum prison_state; one writer: kern_jail.c */
	bool pr_reaping;   /* its teardown has begun: wu_reap was called */
	bool pr_reapwait;  /* it is on the list of those whose end begins */
	char pr_name[MAXHOSTNAMELEN]; /* full dotted name */
	uint64_t pr_handle;
	struct vnet *pr_vnet;    /* (b) own if PR_VNET, else an ancestor's */
	struct pruse *pr_use;    /* (o) */
	struct ref pr_parent;    /* (r) hold on the parent prison */
	struct ref pr_parentuse; /* (r) use of the parent, while in use */
	struct ref pr_persist;   /* (r) use by PR_PERSIST */
	struct ref pr_self;      /* (r) hold by use > 0 */
	struct vnet_close pr_close;
	int32_t pr_childcount, pr_childmax;
	struct op *pr_teardown; /* (b) while it ends */
	struct waitq pr_wq;     /* use or hold changed */
	struct waitq pr_gonewq; /* its number is free */
	LIST_HEAD(, prison) pr_children;
	LIST_ENTRY(prison) pr_sibling;
	TAILQ_ENTRY(prison) pr_list;     /* world's list, by id */
	TAILQ_ENTRY(prison) pr_reaplink; /* those whose end begins */
	LIST_HEAD(, proc) pr_procs;      /* newest first */
};

struct ucred {
	struct ref cr_prison; /* (r) hold */
};

struct file;

/* What a descriptor can be; constant, given by the socket layer. */
struct fileops {
	const char *fo_name; /* "socket" */
	/* the last descriptor is gone; may start an op; curvnet is set (door
	 * USER, or LIFE if that is shut).  It drops f_obj and does what the
	 * last reference asks for; if it leaves f_obj, core drops it */
	void (*fo_close)(struct file *fp);
	/* the vnet it works in */
	struct vnet *(*fo_vnet)(const struct file *fp);
};

/* Held by every descriptor that shows it, in any process (fdpass()). */
struct file {
	const struct fileops *f_ops;
	struct ref f_obj;  /* (r) socket */
	struct ref f_cred; /* (r) */
	uint64_t f_handle;
	bool f_killed; /* closed by SIGKILL: linger does not wait */
};

struct proc {
	int32_t p_pid; /* counted over the world, from 1 */
	char p_name[32];
	uint64_t p_handle;
	struct ref p_ucred;      /* (r) */
	struct ref p_use;        /* (r) use of its prison */
	struct prison *p_prison; /* (b) the credential's */
	struct ref *p_fd;        /* (o) table of files, grows */
	uint32_t p_nfd;          /* its size */
	struct op *p_op;         /* (b) blocked in this one, or NULL */
	bool p_killed;
	uint8_t p_fibnum; /* setfib(1): routing table of its sockets */
	struct waitq p_wq;
	LIST_ENTRY(proc) p_link; /* pr_procs */
};

/**
 * prison_create() - jail_set(JAIL_CREATE)
 * @parent:	alive
 * @name:	last component, no dot; unique among its siblings that live;
 *		neither empty nor a number; NULL: the jid
 * @flags:	PR_PERSIST, PR_VNET
 * @childmax:	children.max
 * @prp:	out
 *
 * Return:	0; VE_EXIST: name taken; VE_INVAL: bad name, or parent dying;
 *		VE_NAMETOOLONG; VE_PERM: prison limit exceeded in an ancestor;
 *		VE_AGAIN: no free jid; VE_NOMEM; or the errno of a module's
 *		init (everything undone).
 */
int prison_create(struct prison *parent, const char *name, uint32_t flags,
    int32_t childmax, struct prison **prp);

/**
 * prison_find() - by full name or decimal jid
 * @name:	"a.b", "3", "0"
 * @dying:	also those that are dying
 *
 * Return:	the prison, not held; NULL: none.
 */
struct prison *prison_find(const char *name, bool dying);

/**
 * prison_remove() - jail_remove(2): descendants first, then itself
 * @pr:	not prison0
 *
 * Each of them is marked PR_REMOVE and loses its persist, in pre-order; then,
 * one event per prison in the same order, wu_reap begins the teardown, whose
 * first step kills the processes.  In a world without wu_reap they are killed
 * here.  proc_create() and prison_create() in a marked prison fail.
 * Return:	0; VE_INVAL: prison0; VE_ALREADY: is being removed, or dying.
 */
int prison_remove(struct prison *pr);

/**
 * prison_hold() - hold a prison
 * @slot:	empty
 * @pr:		prison
 * @holder:	string literal
 */
#define prison_hold(slot, pr, holder) ref_take((slot), (pr), holder)

/**
 * prison_free() - drop a hold
 * @slot:	full, or severed; wakes pr_wq, where the teardown of a dying
 *		prison waits for the last hold
 */
void prison_free(struct ref *slot);

/**
 * crget() - a new credential
 * @pr:	prison
 *
 * Return:	credential with no holder yet, or NULL: no memory.
 */
struct ucred *crget(struct prison *pr);

/**
 * crfree() - drop a reference to a credential; the last one frees it
 * @slot:	full
 */
void crfree(struct ref *slot);

/**
 * prison_gone() - nothing holds it and its vnet is gone: free it
 * @pr:	not prison0; called by the end of the teardown only
 *
 * Drops the hold on its parent, wakes who waits on pr_wq with VE_CANCELED.  A
 * prison that is alive, or has processes or children (a teardown without its
 * kill), stays: ORACLE_LEAK "prison-in-use".
 */
void prison_gone(struct prison *pr);

/**
 * proc_create() - fork into a jail: jail_attach(2)
 * @pr:		alive
 * @name:	at most 31 bytes
 * @pp:		out
 *
 * Return:	0; VE_INVAL: not alive; VE_NOMEM.
 */
int proc_create(struct prison *pr, const char *name, struct proc **pp);

/**
 * proc_exit() - SIGKILL, or the end of main()
 * @p:	its blocked op is cancelled with VE_INTR, its descriptors are closed,
 *	lowest first, it is freed; without another use its prison is dying
 */
void proc_exit(struct proc *p);

/**
 * falloc() - a descriptor for a new file
 * @p:		process
 * @ops:	constant
 * @obj:	ledger object; the file takes a reference
 * @fd:		out: lowest free descriptor
 *
 * Return:	0; VE_MFILE: PROC_MAXFILES reached; VE_NOMEM.
 */
int falloc(struct proc *p, const struct fileops *ops, void *obj, int *fd);

/**
 * fget() - the object behind a descriptor
 * @p:		process
 * @fd:		descriptor
 * @ops:	expected kind
 * @objp:	out, borrowed
 *
 * Return:	0; VE_BADF; VE_NOTSOCK: another kind.
 */
int fget(struct proc *p, int fd, const struct fileops *ops, void **objp);

/**
 * fd_file() - the file behind a descriptor
 * @p:		process
 * @fd:		descriptor
 *
 * Return:	the file, borrowed; NULL: none.
 */
struct file *fd_file(const struct proc *p, int fd);

/**
 * fdpass() - SCM_RIGHTS: another process gets a descriptor of the same file
 * @from:	process
 * @fd:		its descriptor, stays
 * @to:		process, of any prison
 * @newfd:	out: its lowest free descriptor
 *
 * The file keeps the credential it was opened with: it pins the prison and
 * the vnet of its first owner until the last descriptor is closed.
 * Return:	0; VE_BADF; VE_MFILE; VE_NOMEM.
 */
int fdpass(struct proc *from, int fd, struct proc *to, int *newfd);

/**
 * fdclose() - close(2)
 * @p:	process
 * @fd:	descriptor
 *
 * Return:	0; VE_BADF.
 */
int fdclose(struct proc *p, int fd);

#endif /* !VNETSIM_KERN_JAIL_H */
