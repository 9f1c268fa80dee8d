/*
 * net_api_jail.c - the public interface of jails and processes.
 */
#include <string.h>
#include <vnetsim/jail.h>
#include "src/net/net_api.h"
#include "src/teardown/teardown.h"

/* Split "a.b.c" at its last dot; the parent must live.  Return: an errno. */
static int
jail_parent(const char *name, struct prison **parent, const char **last)
{
	char buf[MAXHOSTNAMELEN];
	const char *dot = strrchr(name, '.');
	size_t len;

	*parent = curworld()->w_jail.wj_prison0;
	*last = name;
	if (dot == NULL)
		return (0);
	len = (size_t)(dot - name);
	if (len >= sizeof(buf))
		return (VE_NAMETOOLONG);
	memcpy(buf, name, len);
	buf[len] = '\0';
	*parent = prison_find(buf, false);
	*last = dot + 1;
	return (*parent != NULL ? 0 : VE_NOENT);
}

int
vnetsim_jail_create(struct vnetsim *w, const struct vnetsim_jail_params *jp,
    vnetsim_handle *jail)
{
	struct vnet_close vc = { 0 };
	struct prison *parent, *pr;
	const char *last;
	struct api_call c;
	uint32_t flags;
	int error;

	(void)api_begin(w, &c, "jail_create");
	vc = teardown_close_get();
	if (jp->close != NULL) {
		vc.vc_policy = (uint8_t)jp->close->policy;
		vc.vc_grace = jp->close->grace;
	}
	error = teardown_close_resolve(&vc);
	if (error == 0)
		error = jail_parent(jp->name, &parent, &last);
	/* FreeBSD: a child may only have what its parent has */
	if (error == 0 && jp->allow_raw_sockets &&
	    (parent->pr_allow & PR_ALLOW_RAW_SOCKETS) == 0)
		error = VE_PERM;
	if (error != 0)
		return (api_end(&c, error));
	flags = (jp->vnet ? PR_VNET : 0u) | (jp->persist ? PR_PERSIST : 0u);
	error = prison_create(parent, last, flags, jp->children_max, &pr);
	if (error != 0)
		return (api_end(&c, error));
	pr->pr_close = vc;
	pr->pr_allow = jp->allow_raw_sockets ? PR_ALLOW_RAW_SOCKETS : 0;
	if (jp->vnet)
		net_wire_born(pr->pr_vnet);
	*jail = pr->pr_handle;
	return (api_end(&c, 0));
}

vnetsim_handle
vnetsim_jail_find(struct vnetsim *w, const char *name, bool dying)
{
	const struct prison *pr;

	(void)api_look(w);
	pr = prison_find(name, dying);
	return (pr != NULL ? pr->pr_handle : 0);
}

int
vnetsim_jail_remove(struct vnetsim *w, vnetsim_handle jail, vnetsim_handle *op)
{
	struct prison *pr;
	struct api_call c;
	int error;

	(void)api_begin(w, &c, "jail_remove");
	pr = api_prison(jail);
	if (pr == NULL)
		return (api_end(&c, VE_SRCH));
	error = teardown_remove(pr, op);
	return (api_end(&c, error));
}

int
vnetsim_destroy_vnet(struct vnetsim *w, vnetsim_handle jail, vnetsim_handle *op)
{
	int error = vnetsim_jail_remove(w, jail, op);

	if (error == VE_ALREADY || error == VE_INVAL) {
		*op = 0;
		return (0);
	}
	return (error);
}

int
vnetsim_jail_info(
    struct vnetsim *w, vnetsim_handle jail, struct vnetsim_jail_info *info)
{
	const struct prison *pr;

	(void)api_look(w);
	memset(info, 0, sizeof(*info));
	pr = api_prison(jail);
	if (pr == NULL)
		return (VE_SRCH);
	info->jid = pr->pr_id;
	memcpy(info->name, pr->pr_name, sizeof(info->name));
	info->dying = pr->pr_state == PRISON_STATE_DYING;
	info->own_vnet = (pr->pr_flags & PR_VNET) != 0 || pr->pr_id == 0;
	info->vnet = pr->pr_vnet != NULL ? pr->pr_vnet->v_id : VNETSIM_NOVNET;
	info->uses = ref_count(pr->pr_use);
	info->holds = ref_count(pr);
	if (info->own_vnet && pr->pr_vnet != NULL &&
	    pr->pr_vnet->v_phase != PHASE_ALIVE)
		info->phase = vnet_phase_name(pr->pr_vnet->v_phase);
	return (0);
}

vnetsim_handle
vnetsim_jail_next(struct vnetsim *w, vnetsim_handle jail)
{
	const struct world *wd = api_look(w);
	const struct prison *pr;

	if (jail == 0)
		return (wd->w_jail.wj_prison0->pr_handle);
	pr = api_prison(jail);
	if (pr == NULL)
		return (0);
	pr = pr->pr_id == 0 ? prison_first() : prison_next(pr);
	return (pr != NULL ? pr->pr_handle : 0);
}

int
vnetsim_proc_create(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle *proc)
{
	struct prison *pr;
	struct api_call c;
	struct proc *p;
	int error;

	(void)api_begin(w, &c, "proc_create");
	pr = api_prison(jail);
	if (pr == NULL)
		return (api_end(&c, VE_SRCH));
	error = proc_create(pr, name, &p);
	if (error == 0)
		*proc = p->p_handle;
	return (api_end(&c, error));
}

int
vnetsim_proc_kill(struct vnetsim *w, vnetsim_handle proc)
{
	struct api_call c;
	struct proc *p;

	(void)api_begin(w, &c, "proc_kill");
	p = handle_lookup(HANDLE_PROC, proc);
	if (p == NULL)
		return (api_end(&c, VE_SRCH));
	proc_exit(p);
	return (api_end(&c, 0));
}
