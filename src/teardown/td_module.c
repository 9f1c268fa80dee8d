/*
 * td_module.c - a module that comes or goes takes its steps with it.
 *
 * The order may have been edited, and edits stay.  So a new module's steps are
 * put where a fresh order of the same name has them: before the next step that
 * both have (the audit is in every order).  In an order without edits that is
 * the fresh order itself.
 *
 * Only runs that have not come to the first verb of a module can be under way
 * (vnet_end_turn()); they are told where their step is now.
 */
#include <string.h>
#include "src/teardown/td_var.h"

static int
td_where(const struct td_order *to, const char *name)
{
	for (unsigned i = 0; i < to->to_n; i++)
		if (strcmp(to->to_step[i].ts_name, name) == 0)
			return ((int)i);
	return (-1);
}

/* Runs stand at the same step as before; a vnet shows the step's name. */
static void
td_shift(unsigned at, int by)
{
	struct td_world *tw = td_world();
	struct td_run *tr;

	LIST_FOREACH (tr, &tw->tw_runs, tr_link) {
		if (tr->tr_cur > at ||
		    (by > 0 && tr->tr_cur == at && tr->tr_begun))
			tr->tr_cur = (uint16_t)((int)tr->tr_cur + by);
		if (tr->tr_v == NULL || !tr->tr_begun)
			continue;
		mem_mark_entered(tr->tr_v);
		tr->tr_v->v_step = tw->tw_order.to_step[tr->tr_cur].ts_name;
	}
}

static void
td_put(struct td_order *to, unsigned at, const struct td_step *ts)
{
	memmove(&to->to_step[at + 1], &to->to_step[at],
	    (size_t)(to->to_n - at) * sizeof(*ts));
	to->to_step[at] = *ts;
	to->to_n++;
	td_shift(at, 1);
}

static void
td_take(struct td_order *to, unsigned at)
{
	to->to_n--;
	memmove(&to->to_step[at], &to->to_step[at + 1],
	    (size_t)(to->to_n - at) * sizeof(to->to_step[0]));
	td_shift(at, -1);
}

/* Where step @i of a fresh order belongs. */
static unsigned
td_place(const struct td_order *to, const struct td_order *fresh, unsigned i)
{
	int at = -1;

	while (at < 0 && ++i < fresh->to_n)
		at = td_where(to, fresh->to_step[i].ts_name);
	return (at < 0 ? to->to_n : (unsigned)at);
}

static int
td_module_add(struct td_order *to, int mod)
{
	struct td_order fresh;
	unsigned i, n = 0;
	int error;

	error = td_order_build(
	    &fresh, td_order_names[to->to_id], to->to_force, to->to_ties);
	if (error != 0)
		return (error);
	for (i = 0; i < fresh.to_n; i++)
		n += fresh.to_step[i].ts_mod == mod;
	if (to->to_n + n > TD_MAXSTEPS)
		return (VE_NOSPC);
	for (i = fresh.to_n; i-- > 0;)
		if (fresh.to_step[i].ts_mod == mod)
			td_put(to, td_place(to, &fresh, i), &fresh.to_step[i]);
	return (0);
}

int
teardown_module(int mod, bool here)
{
	struct td_order *to = &td_world()->tw_order;

	if (here)
		return (td_module_add(to, mod));
	for (unsigned i = to->to_n; i-- > 0;)
		if (to->to_step[i].ts_mod == mod)
			td_take(to, i);
	return (0);
}
