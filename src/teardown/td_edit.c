/*
 * td_edit.c - skip, swap, move and repeat steps; list them.
 *
 * Edits are experiments: the order is data, so "what if TCP went after IP?"
 * is a command line.  A step is named as it is listed.  An edit while a
 * teardown is under way is refused, because that one already reads the list.
 */
#include <string.h>
#include <vnetsim/teardown.h>
#include "src/teardown/td_fbsd.h"

static int
td_find(const struct td_order *to, const char *name)
{
	if (name == NULL)
		return (-1);
	for (unsigned i = 0; i < to->to_n; i++)
		if (strcmp(to->to_step[i].ts_name, name) == 0)
			return ((int)i);
	return (-1);
}

static void
td_remove(struct td_order *to, int at)
{
	to->to_n--;
	memmove(&to->to_step[at], &to->to_step[at + 1],
	    (size_t)(to->to_n - at) * sizeof(to->to_step[0]));
}

static void
td_insert(struct td_order *to, int at, const struct td_step *ts)
{
	memmove(&to->to_step[at + 1], &to->to_step[at],
	    (size_t)(to->to_n - at) * sizeof(to->to_step[0]));
	to->to_step[at] = *ts;
	to->to_n++;
}

/* The audit is the proof; without it nothing would be said. */
static bool
td_fixed(const struct td_step *ts)
{
	return (ts->ts_verb == TDV_AUDIT);
}

static int
td_swapmove(struct td_order *to, int edit, int a, int b)
{
	struct td_step ts;

	if (b < 0)
		return (VE_NOENT);
	if (a == b || (edit == VNETSIM_EDIT_SWAP && td_fixed(&to->to_step[b])))
		return (VE_INVAL);
	ts = to->to_step[a];
	if (edit == VNETSIM_EDIT_SWAP) {
		to->to_step[a] = to->to_step[b];
		to->to_step[b] = ts;
		return (0);
	}
	td_remove(to, a);
	td_insert(to, b > a ? b - 1 : b, &ts);
	return (0);
}

int
teardown_order_edit(int edit, const char *a, const char *b)
{
	struct td_world *tw = td_world();
	struct td_order *to = &tw->tw_order;
	struct td_step ts;
	int at = td_find(to, a), error = 0;

	if (tw->tw_nruns != 0)
		return (VE_BUSY);
	if (at < 0)
		return (VE_NOENT);
	if (td_fixed(&to->to_step[at]))
		return (VE_INVAL);
	switch (edit) {
	case VNETSIM_EDIT_SKIP:
		td_remove(to, at);
		break;
	case VNETSIM_EDIT_REPEAT:
		if (to->to_n >= TD_MAXSTEPS)
			return (VE_INVAL);
		ts = to->to_step[at];
		td_insert(to, at + 1, &ts);
		break;
	case VNETSIM_EDIT_SWAP:
	case VNETSIM_EDIT_MOVE:
		error = td_swapmove(to, edit, at, td_find(to, b));
		break;
	default:
		return (VE_INVAL);
	}
	if (error == 0)
		to->to_edited = true;
	return (error);
}

int
teardown_order_set(const char *name, bool force)
{
	struct td_world *tw = td_world();

	if (tw->tw_nruns != 0)
		return (VE_BUSY);
	return (
	    td_order_build(&tw->tw_order, name, force, tw->tw_order.to_ties));
}

int
teardown_order_ties(unsigned ties)
{
	struct td_world *tw = td_world();
	struct td_order *to = &tw->tw_order;

	if (ties > VNETSIM_TIES_REVERSE)
		return (VE_INVAL);
	if (tw->tw_nruns != 0)
		return (VE_BUSY);
	return (
	    td_order_build(to, td_order_names[to->to_id], to->to_force, ties));
}

