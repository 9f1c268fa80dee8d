/*
 * kern_proc.c - simulated processes.
 *
 * A process uses its prison (so the prison lives) and holds a credential of
 * its own.  It is at most in one blocking operation at a time (p_op), which
 * its death cancels with VE_INTR.  Then its descriptors are closed, lowest
 * first, and at last it lets go of the prison: that may be the moment at
 * which the jail begins to die.
 *
 * Processes are charged to their prison's vnet and lie in the world's
 * extents.  SIGKILL to a prison goes to the newest process first, as FreeBSD
 * walks pr_proclist.
 *
 * FreeBSD: sys/kern/kern_exit.c, kern_jail.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include "src/core/world.h"

static const struct field proc_fields[] = {
	FIELD_STAT(struct proc, p_pid, INT),
	FIELD(struct proc, p_name, STR),
	FIELD(struct proc, p_handle, OPAQUE),
	FIELD(struct proc, p_ucred, REF),
	FIELD(struct proc, p_use, REF),
	FIELD(struct proc, p_prison, PTR),
	FIELD(struct proc, p_fd, PTR),
	FIELD(struct proc, p_nfd, UINT),
	FIELD(struct proc, p_op, PTR),
	FIELD(struct proc, p_killed, BOOL),
	FIELD(struct proc, p_fibnum, UINT),
	FIELD(struct proc, p_wq, LINK),
	FIELD(struct proc, p_link, LINK),
};
const struct uma_zone proc_zone = { "proc", sizeof(struct proc), VNET_MOD_core,
	CORE_Z_PROC, UMA_WORLD, proc_fields, nitems(proc_fields) };

int
proc_create(struct prison *pr, const char *name, struct proc **pp)
{
	struct world_jails *wj = &curworld()->w_jail;
	struct ucred *cr;
	struct proc *p;

	if (pr->pr_state != PRISON_STATE_ALIVE ||
	    (pr->pr_flags & PR_REMOVE) != 0)
		return (VE_INVAL);
	cr = crget(pr);
	if (cr == NULL)
		return (VE_NOMEM);
	p = mem_alloc(&proc_zone, sizeof(*p), M_ZERO, pr->pr_vnet, SITE);
	if (p != NULL)
		p->p_handle = handle_alloc(HANDLE_PROC, p);
	if (p == NULL || p->p_handle == 0) {
		prison_free(&cr->cr_prison);
		uma_zfree(&ucred_zone, cr);
		uma_zfree(&proc_zone, p);
		return (VE_NOMEM);
	}
	MPASS(wj->wj_lastpid < INT32_MAX);
	p->p_pid = ++wj->wj_lastpid;
	strncpy(p->p_name, name, sizeof(p->p_name) - 1);
	ref_take(&p->p_ucred, cr, "p_ucred");
	ref_take(&p->p_use, pr->pr_use, "p_use");
	p->p_prison = pr;
	LIST_INSERT_HEAD(&pr->pr_procs, p, p_link);
	wj->wj_nprocs++;
	*pp = p;
	return (0);
}

void
proc_exit(struct proc *p)
{
	struct prison *pr = p->p_prison;
	struct op *op;

	op = p->p_op;
	p->p_op = NULL;
	if (op != NULL && !op->op_done)
		op_cancel(op, VE_INTR);
	fd_closeall(p);
	waitq_abandon(&p->p_wq);
	LIST_REMOVE(p, p_link);
	curworld()->w_jail.wj_nprocs--;
	handle_free(p->p_handle);
	crfree(&p->p_ucred);
	prison_usedrop(pr, &p->p_use);
	uma_zfree(&proc_zone, p);
}

void
prison_kill(struct prison *pr)
{
	struct proc *p;

	while ((p = LIST_FIRST(&pr->pr_procs)) != NULL) {
		p->p_killed = true;
		proc_exit(p);
	}
}
