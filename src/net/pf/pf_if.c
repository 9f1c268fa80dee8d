/*
 * pf_if.c - interfaces as rules and states know them: by name.
 *
 * A rule may name an interface that is not there, and outlive one that goes.
 * So it holds a kif, which has the name and forgets the interface when that
 * departs (to another vnet, too); one of the same name that arrives takes its
 * place.  What is bound to a name without an interface matches nothing.
 *
 * Only names that a rule, a bound state or "set skip on" gave have a kif; it
 * goes with the last of them.
 *
 * FreeBSD: sys/netpfil/pf/pf_if.c, which has one for every interface.
 */
#include <string.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/pf/pf_var.h"

static const struct field kif_fields[] = {
	FIELD(struct pfi_kkif, pfik_name, STR),
	FIELD(struct pfi_kkif, pfik_link, LINK),
	FIELD(struct pfi_kkif, pfik_ifp, PTR),
	FIELD(struct pfi_kkif, pfik_skip, BOOL),
};
UMA_ZONE_NAMED(
    pf_kif_zone, pf, PF_Z_KIF, "pf_ifnet", struct pfi_kkif, 0, kif_fields);

/* There, or made; nobody holds a new one yet. */
static struct pfi_kkif *
kif_byname(const char *name)
{
	struct pfi_kkif *kif;

	LIST_FOREACH (kif, &V_pf.kifs, pfik_link)
		if (strcmp(kif->pfik_name, name) == 0)
			return (kif);
	kif = uma_zalloc(&pf_kif_zone, M_ZERO);
	if (kif == NULL)
		return (NULL);
	memcpy(kif->pfik_name, name, strlen(name) + 1);
	kif->pfik_ifp = ifunit(name);
	LIST_INSERT_HEAD(&V_pf.kifs, kif, pfik_link);
	V_pf.nkifs++;
	return (kif);
}

static void
kif_free(struct pfi_kkif *kif)
{
	LIST_REMOVE(kif, pfik_link);
	V_pf.nkifs--;
	uma_zfree(&pf_kif_zone, kif);
}

/* Those that are for nobody. */
static void
kif_sweep(void)
{
	struct pfi_kkif *kif, *next;

	LIST_FOREACH_SAFE (kif, &V_pf.kifs, pfik_link, next)
		if (!kif->pfik_skip && !ref_held(kif))
			kif_free(kif);
}

int
pfi_kkif_get(struct ref *slot, const char *name)
{
	struct pfi_kkif *kif = kif_byname(name);

	if (kif == NULL)
		return (VE_NOMEM);
	ref_take(slot, kif, "kif");
	return (0);
}

void
pfi_kkif_unref(struct ref *slot)
{
	struct pfi_kkif *kif = ref_get(slot);

	if (kif != NULL && ref_drop(slot) && !kif->pfik_skip)
		kif_free(kif);
}

struct pfi_kkif *
pfi_kkif_of(const struct ifnet *ifp)
{
	struct pfi_kkif *kif;

	LIST_FOREACH (kif, &V_pf.kifs, pfik_link)
		if (kif->pfik_ifp == ifp)
			return (kif);
	return (NULL);
}

int
pfi_set_skip(const struct vnetsim_pf_conf *conf)
{
	struct pfi_kkif *kif;
	uint32_t i;

	for (i = 0; i < conf->nskip; i++)
		if (kif_byname(conf->skip[i]) == NULL) {
			kif_sweep();
			return (VE_NOMEM);
		}
	LIST_FOREACH (kif, &V_pf.kifs, pfik_link) {
		kif->pfik_skip = false;
		for (i = 0; i < conf->nskip; i++)
			if (strcmp(kif->pfik_name, conf->skip[i]) == 0)
				kif->pfik_skip = true;
	}
	kif_sweep();
	return (0);
}

void
pfi_clear_skip(void)
{
	struct pfi_kkif *kif;

	LIST_FOREACH (kif, &V_pf.kifs, pfik_link)
		kif->pfik_skip = false;
	kif_sweep();
}

void
pfi_arrival(void *arg, void *obj, int value)
{
	struct ifnet *ifp = obj;
	struct pfi_kkif *kif;

	(void)arg;
	(void)value;
	LIST_FOREACH (kif, &V_pf.kifs, pfik_link)
		if (strcmp(kif->pfik_name, ifp->if_xname) == 0)
			kif->pfik_ifp = ifp;
}

void
pfi_departure(void *arg, void *obj, int value)
{
	struct pfi_kkif *kif;

	(void)arg;
	(void)value;
	LIST_FOREACH (kif, &V_pf.kifs, pfik_link)
		if (kif->pfik_ifp == obj)
			kif->pfik_ifp = NULL;
}
