/*
 * view_type.c - zone types, modules, and the states of modules.
 *
 * A module's state in a vnet is no object of its own in the ledger: all states
 * of a vnet are one block.  It is shown as an object of type "V_tcp" with
 * serial 0, by the field table of the module.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

bool
view_zone(const struct vnetsim_view *v, uint32_t type, struct uma_zone *z,
    uint64_t *zaddr)
{
	const struct dump_dir *dd = view_dir(v);

	if (type >= dd->dd_nzones)
		return (false);
	*zaddr = view_ptr(v, dd->dd_zones + (uint64_t)type * sizeof(void *));
	return (*zaddr != 0 && view_read(v, *zaddr, z, sizeof(*z)));
}

/* vm_slots and verbs behind the fields used here may differ in a foreign
 * dump; the beginning is part of the format. */
bool
view_module(const struct vnetsim_view *v, uint32_t mod, struct vnet_module *m)
{
	const struct dump_dir *dd = view_dir(v);
	uint64_t at;

	if (mod >= dd->dd_nmods)
		return (false);
	at = view_ptr(v, dd->dd_mods + (uint64_t)mod * sizeof(void *));
	return (at != 0 && view_read(v, at, m, sizeof(*m)));
}

const char *
view_module_name(const struct vnetsim_view *v, uint32_t mod)
{
	struct vnet_module m;

	return (
	    view_module(v, mod, &m) ? view_str(v, view_addr(m.vm_name)) : NULL);
}

/* Zones of loaded modules do not know their id: whose table lists it? */
static uint32_t
zone_module(
    const struct vnetsim_view *v, const struct uma_zone *z, uint64_t zaddr)
{
	const struct dump_dir *dd = view_dir(v);
	struct vnet_module m;
	uint32_t i;

	if (z->uz_mod != VNET_MOD_LOADED)
		return (z->uz_mod);
	for (i = 0; i < dd->dd_nmods; i++)
		if (view_module(v, i, &m) && z->uz_local < m.vm_nzones &&
		    view_ptr(v, view_addr(m.vm_zones) +
				    (uint64_t)z->uz_local * sizeof(void *)) ==
			zaddr)
			return (i);
	return (VNET_MOD_LOADED);
}

const char *
view_state_name(const struct vnetsim_view *v, uint32_t mod)
{
	struct vnetsim_view *own = (struct vnetsim_view *)v;
	const char *name;

	name = view_module_name(v, mod);
	if (name == NULL)
		return ("?");
	ksnprintf(own->vv_state[mod], VIEW_STATENAME, "V_%s", name);
	return (own->vv_state[mod]);
}

uint64_t
view_state_at(const struct vnetsim_view *v, uint64_t vnet, uint32_t mod)
{
	const struct dump_dir *dd = view_dir(v);

	if (mod >= dd->dd_nmods)
		return (0);
	return (view_ptr(
	    v, vnet + dd->dd_vnetstate + (uint64_t)mod * sizeof(void *)));
}

int
view_state_around(
    const struct vnetsim_view *v, uint64_t vnet, uint64_t addr, uint64_t *begin)
{
	const struct dump_dir *dd = view_dir(v);
	struct vnet_module m;

	for (uint32_t i = 0; i < dd->dd_nmods; i++) {
		*begin = view_state_at(v, vnet, i);
		if (*begin != 0 && addr >= *begin && view_module(v, i, &m) &&
		    addr - *begin < m.vm_size)
			return ((int)i);
	}
	return (-1);
}

void
view_state_fill(const struct vnetsim_view *v, const struct view_obj *vnet,
    uint32_t mod, uint64_t addr, struct vnetsim_object *out)
{
	struct vnet_module m;

	view_obj_fill(v, vnet, out);
	out->type = view_state_name(v, mod);
	out->size = view_module(v, mod, &m) ? m.vm_size : 0;
	out->cookie = view_cookie(view_dir(v), addr, (int)mod);
}

/* Live objects of a type; of a module's state if @mod >= 0. */
static uint64_t
count(const struct vnetsim_view *v, uint32_t type, int mod)
{
	const struct dump_dir *dd = view_dir(v);
	struct view_obj o;
	uint64_t at, n = 0;
	uint32_t one;

	if (mod < 0) {
		(void)view_read(v,
		    dd->dd_acct + offsetof(struct mem_account, ac_live) +
			4u * type,
		    &one, sizeof(one));
		n = one;
	}
	for (uint32_t x = 1; x < dd->dd_nused; x++) {
		at = view_vnet_at(v, x, &o);
		if (at == 0)
			continue;
		if (mod >= 0) {
			n += view_state_at(v, at, (uint32_t)mod) != 0;
			continue;
		}
		(void)view_read(v,
		    at + dd->dd_vnetmem + offsetof(struct vnet_mem, vm_acct) +
			offsetof(struct mem_account, ac_live) + 4u * type,
		    &one, sizeof(one));
		n += one;
		n += HDR_TYPE(o.vo_hdr.h_id) == type;
	}
	return (n);
}

/* The n-th module that has a state. */
static int
state_type(const struct vnetsim_view *v, unsigned n, struct vnetsim_type *t)
{
	const struct dump_dir *dd = view_dir(v);
	struct vnet_module m;

	for (uint32_t i = 0; i < dd->dd_nmods; i++) {
		if (!view_module(v, i, &m) || m.vm_size == 0 || n-- != 0)
			continue;
		t->name = view_state_name(v, i);
		t->module = view_module_name(v, i);
		t->size = m.vm_size;
		t->nfields = m.vm_nfields;
		t->live = count(v, 0, (int)i);
		return (0);
	}
	return (VE_NOENT);
}

int
vnetsim_type(const struct vnetsim_view *v, unsigned n, struct vnetsim_type *t)
{
	const struct dump_dir *dd = view_begin(v);
	struct uma_zone z;
	uint64_t zaddr;

	memset(t, 0, sizeof(*t));
	for (uint32_t i = 0; i < dd->dd_nzones; i++) {
		if (!view_zone(v, i, &z, &zaddr) || n-- != 0)
			continue;
		t->name = view_str(v, view_addr(z.uz_name));
		if (t->name == NULL)
			t->name = "?";
		t->module = view_module_name(v, zone_module(v, &z, zaddr));
		if (t->module == NULL)
			t->module = "?";
		t->size = z.uz_size;
		t->nfields = z.uz_nfields;
		t->live = count(v, i, -1);
		return (0);
	}
	return (state_type(v, n, t));
}
