/*
 * view_list.c - armed callouts and operations.
 *
 * Both hang in lists of the world's structures, which only a dump of this
 * build has in the same places.  The iterator is the address of the element
 * shown last; an element that does not point back to it ends the walk.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

static uint64_t
member(uint64_t at, size_t off)
{
	return (at + off);
}

static void
callout_holder(
    const struct vnetsim_view *v, uint64_t at, struct vnetsim_callout_info *ci)
{
	struct view_fields vf;
	struct field f;

	ci->field = "-";
	view_object_at(v, at, &ci->object);
	if (ci->object.type == NULL || !view_fields(v, ci->object.cookie, &vf))
		return;
	for (uint32_t n = 0; view_field(v, &vf, n, &f); n++)
		if (f.f_kind == FK_CALLOUT &&
		    at - vf.vf_addr - f.f_offset < f.f_size) {
			ci->field = view_str(v, view_addr(f.f_name));
			if (ci->field == NULL)
				ci->field = "?";
			return;
		}
}

int
vnetsim_callout_next(const struct vnetsim_view *v, uint32_t vnet,
    uint64_t *iter, struct vnetsim_callout_info *ci)
{
	static const char *const states[] = { "?", "pending", "claimed" };
	struct view_obj o;
	struct callout c;
	uint64_t at, link;

	(void)view_begin(v);
	memset(ci, 0, sizeof(*ci));
	if (!view_native(v))
		return (VE_NOENT);
	if (*iter == 0) {
		at = view_vnet_at(v, view_vnet_extent(v, vnet), &o);
		if (at == 0)
			return (VE_NOENT);
		link = member(at, offsetof(struct vnet, v_callouts));
	} else {
		link = member(*iter, offsetof(struct callout, c_link));
	}
	at = view_ptr(v, link);
	if (at == 0 || !view_read(v, at, &c, sizeof(c)) ||
	    view_addr(c.c_link.le_prev) != link)
		return (VE_NOENT);
	*iter = at;
	ci->name = view_str(v, view_addr(c.c_name));
	if (ci->name == NULL)
		ci->name = "?";
	ci->vnet = vnet;
	ci->module = view_module_name(v, c.c_mod);
	if (ci->module == NULL)
		ci->module = "?";
	ci->state = states[c.c_state < nitems(states) ? c.c_state : 0];
	if (c.c_state == CALLOUT_CLAIMED &&
	    view_flag(v, at, offsetof(struct callout, c_again)))
		ci->state = "claimed, again";
	ci->due = c.c_time;
	callout_holder(v, at, ci);
	return (0);
}

static const char *
op_state(const struct vnetsim_view *v, uint64_t at, const struct op *op)
{
	uint64_t running =
	    view_ptr(v, member(view_dir(v)->dd_world,
			    offsetof(struct world, w_ops.wo_running)));

	if (view_flag(v, at, offsetof(struct op, op_done)))
		return ("done");
	if (running == at)
		return ("running");
	return (op->op_what != NULL ? "waiting" : "ready");
}

int
vnetsim_view_op_next(
    const struct vnetsim_view *v, uint64_t *iter, struct vnetsim_op_info *oi)
{
	uint64_t at, link;
	struct op op;

	(void)view_begin(v);
	memset(oi, 0, sizeof(*oi));
	if (!view_native(v))
		return (VE_NOENT);
	link = *iter == 0 ? member(view_dir(v)->dd_world,
				offsetof(struct world, w_ops.wo_list))
			  : member(*iter, offsetof(struct op, op_link));
	at = view_ptr(v, link);
	if (at == 0 || !view_read(v, at, &op, sizeof(op)) ||
	    view_addr(op.op_link.tqe_prev) != link)
		return (VE_NOENT);
	*iter = at;
	oi->name = view_str(v, view_ptr(v, view_addr(op.op_desc)));
	if (oi->name == NULL)
		oi->name = "?";
	oi->vnet = op.op_vnet == NULL ? VNETSIM_NOVNET
				      : view_vnet_id(v, view_addr(op.op_vnet));
	oi->module = view_module_name(v, op.op_mod);
	if (oi->module == NULL)
		oi->module = "?";
	oi->state = op_state(v, at, &op);
	oi->what = view_str(v, view_addr(op.op_what));
	oi->bound = op.op_bound;
	oi->soft = view_flag(v, at, offsetof(struct op, op_soft));
	oi->error = op.op_error;
	view_object_at(v, at, &oi->object);
	view_object_at(v, view_addr(op.op_waitobj), &oi->waits);
	return (0);
}
