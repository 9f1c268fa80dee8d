/*
 * kern_cred.c - credentials: what pins a prison.
 *
 * A credential holds its prison; whoever works in the prison's name (process,
 * file, socket, pcb) holds a credential.  So a connection that outlives its
 * process keeps the dying jail and its vnet.  Credentials lie in the world's
 * extents, charged to the prison's vnet: an audit that finds one says which
 * object forgot it.
 *
 * FreeBSD: sys/kern/kern_prot.c.
 */
#include <vnetsim/kern/jail.h>
#include "src/core/world.h"

static const struct field ucred_fields[] = {
	FIELD(struct ucred, cr_prison, REF),
};
const struct uma_zone ucred_zone = { "ucred", sizeof(struct ucred),
	VNET_MOD_core, CORE_Z_UCRED, UMA_WORLD, ucred_fields,
	nitems(ucred_fields) };

struct ucred *
crget(struct prison *pr)
{
	struct ucred *cr;

	cr = mem_alloc(&ucred_zone, sizeof(*cr), M_ZERO, pr->pr_vnet, SITE);
	if (cr == NULL)
		return (NULL);
	prison_hold(&cr->cr_prison, pr, "cr_prison");
	return (cr);
}

void
crfree(struct ref *slot)
{
	struct ucred *cr;

	cr = ref_get(slot);
	if (!ref_drop(slot) || cr == NULL)
		return;
	prison_free(&cr->cr_prison);
	uma_zfree(&ucred_zone, cr);
}
