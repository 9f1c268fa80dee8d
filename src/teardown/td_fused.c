/*
 * td_fused.c - the orders of FreeBSD's kernels: one destructor behind the
 * other, at their slots.
 *
 * A table (td_freebsd13.c, td_freebsd9.c) lists them as that kernel runs them.
 * Entries of one slot are ties: the kernel runs them in the order in which they
 * were linked, so either way must work.  By default they go by name; reversed
 * ties turn each slot round, unit by unit.
 *
 * A loaded module ends at its own slot (vm_unsub, vm_unorder); one without a
 * slot ends first, as it stands on top of everything.  Where others share its
 * slot it goes before them, as in the kernel, where the last registered is the
 * first to be destroyed; with reversed ties behind them.
 *
 * FreeBSD: vnet_register_sysuninit(), vnet_sysuninit() of sys/net/vnet.c.
 */
#include <string.h>
#include "src/teardown/td_fbsd.h"

const struct td_kernel *
td_kernel_of(const struct td_order *to)
{
	switch (to->to_id) {
	case TD_FREEBSD13:
		return (&td_freebsd13);
	case TD_FREEBSD9:
		return (&td_freebsd9);
	default:
		return (NULL);
	}
}

static bool
td_sameslot(const struct td_fbsd_row *a, const struct td_fbsd_row *b)
{
	return (a->fr_sub == b->fr_sub && a->fr_order == b->fr_order);
}

static bool
td_glued(const struct td_fbsd_row *fr)
{
	return ((fr->fr_flags & (FR_GLUED | FR_CALL)) != 0);
}

/* Number of the VNET_SYSUNINIT that entry @at is or belongs to; 0: none. */
static int
td_rowno(const struct td_kernel *tk, unsigned at)
{
	int row = 0;

	if ((tk->tk_row[at].fr_flags & FR_NOROW) != 0)
		return (0);
	for (unsigned i = 0; i <= at; i++)
		if ((tk->tk_row[i].fr_flags & (FR_CALL | FR_NOROW)) == 0)
			row++;
	return (row);
}

/* "row:function": the step has the function's name. */
static const char *
td_called(const char *ident)
{
	const char *colon = strchr(ident, ':');

	return (colon != NULL ? colon + 1 : ident);
}

static void
td_addentry(struct td_order *to, const struct td_kernel *tk, unsigned at)
{
	const struct td_fbsd_row *fr = &tk->tk_row[at];

	if (fr->fr_mod != VNET_MOD_BUILTIN &&
	    curworld()->w_mod[fr->fr_mod] != NULL)
		td_addmod(to, fr->fr_verb, fr->fr_mod, td_rowno(tk, at));
	else if (fr->fr_ident != NULL)
		td_add(to, TDV_ABSENT, PHASE_LETGO, VNET_MOD_BUILTIN,
		    td_rowno(tk, at), td_called(fr->fr_ident));
	else
		return;
	to->to_step[to->to_n - 1].ts_entry = (int16_t)(at + 1);
}

/* Entries [first, end) share a slot; units stay as they are. */
static void
td_addslot(struct td_order *to, const struct td_kernel *tk, unsigned first,
    unsigned end)
{
	unsigned at = end;

	if (to->to_ties == VNETSIM_TIES_NAME) {
		for (at = first; at < end; at++)
			td_addentry(to, tk, at);
		return;
	}
	while (at > first) {
		unsigned behind = at--;

		while (at > first && td_glued(&tk->tk_row[at]))
			at--;
		for (unsigned i = at; i < behind; i++)
			td_addentry(to, tk, i);
	}
}

static uint64_t
td_key(uint32_t sub, uint32_t order)
{
	return ((uint64_t)sub << 32 | order);
}

static uint64_t
td_modkey(const struct vnet_module *vm)
{
	if (vm->vm_unsub == 0)
		return (td_key(SI_SUB_VNET_DONE, SI_ORDER_ANY));
	return (td_key(vm->vm_unsub, vm->vm_unorder));
}

/* Loaded modules with a slot of at least @key, highest first. */
static void
td_addloaded(struct td_order *to, uint64_t key, uint64_t *done)
{
	bool reverse = to->to_ties != VNETSIM_TIES_NAME;
	int best;

	do {
		best = -1;
		for (int mod = VNET_MOD_BUILTIN; mod < VNET_MOD_MAX; mod++) {
			const struct vnet_module *vm = curworld()->w_mod[mod];
			uint64_t k;

			if (!vnet_module_here(mod) ||
			    (*done & VNET_MODBIT(mod)) != 0)
				continue;
			k = td_modkey(vm);
			if (k < key ||
			    (best >= 0 &&
				(k < td_modkey(curworld()->w_mod[best]) ||
				    (reverse &&
					k == td_modkey(
						 curworld()->w_mod[best])))))
				continue;
			best = mod;
		}
		if (best < 0)
			break;
		*done |= VNET_MODBIT(best);
		if (td_has(best, TDV_END))
			td_addmod(to, TDV_END, best, 0);
	} while (true);
}

void
td_build_fused(struct td_order *to, const struct td_kernel *tk)
{
	bool reverse = to->to_ties != VNETSIM_TIES_NAME;
	int none = VNET_MOD_BUILTIN;
	uint64_t done = 0;
	unsigned end, destroy;

	td_add(to, TDV_KILL, PHASE_KILL, none, 0, "kill");
	if (!to->to_force)
		td_add(to, TDV_WAITREFS, PHASE_KILL, none, 0, "wait");
	destroy = to->to_n;
	for (unsigned i = 0; i < tk->tk_n; i = end) {
		uint64_t key =
		    td_key(tk->tk_row[i].fr_sub, tk->tk_row[i].fr_order);

		for (end = i + 1; end < tk->tk_n &&
				  td_sameslot(&tk->tk_row[i], &tk->tk_row[end]);
		     end++)
			;
		td_addloaded(to, reverse ? key + 1 : key, &done);
		td_addslot(to, tk, i, end);
	}
	td_addloaded(to, 0, &done);
	td_add(to, TDV_DRAIN, PHASE_DRAIN, none, 0, "drain");
	td_add(to, TDV_AUDIT, PHASE_AUDIT, none, 0, "audit");
	while (destroy < to->to_n)
		to->to_step[destroy++].ts_destroy = true;
}
