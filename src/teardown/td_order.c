/*
 * td_order.c - orders: the whole list of steps from jail_remove to audit.
 *
 * top-down is computed from the modules there are: farewells highest first,
 * doors shut, everybody lets go highest first (interfaces last), deferred
 * frees drain, everybody frees, audit.  A module that is loaded takes its
 * place by its level; nobody edits a list.
 *
 * freebsd-13 and freebsd-9 kill, wait for every reference and run the
 * destructors of that kernel at their slots (td_fused.c).  --force skips the
 * wait.
 *
 * interfaces-first is what most scripts do: interfaces go before anybody was
 * told; the rest is as in top-down.
 *
 * Ties are what an order leaves open: modules of one level here, destructors
 * of one slot there, and the whole free pass, since who has let go may free in
 * any order.  Reversed ties turn them all round, so that two runs show every
 * pair both ways.
 *
 * Steps have names ("tcp shutdown"), unique in an order, by which they can be
 * skipped, swapped, moved and repeated (td_edit.c).
 */
#include <string.h>
#include "src/teardown/td_fbsd.h"

const char *const td_order_names[] = { "top-down", "freebsd-13", "freebsd-9",
	"interfaces-first", NULL };

void
td_add(struct td_order *to, enum td_verb verb, enum vnet_phase phase, int mod,
    int row, const char *name)
{
	struct td_step *ts = &to->to_step[to->to_n];

	MPASS(to->to_n < TD_MAXSTEPS);
	to->to_n++;
	memset(ts, 0, sizeof(*ts));
	ts->ts_verb = verb;
	ts->ts_phase = phase;
	ts->ts_mod = (uint8_t)mod;
	ts->ts_row = (int16_t)row;
	ksnprintf(ts->ts_name, sizeof(ts->ts_name), "%s", name);
}

void
td_addmod(struct td_order *to, enum td_verb verb, int mod, int row)
{
	static const struct {
		uint8_t phase;
		const char *word;
	} words[] = {
		[TDV_FAREWELL] = { PHASE_FAREWELL, "farewell" },
		[TDV_SHUTDOWN] = { PHASE_LETGO, "shutdown" },
		[TDV_UNINIT] = { PHASE_FREE, "uninit" },
		[TDV_END] = { PHASE_LETGO, "end" },
	};
	const struct vnet_module *vm = curworld()->w_mod[mod];
	char name[TD_NAMELEN];

	ksnprintf(name, sizeof(name), "%s %s", vm->vm_name, words[verb].word);
	td_add(to, verb, words[verb].phase, mod, row, name);
}

static unsigned
td_level(int mod)
{
	const struct vnet_module *vm = curworld()->w_mod[mod];

	return (vm->vm_level != 0 ? vm->vm_level : 10u * (unsigned)mod);
}

/* Module ids, highest level first.  Return: their number. */
static unsigned
td_bylevel(uint8_t ids[VNET_MOD_MAX], bool reverse)
{
	unsigned n = 0;

	for (int mod = 0; mod < VNET_MOD_MAX; mod++) {
		unsigned at = n;

		if (!vnet_module_here(mod))
			continue;
		while (at > 0 && (td_level(ids[at - 1]) < td_level(mod) ||
				     (reverse && td_level(ids[at - 1]) ==
						     td_level(mod)))) {
			ids[at] = ids[at - 1];
			at--;
		}
		ids[at] = (uint8_t)mod;
		n++;
	}
	return (n);
}

/* Does a step of that kind exist for the module? */
bool
td_has(int mod, enum td_verb verb)
{
	const struct vnet_module *vm = curworld()->w_mod[mod];

	switch (verb) {
	case TDV_FAREWELL:
		return (vm->vm_farewell != NULL);
	case TDV_SHUTDOWN:
		return (vm->vm_shutdown != NULL);
	case TDV_UNINIT:
		return (vm->vm_uninit != NULL);
	default:
		return (vm->vm_shutdown != NULL || vm->vm_uninit != NULL);
	}
}

/* The interfaces: everything up to Ethernet, and only that. */
static bool
td_isif(int mod)
{
	return (td_level(mod) <= 10u * VNET_MOD_ether);
}

/* One step per module for a verb; @which: 0 all, 1 interfaces, 2 the rest. */
static void
td_addall(struct td_order *to, enum td_verb verb, int which)
{
	bool reverse = to->to_ties == VNETSIM_TIES_REVERSE;
	uint8_t ids[VNET_MOD_MAX];
	/* the free pass is one tie: the whole of it is turned round */
	bool back = reverse && verb == TDV_UNINIT;
	unsigned n = td_bylevel(ids, reverse && !back);

	for (unsigned i = 0; i < n; i++) {
		uint8_t mod = back ? ids[n - 1 - i] : ids[i];

		if (!td_has(mod, verb) || (which == 1 && !td_isif(mod)) ||
		    (which == 2 && td_isif(mod)))
			continue;
		td_addmod(to, verb, mod, 0);
	}
}

/* --shuffle: whoever let go may free in any order; the seed says which. */
static void
td_shuffle(struct td_order *to)
{
	unsigned first = 0, n = 0, j;
	struct td_step ts;

	for (unsigned i = 0; i < to->to_n; i++)
		if (to->to_step[i].ts_verb == TDV_UNINIT && n++ == 0)
			first = i;
	for (unsigned i = 1; i < n; i++) {
		j = (unsigned)(krandom("td.shuffle", 0, i) % (i + 1));
		ts = to->to_step[first + i];
		to->to_step[first + i] = to->to_step[first + j];
		to->to_step[first + j] = ts;
	}
}

static void
td_build_topdown(struct td_order *to, bool iffirst)
{
	int none = VNET_MOD_BUILTIN;
	unsigned destroy;

	if (iffirst)
		td_addall(to, TDV_SHUTDOWN, 1);
	td_add(to, TDV_KILL, PHASE_KILL, none, 0, "kill");
	td_add(to, TDV_PINS, PHASE_KILL, none, 0, "pins");
	td_addall(to, TDV_FAREWELL, 0);
	destroy = to->to_n;
	td_add(to, TDV_QUIESCE, PHASE_QUIESCE, none, 0, "quiesce");
	td_addall(to, TDV_SHUTDOWN, iffirst ? 2 : 0);
	td_add(to, TDV_DRAIN, PHASE_DRAIN, none, 0, "drain");
	td_addall(to, TDV_UNINIT, 0);
	td_add(to, TDV_AUDIT, PHASE_AUDIT, none, 0, "audit");
	while (destroy < to->to_n)
		to->to_step[destroy++].ts_destroy = true;
}

int
td_order_build(struct td_order *to, const char *name, bool force, unsigned ties)
{
	const struct td_kernel *tk;
	unsigned id;

	for (id = 0; td_order_names[id] != NULL; id++)
		if (strcmp(td_order_names[id], name) == 0)
			break;
	if (td_order_names[id] == NULL)
		return (VE_NOENT);
	if (force && id != TD_FREEBSD13 && id != TD_FREEBSD9)
		return (VE_INVAL);
	memset(to, 0, sizeof(*to));
	to->to_id = (uint8_t)id;
	to->to_force = force;
	to->to_ties = (uint8_t)ties;
	tk = td_kernel_of(to);
	if (tk != NULL)
		td_build_fused(to, tk);
	else
		td_build_topdown(to, id == TD_IFFIRST);
	if (curworld()->w_cfg.wc_shuffle && tk == NULL)
		td_shuffle(to);
	return (0);
}

const char *
teardown_order_name(unsigned n)
{
	return (n < nitems(td_order_names) ? td_order_names[n] : NULL);
}
