/*
 * td_pins.c - who outside keeps a vnet.
 *
 * Its own pcbs and TIME_WAITs are cut by the teardown; what others hold is
 * not ours to cut: a child jail (but not one that shares this vnet and is dead
 * but for connections of this vnet), and a socket of this vnet that a process
 * of another jail has in its descriptor table.  Such a vnet's end is deferred
 * until they let go (pr_wq is woken by each hold that goes and by each closed
 * descriptor).  Processes are only looked at while descriptors of the vnet are
 * open anywhere (v_nfiles): a thousand that end together do not look at each
 * other.
 */
#include "src/core/jail_var.h"
#include "src/teardown/td_var.h"

/* Has a process of this prison a descriptor that works in @v? */
static bool
td_procs_pin(const struct prison *pr, const struct vnet *v)
{
	struct proc *p;

	LIST_FOREACH (p, &pr->pr_procs, p_link) {
		for (uint32_t fd = 0; fd < p->p_nfd; fd++) {
			const struct file *fp = ref_get(&p->p_fd[fd]);

			if (fp != NULL && ref_get(&fp->f_obj) != NULL &&
			    fp->f_ops->fo_vnet(fp) == v)
				return (true);
		}
	}
	return (false);
}

/* A child without vnet and without use has nothing left but our own pcbs'
 * credentials, and those we cut. */
static bool
td_child_pins(const struct prison *pr, const struct vnet *v)
{
	const struct prison *child;

	if (pr->pr_vnet != v || pr->pr_state != PRISON_STATE_DYING ||
	    ref_held(pr->pr_use))
		return (true);
	LIST_FOREACH (child, &pr->pr_children, pr_sibling)
		if (td_child_pins(child, v))
			return (true);
	return (false);
}

bool
td_pinned(const struct td_run *tr)
{
	const struct prison *pr;

	LIST_FOREACH (pr, &tr->tr_pr->pr_children, pr_sibling)
		if (td_child_pins(pr, tr->tr_v))
			return (true);
	if (tr->tr_v->v_nfiles == 0)
		return (false);
	if (td_procs_pin(curworld()->w_jail.wj_prison0, tr->tr_v))
		return (true);
	for (pr = prison_first(); pr != NULL; pr = prison_next(pr))
		if (td_procs_pin(pr, tr->tr_v))
			return (true);
	return (false);
}
