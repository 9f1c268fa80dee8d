/*
 * sysctl.c - reading and writing tunables by FreeBSD's names.
 *
 * The oids are constant data in the descriptors of the modules, the values lie
 * in their per-vnet states; so a new vnet starts with the defaults that its
 * modules' init sets, whatever vnet0 has.  sysctl_var.h says how a name is
 * found.  A world has at most SYSCTL_MAX oids; a name given twice panics at
 * the first look-up (a loaded module with such a name, or one too many, is
 * refused before).  The index is made anew when a module has come or gone; an
 * oid of a loaded module is unknown in a vnet that does not have the module.
 */
#include <limits.h>
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/sysctl.h>
#include "src/core/drop_var.h"
#include "src/core/world.h"

/* Index entries; module core has no oids of its own, its bits mean drops. */
#define OID_MAKE(mod, i) ((uint16_t)((mod) << 10 | (i)))
#define OID_MOD(x)       ((x) >> 10)
#define OID_I(x)         ((x)&0x3ff)
_Static_assert(VNET_MOD_MAX <= 64, "a module id has 6 bits");

static const char *
oid_name(const struct world *w, uint16_t x)
{
	if (OID_MOD(x) == VNET_MOD_core)
		return (drop_oid(OID_I(x)));
	return (w->w_mod[OID_MOD(x)]->vm_sysctls[OID_I(x)].o_name);
}

