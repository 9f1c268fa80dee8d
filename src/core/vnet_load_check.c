/*
 * vnet_load_check.c - is a module fit to be loaded?
 *
 * What a built-in module does wrong panics at the world's start.  A loaded one
 * comes from elsewhere, perhaps from another version: each of these mistakes
 * is a sentence for its author instead.  First what every version has in the
 * same place (magic, ABI, size of a pointer), then the descriptor, then the
 * tables that it points to.
 */
#include <stdarg.h>
#include <string.h>
#include "src/core/field_var.h"
#include "src/core/kprintf.h"
#include "src/core/sysctl_var.h"
#include "src/core/vnet_load.h"
#include "src/core/world.h"

/* Where the sentence goes. */
struct why {
	char *wy_buf;
	size_t wy_size;
};

static bool no(const struct why *wy, const char *fmt, ...) __printflike(2, 3);

static bool
no(const struct why *wy, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)kvsnprintf(wy->wy_buf, wy->wy_size, fmt, ap);
	va_end(ap);
	return (false);
}

static bool
name_ok(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t n;

	n = strlen(name);
	return (n > 0 && n <= VNETSIM_KMOD_NAMEMAX && strspn(name, good) == n);
}

static bool
head_ok(const struct why *wy, const struct vnetsim_kmod *km)
{
	if (km == NULL || km->magic != VNETSIM_KMOD_MAGIC)
		return (no(wy, "not a module of vnetsim: no magic number"));
	if (km->abi != VNETSIM_KERN_ABI)
		return (no(wy, "built for kernel ABI %u, this is %u",
		    (unsigned)km->abi, (unsigned)VNETSIM_KERN_ABI));
	if (km->ptrsize != sizeof(void *))
		return (no(wy, "built for pointers of %u bytes, here are %u",
		    (unsigned)km->ptrsize, (unsigned)sizeof(void *)));
	if (km->descsize != sizeof(struct vnet_module))
		return (
		    no(wy, "built with a descriptor of %u bytes, here are %u",
			(unsigned)km->descsize,
			(unsigned)sizeof(struct vnet_module)));
	if (km->name == NULL || !name_ok(km->name))
		return (no(wy,
		    "its name is not 1 to %u letters, digits, '_', '-', '.'",
		    (unsigned)VNETSIM_KMOD_NAMEMAX));
	if (km->version == NULL || km->module == NULL)
		return (no(wy, "%s: no version or no descriptor", km->name));
	return (true);
}

static bool
desc_ok(const struct why *wy, const struct vnet_module *m, const char *name)
{
	if (m->vm_name == NULL || strcmp(m->vm_name, name) != 0)
		return (no(wy, "%s: its descriptor has another name", name));
	if (m->vm_abi != VNETSIM_KERN_ABI)
		return (no(wy, "%s: vm_abi is not VNETSIM_KERN_ABI", name));
	if (m->vm_id != VNET_MOD_LOADED)
		return (no(wy, "%s: vm_id is not VNET_MOD_LOADED", name));
	if ((m->vm_nfields > 0 && m->vm_fields == NULL) ||
	    (m->vm_ncontracts > 0 && m->vm_contracts == NULL) ||
	    (m->vm_nzones > 0 && m->vm_zones == NULL) ||
	    (m->vm_nsysctls > 0 && m->vm_sysctls == NULL) ||
	    (m->vm_nsysinits > 0 && m->vm_sysinits == NULL) ||
	    (m->vm_nsysuninits > 0 && m->vm_sysuninits == NULL))
		return (
		    no(wy, "%s: a table has entries, but no address", name));
	if (m->vm_size > MEM_BIG_MAX / 2)
		return (no(
		    wy, "%s: a state of %u bytes", name, (unsigned)m->vm_size));
	if (m->vm_size > 0 && m->vm_nfields == 0)
		return (no(wy, "%s: its state has no field table", name));
	return (m->vm_size == 0 || field_check(name, m->vm_size, m->vm_fields,
				       m->vm_nfields, wy->wy_buf, wy->wy_size));
}

