/*
 * view_vnet.c - vnets and jails.
 *
 * A vnet is found by its memory, not by the world's list of vnets: one that is
 * being made, or is in the middle of its end, is not always on that.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

static uint32_t
bits(uint64_t x)
{
	uint32_t n;

	for (n = 0; x != 0; x &= x - 1)
		n++;
	return (n);
}

/* By the structure, which is ours. */
static void
vnet_native(
    const struct vnetsim_view *v, uint64_t at, struct vnetsim_vnet_info *vi)
{
	struct vnetsim_callout_info ci;
	struct vnet vnet;
	uint64_t it = 0;

	(void)view_read(v, at, &vnet, sizeof(vnet));
	vi->phase = vnet_phase_name(vnet.v_phase);
	vi->step = view_str(v, view_addr(vnet.v_step));
	vi->inited = bits(vnet.v_inited);
	vi->ready = vnet.vnet_le.le_prev != NULL &&
		    !view_flag(v, at, offsetof(struct vnet, vnet_shutdown)) &&
		    vnet.v_phase == PHASE_ALIVE;
	while (vnetsim_callout_next(v, vi->id, &it, &ci) == 0)
		vi->callouts++;
}

/* By the field table. */
static void
vnet_foreign(
    const struct vnetsim_view *v, uint64_t at, struct vnetsim_vnet_info *vi)
{
	struct vnetsim_object o = { .cookie =
					view_cookie(view_dir(v), at, -1) };
	const char *name;
	char text[64];

	vi->phase = "?";
	for (unsigned i = 0;
	     vnetsim_field(v, &o, i, &name, text, sizeof(text)) == 0; i++)
		if (strcmp(name, "v_name") == 0)
			memcpy(vi->name, text, sizeof(vi->name));
}

int
vnetsim_vnet_next(
    const struct vnetsim_view *v, uint64_t *iter, struct vnetsim_vnet_info *vi)
{
	const struct dump_dir *dd = view_begin(v);
	struct mem_account ac;
	struct view_obj o;
	uint64_t at;

	memset(vi, 0, sizeof(*vi));
	while (*iter < dd->dd_nused) {
		at = view_vnet_at(v, (uint32_t)++ * iter, &o);
		if (at == 0)
			continue;
		vi->id = HDR_BIRTH(o.vo_hdr.h_id);
		(void)view_read(v,
		    at + dd->dd_vnetmem + offsetof(struct vnet_mem, vm_acct),
		    &ac, sizeof(ac));
		vi->objects = ac.ac_nlive;
		vi->bytes = ac.ac_bytes;
		if (view_native(v)) {
			view_name(v, at + offsetof(struct vnet, v_name),
			    vi->name, sizeof(vi->name));
			vnet_native(v, at, vi);
		} else {
			vnet_foreign(v, at, vi);
		}
		return (0);
	}
	return (VE_NOENT);
}

/* The prison at @at, if the link before it agrees. */
static bool
prison_read(
    const struct vnetsim_view *v, uint64_t at, uint64_t prev, struct prison *pr)
{
	struct view_obj o;

	return (at != 0 && view_obj(v, at, &o) && o.vo_bytes >= sizeof(*pr) &&
		view_read(v, at, pr, sizeof(*pr)) &&
		(prev == 0 || view_addr(pr->pr_list.tqe_prev) == prev));
}

static uint64_t
member(uint64_t at, size_t off)
{
	return (at + off);
}

/* The prison behind @iter (0: the host). */
static uint64_t
prison_after(const struct vnetsim_view *v, uint64_t iter, struct prison *pr)
{
	uint64_t world = view_dir(v)->dd_world, at, head;

	head = member(world, offsetof(struct world, w_jail.wj_list));
	at = view_ptr(
	    v, member(world, offsetof(struct world, w_jail.wj_prison0)));
	if (iter == 0)
		return (prison_read(v, at, 0, pr) ? at : 0);
	if (iter != at) {
		if (!prison_read(v, iter, 0, pr))
			return (0);
		head = member(iter, offsetof(struct prison, pr_list));
		at = view_addr(pr->pr_list.tqe_next);
	} else {
		at = view_ptr(v, head);
	}
	return (prison_read(v, at, head, pr) ? at : 0);
}

int
vnetsim_view_jail_next(const struct vnetsim_view *v, uint64_t *iter,
    struct vnetsim_jail_info *info)
{
	struct prison pr;
	uint64_t at, vnet;
	uint8_t phase;

	(void)view_begin(v);
	memset(info, 0, sizeof(*info));
	at = view_native(v) ? prison_after(v, *iter, &pr) : 0;
	if (at == 0)
		return (VE_NOENT);
	*iter = at;
	info->jid = pr.pr_id;
	view_name(v, member(at, offsetof(struct prison, pr_name)), info->name,
	    sizeof(info->name));
	info->dying = pr.pr_state == PRISON_STATE_DYING;
	info->own_vnet = (pr.pr_flags & PR_VNET) != 0 || pr.pr_id == 0;
	vnet = view_addr(pr.pr_vnet);
	info->vnet = vnet != 0 ? view_vnet_id(v, vnet) : VNETSIM_NOVNET;
	info->uses = view_holders(v, view_addr(pr.pr_use));
	info->holds = view_holders(v, at);
	if (info->own_vnet && info->vnet != VNETSIM_NOVNET &&
	    view_read(
		v, member(vnet, offsetof(struct vnet, v_phase)), &phase, 1) &&
	    phase != PHASE_ALIVE)
		info->phase = vnet_phase_name(phase);
	return (0);
}