/* Where @name is, or where it belongs: the first entry that is not less. */
static uint32_t
oid_bound(const struct world *w, const char *name)
{
	uint32_t lo, hi, mid;

	for (lo = 0, hi = w->w_sysctl.ws_n; lo < hi;) {
		mid = (lo + hi) / 2;
		if (strcmp(oid_name(w, w->w_sysctl.ws_oid[mid]), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static void
oid_insert(struct world *w, uint16_t x)
{
	struct world_sysctls *ws = &w->w_sysctl;
	const char *name;
	uint32_t at;

	name = oid_name(w, x);
	KASSERT(ws->ws_n < SYSCTL_MAX, ("more than %d sysctls", SYSCTL_MAX));
	at = oid_bound(w, name);
	KASSERT(
	    at == ws->ws_n || strcmp(oid_name(w, ws->ws_oid[at]), name) != 0,
	    ("sysctl %s is there twice", name));
	memmove(&ws->ws_oid[at + 1], &ws->ws_oid[at],
	    (ws->ws_n - at) * sizeof(ws->ws_oid[0]));
	ws->ws_oid[at] = x;
	ws->ws_n++;
}

static void
oid_index(struct world *w)
{
	const struct vnet_module *m;
	uint32_t i;
	int mod, r;

	if (w->w_sysctl.ws_n != 0)
		return;
	for (mod = VNET_MOD_core + 1; mod < VNET_MOD_MAX; mod++) {
		m = vnet_module_here(mod) ? w->w_mod[mod] : NULL;
		for (i = 0; m != NULL && i < m->vm_nsysctls; i++)
			oid_insert(w, OID_MAKE(mod, i));
	}
	for (r = DROP_NONE + 1; r < DROP_N; r++)
		oid_insert(w, OID_MAKE(VNET_MOD_core, r));
}

/* Return: 0 and the entry, or VE_NOENT. */
static int
oid_find(const char *name, uint16_t *x)
{
	struct world *w = curworld();
	uint32_t at;

	oid_index(w);
	at = oid_bound(w, name);
	if (at == w->w_sysctl.ws_n ||
	    strcmp(oid_name(w, w->w_sysctl.ws_oid[at]), name) != 0)
		return (VE_NOENT);
	*x = w->w_sysctl.ws_oid[at];
	return (0);
}

/* Where the value lies in curvnet, or NULL: a module without state here. */
static void *
oid_value(const struct sysctl_oid *oid, int mod)
{
	char *state;

	MPASS((oid->o_flags & CTLFLAG_VNET) != 0);
	state = curvnet->v_state[mod];
	return (state == NULL ? NULL : state + oid->o_offset);
}

/* Is the module of an oid started in curvnet?  Built-in ones always are. */
static bool
oid_here(int mod)
{
	return (vnet_module(mod)->vm_id == mod ||
		(curvnet->v_inited & VNET_MODBIT(mod)) != 0);
}

static int
oid_read(const struct sysctl_oid *oid, const void *p, int64_t *value)
{
	switch ((enum sysctl_type)oid->o_type) {
	case SYSCTL_T_INT:
		*value = *(const int32_t *)p;
		return (0);
	case SYSCTL_T_UINT:
		*value = *(const uint32_t *)p;
		return (0);
	case SYSCTL_T_BOOL:
		*value = *(const bool *)p;
		return (0);
	case SYSCTL_T_U64:
		*value = *(const uint64_t *)p > INT64_MAX
			     ? INT64_MAX
			     : (int64_t) * (const uint64_t *)p;
		return (0);
	case SYSCTL_T_TIME:
		*value = *(const int64_t *)p / oid->o_unit;
		return (0);
	case SYSCTL_T_PROC:
		break;
	}
	return (oid->o_proc(oid, value, false));
}

/* @value is within the oid's range. */
static int
oid_write(const struct sysctl_oid *oid, void *p, int64_t value)
{
	switch ((enum sysctl_type)oid->o_type) {
	case SYSCTL_T_INT:
		if (value < INT32_MIN || value > INT32_MAX)
			return (VE_INVAL);
		*(int32_t *)p = (int32_t)value;
		return (0);
	case SYSCTL_T_UINT:
		if (value < 0 || value > UINT32_MAX)
			return (VE_INVAL);
		*(uint32_t *)p = (uint32_t)value;
		return (0);
	case SYSCTL_T_BOOL:
		if (value < 0 || value > 1)
			return (VE_INVAL);
		*(bool *)p = value != 0;
		return (0);
	case SYSCTL_T_U64:
		if (value < 0)
			return (VE_INVAL);
		*(uint64_t *)p = (uint64_t)value;
		return (0);
	case SYSCTL_T_TIME:
		if (value > INT64_MAX / oid->o_unit ||
		    value < INT64_MIN / oid->o_unit)
			return (VE_INVAL);
		*(int64_t *)p = value * oid->o_unit;
		return (0);
	case SYSCTL_T_PROC:
		break;
	}
	return (oid->o_proc(oid, &value, true));
}

int
sysctl_get(const char *name, int64_t *value)
{
	const struct sysctl_oid *oid;
	void *p;
	uint16_t x;

	MPASS(curvnet != NULL);
	if (oid_find(name, &x) != 0)
		return (VE_NOENT);
	if (OID_MOD(x) == VNET_MOD_core) {
		*value = (int64_t)drop_count(OID_I(x));
		return (0);
	}
	oid = &curworld()->w_mod[OID_MOD(x)]->vm_sysctls[OID_I(x)];
	if (!oid_here(OID_MOD(x)))
		return (VE_NOENT);
	p = NULL;
	if (oid->o_type != SYSCTL_T_PROC) {
		p = oid_value(oid, OID_MOD(x));
		if (p == NULL)
			return (VE_NOENT);
	}
	return (oid_read(oid, p, value));
}

int
sysctl_set(const char *name, int64_t value)
{
	const struct sysctl_oid *oid;
	void *p;
	uint16_t x;

	MPASS(curvnet != NULL);
	if (oid_find(name, &x) != 0)
		return (VE_NOENT);
	if (curvnet->v_phase != PHASE_ALIVE || curvnet->v_shut != 0)
		return (VE_BUSY);
	if (OID_MOD(x) == VNET_MOD_core) {
		drop_clear(OID_I(x));
		return (0);
	}
	oid = &curworld()->w_mod[OID_MOD(x)]->vm_sysctls[OID_I(x)];
	if ((oid->o_flags & CTLFLAG_RW) != CTLFLAG_RW)
		return (VE_PERM);
	if ((oid->o_flags & CTLFLAG_STATS) != 0)
		value = 0;
	else if (value < oid->o_min || value > oid->o_max)
		return (VE_INVAL);
	if (!oid_here(OID_MOD(x)))
		return (VE_NOENT);
	p = NULL;
	if (oid->o_type != SYSCTL_T_PROC) {
		p = oid_value(oid, OID_MOD(x));
		if (p == NULL)
			return (VE_NOENT);
	}
	return (oid_write(oid, p, value));
}

int
sysctl_nth(uint32_t n, const char **name, const char **descr)
{
	struct world *w = curworld();
	uint16_t x;

	oid_index(w);
	if (n >= w->w_sysctl.ws_n)
		return (VE_NOENT);
	x = w->w_sysctl.ws_oid[n];
	*name = oid_name(w, x);
	if (OID_MOD(x) == VNET_MOD_core)
		*descr = "packets dropped for this reason";
	else
		*descr = w->w_mod[OID_MOD(x)]->vm_sysctls[OID_I(x)].o_descr;
	return (0);
}