static bool
zone_ok(const struct why *wy, const struct vnet_module *m, uint32_t i)
{
	const struct uma_zone *z = m->vm_zones[i];

	if (z == NULL || z->uz_name == NULL)
		return (
		    no(wy, "%s: zone %u is missing", m->vm_name, (unsigned)i));
	if (z->uz_mod != VNET_MOD_LOADED || z->uz_local != i)
		return (no(wy, "%s: zone %s is not number %u of LOADED",
		    m->vm_name, z->uz_name, (unsigned)i));
	if ((z->uz_flags & (UMA_BUFFER | UMA_VAR)) != 0)
		return (true);
	if (z->uz_nfields == 0 || z->uz_fields == NULL || z->uz_size == 0)
		return (no(wy, "%s: zone %s has no field table", m->vm_name,
		    z->uz_name));
	return (field_check(z->uz_name, z->uz_size, z->uz_fields, z->uz_nfields,
	    wy->wy_buf, wy->wy_size));
}

/* Bytes of a value in the state. */
static uint32_t
oid_size(const struct sysctl_oid *oid)
{
	switch (oid->o_type) {
	case SYSCTL_T_INT:
	case SYSCTL_T_UINT:
		return (4);
	case SYSCTL_T_BOOL:
		return (1);
	case SYSCTL_T_U64:
	case SYSCTL_T_TIME:
		return (8);
	default:
		return (0);
	}
}

static bool
oid_ok(const struct why *wy, const struct vnet_module *m, uint32_t i)
{
	const struct sysctl_oid *oid = &m->vm_sysctls[i];
	uint32_t j, n;

	if (oid->o_name == NULL || oid->o_name[0] == '\0')
		return (no(
		    wy, "%s: sysctl %u has no name", m->vm_name, (unsigned)i));
	n = oid_size(oid);
	if (oid->o_type == SYSCTL_T_PROC
		? oid->o_proc == NULL
		: n == 0 || n > m->vm_size || oid->o_offset > m->vm_size - n ||
		      (oid->o_flags & CTLFLAG_VNET) == 0 ||
		      (oid->o_type == SYSCTL_T_TIME && oid->o_unit <= 0))
		return (no(wy, "%s: sysctl %s has no value in its state",
		    m->vm_name, oid->o_name));
	for (j = 0; j < i; j++)
		if (strcmp(m->vm_sysctls[j].o_name, oid->o_name) == 0)
			return (no(wy, "%s: sysctl %s is there twice",
			    m->vm_name, oid->o_name));
	return (true);
}

static bool
tables_ok(const struct why *wy, const struct vnet_module *m)
{
	const struct vnet_contract *ct;
	uint32_t i;

	if (m->vm_nzones > UMA_LOCAL_MAX || m->vm_nsysctls > SYSCTL_MAX)
		return (no(wy, "%s: more than %u zones or %u sysctls",
		    m->vm_name, (unsigned)UMA_LOCAL_MAX, (unsigned)SYSCTL_MAX));
	for (i = 0; i < m->vm_nzones; i++)
		if (!zone_ok(wy, m, i))
			return (false);
	for (i = 0; i < m->vm_nsysctls; i++)
		if (!oid_ok(wy, m, i))
			return (false);
	for (i = 0; i < m->vm_ncontracts; i++) {
		ct = &m->vm_contracts[i];
		if (ct->ct_name == NULL || ct->ct_size > m->vm_size ||
		    ct->ct_offset > m->vm_size - ct->ct_size)
			return (no(wy, "%s: contract %u is not in its state",
			    m->vm_name, (unsigned)i));
	}
	for (i = 0; i < m->vm_nsysinits + m->vm_nsysuninits; i++) {
		const struct vnet_sysinit *vs =
		    i < m->vm_nsysinits
			? &m->vm_sysinits[i]
			: &m->vm_sysuninits[i - m->vm_nsysinits];

		if (vs->vs_ident == NULL || vs->vs_func == NULL)
			return (no(
			    wy, "%s: a sysinit has no function", m->vm_name));
	}
	return (true);
}

int
kmod_check(const struct vnetsim_kmod *km, char *why, size_t whysize)
{
	const struct why wy = { why, whysize };

	if (!head_ok(&wy, km) || !desc_ok(&wy, km->module, km->name) ||
	    !tables_ok(&wy, km->module))
		return (VE_NOEXEC);
	if (whysize > 0)
		why[0] = '\0';
	return (0);
}