static const char *
td_subname(uint32_t sub)
{
	static const struct {
		uint32_t sub;
		const char *name;
	} names[] = {
#define S(n) { SI_SUB_##n, "SI_SUB_" #n }
		S(MBUF),
		S(INIT_IF),
		S(NETGRAPH),
		S(DRIVERS),
		S(PSEUDO),
		S(PROTO_BEGIN),
		S(PROTO_PFIL),
		S(PROTO_IF),
		S(PROTO_DOMAININIT),
		S(PROTO_MC),
		S(PROTO_DOMAIN),
		S(PROTO_FIREWALL),
		S(PROTO_IFATTACHDOMAIN),
		S(PROTO_END),
		S(VNET_DONE),
		S(KTHREAD_INIT),
#undef S
	};

	for (unsigned i = 0; i < nitems(names); i++)
		if (names[i].sub == sub)
			return (names[i].name);
	return ("SI_SUB_?");
}

static const char *
td_ordname(uint32_t order)
{
	static const struct {
		uint32_t order;
		const char *name;
	} names[] = {
		{ SI_ORDER_FIRST, "SI_ORDER_FIRST" },
		{ SI_ORDER_SECOND, "SI_ORDER_SECOND" },
		{ SI_ORDER_THIRD, "SI_ORDER_THIRD" },
		{ SI_ORDER_FOURTH, "SI_ORDER_FOURTH" },
		{ SI_ORDER_FIFTH, "SI_ORDER_FIFTH" },
		{ SI_ORDER_SIXTH, "SI_ORDER_SIXTH" },
		{ SI_ORDER_SEVENTH, "SI_ORDER_SEVENTH" },
		{ SI_ORDER_EIGHTH, "SI_ORDER_EIGHTH" },
		{ SI_ORDER_MIDDLE, "SI_ORDER_MIDDLE" },
		{ SI_ORDER_ANY, "SI_ORDER_ANY" },
		{ SI_ORDER_ANY - 128 + 2, "SI_ORDER_ANY - 128 + 2" },
		{ SI_ORDER_ANY - 255 + 2, "SI_ORDER_ANY - 255 + 2" },
	};

	for (unsigned i = 0; i < nitems(names); i++)
		if (names[i].order == order)
			return (names[i].name);
	return ("SI_ORDER_?");
}

/* What that kernel says about it: no slot where it has no destructor. */
static void
td_entry_show(const struct td_fbsd_row *fr, struct vnetsim_step *step)
{
	step->ident = fr->fr_ident;
	step->subsystem = NULL;
	step->order = NULL;
	if (fr->fr_ident == NULL || fr->fr_sub == TD_SUB_NONE)
		return;
	step->subsystem = td_subname(fr->fr_sub);
	step->order = td_ordname(fr->fr_order);
}

int
teardown_order_step(unsigned n, struct vnetsim_step *step)
{
	static const char *const verbs[] = { "kill", "pins", "wait", "farewell",
		"quiesce", "shutdown", "drain", "uninit", "end", "audit",
		"absent" };
	const struct td_order *to = &td_world()->tw_order;
	const struct td_step *ts;
	const struct vnet_module *vm;

	if (n >= to->to_n)
		return (VE_NOENT);
	ts = &to->to_step[n];
	memset(step, 0, sizeof(*step));
	step->name = ts->ts_name;
	step->phase = vnet_phase_name(ts->ts_phase);
	step->verb = verbs[ts->ts_verb];
	step->row = ts->ts_row;
	step->absent = ts->ts_verb == TDV_ABSENT;
	if (ts->ts_mod != VNET_MOD_BUILTIN) {
		vm = curworld()->w_mod[ts->ts_mod];
		step->module = vm->vm_name;
		step->subsystem = td_subname(vm->vm_unsub);
		step->order = td_ordname(vm->vm_unorder);
	}
	if (ts->ts_entry != 0)
		td_entry_show(
		    &td_kernel_of(to)->tk_row[ts->ts_entry - 1], step);
	return (0);
}
