/*
 * jail_registry.c - finding prisons, and numbers for new ones.
 *
 * Two uthash tables and one list, see jail_var.h.  The list is kept sorted:
 * numbers are given ascending, so a new prison goes to the end until numbers
 * wrap around; from then on its place is looked for.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include "src/core/jail_registry.h"
#include "src/core/uthash_world.h"
#include "src/core/world.h"

struct prison_reg {
	struct prison pg_pr; /* first: a prison is its entry */
	UT_hash_handle pg_id;
	UT_hash_handle pg_name;
};

static const struct field prison_fields[] = {
	FIELD_STAT(struct prison, pr_id, INT),
	FIELD(struct prison, pr_flags, HEX),
	FIELD(struct prison, pr_state, UINT),
	FIELD(struct prison, pr_reaping, BOOL),
	FIELD(struct prison, pr_reapwait, BOOL),
	FIELD(struct prison, pr_name, STR),
	FIELD(struct prison, pr_handle, OPAQUE),
	FIELD(struct prison, pr_vnet, PTR),
	FIELD(struct prison, pr_use, PTR),
	FIELD(struct prison, pr_parent, REF),
	FIELD(struct prison, pr_parentuse, REF),
	FIELD(struct prison, pr_persist, REF),
	FIELD(struct prison, pr_self, REF),
	FIELD(struct prison, pr_allow, HEX),
	FIELD(struct prison, pr_close.vc_policy, UINT),
	FIELD(struct prison, pr_close.vc_grace, INT),
	FIELD(struct prison, pr_childcount, INT),
	FIELD(struct prison, pr_childmax, INT),
	FIELD(struct prison, pr_teardown, PTR),
	FIELD(struct prison, pr_wq, LINK),
	FIELD(struct prison, pr_gonewq, LINK),
	FIELD(struct prison, pr_children, LINK),
	FIELD(struct prison, pr_sibling, LINK),
	FIELD(struct prison, pr_list, LINK),
	FIELD(struct prison, pr_reaplink, LINK),
	FIELD(struct prison, pr_procs, LINK),
	FIELD(struct prison_reg, pg_id, LINK),
	FIELD(struct prison_reg, pg_name, LINK),
};
const struct uma_zone prison_zone = { "prison", sizeof(struct prison_reg),
	VNET_MOD_core, CORE_Z_PRISON, UMA_WORLD, prison_fields,
	nitems(prison_fields) };

static const struct field pruse_fields[] = {
	FIELD(struct pruse, pu_prison, PTR),
};
const struct uma_zone pruse_zone = { "pruse", sizeof(struct pruse),
	VNET_MOD_core, CORE_Z_PRUSE, UMA_WORLD, pruse_fields,
	nitems(pruse_fields) };

MALLOC_TYPE(uthash_zone, core, CORE_Z_HASH, "uthash", UMA_WORLD | UMA_NOHASH);

void *
uthash_world_alloc(size_t size)
{
	return (mem_alloc(&uthash_zone, size, 0, NULL, SITE));
}

void
uthash_world_free(void *p)
{
	kfree(&uthash_zone, p);
}

static inline struct prison_reg *
reg(struct prison *pr)
{
	return (container_of(pr, struct prison_reg, pg_pr));
}

void
world_jail_init(struct world *w)
{
	struct world_jails *wj = &w->w_jail;

	TAILQ_INIT(&wj->wj_list);
	TAILQ_INIT(&wj->wj_reap);
	wj->wj_jidmax = w->w_cfg.wc_jidmax;
	if (wj->wj_jidmax <= 0 || wj->wj_jidmax > JAIL_MAX)
		wj->wj_jidmax = JAIL_MAX;
}

/* ---- numbers ---- */

struct prison *
prison_byid(int32_t jid)
{
	struct world_jails *wj = &curworld()->w_jail;
	struct prison_reg *pg;

	if (jid == 0)
		return (wj->wj_prison0);
	HASH_FIND(pg_id, wj->wj_byid, &jid, sizeof(jid), pg);
	return (pg == NULL ? NULL : &pg->pg_pr);
}

int
jail_id_next(int32_t *jid)
{
	struct world_jails *wj = &curworld()->w_jail;
	int32_t id;

	if (wj->wj_nprisons >= (uint32_t)wj->wj_jidmax)
		return (VE_AGAIN);
	id = wj->wj_lastjid;
	do
		id = id >= wj->wj_jidmax ? 1 : id + 1;
	while (prison_byid(id) != NULL);
	wj->wj_lastjid = id;
	*jid = id;
	return (0);
}

/* ---- names ---- */

struct prison *
jail_byname(const char *name)
{
	struct prison_reg *pg;

	HASH_FIND(
	    pg_name, curworld()->w_jail.wj_byname, name, strlen(name), pg);
	return (pg == NULL ? NULL : &pg->pg_pr);
}

void
jail_name_remove(struct prison *pr)
{
	struct world_jails *wj = &curworld()->w_jail;

	if (pr != wj->wj_prison0)
		HASH_DELETE(pg_name, wj->wj_byname, reg(pr));
	reg(pr)->pg_name.tbl = NULL;
}

/* -1: no number. */
static int32_t
number_parse(const char *s)
{
	int32_t n;

	n = *s == '\0' ? -1 : 0;
	for (; *s != '\0' && n >= 0; s++) {
		if (*s < '0' || *s > '9')
			return (-1);
		n = n * 10 + (*s - '0');
		if (n > JAIL_MAX)
			return (-1);
	}
	return (n);
}

struct prison *
prison_find(const char *name, bool dying)
{
	struct prison *pr;
	int32_t jid;

	jid = number_parse(name);
	pr = jid >= 0 ? prison_byid(jid) : jail_byname(name);
	if (pr != NULL)
		return (
		    pr->pr_state == PRISON_STATE_ALIVE || dying ? pr : NULL);
	if (!dying || jid >= 0)
		return (NULL);
	for (pr = prison_first(); pr != NULL; pr = prison_next(pr))
		if (strcmp(pr->pr_name, name) == 0)
			return (pr);
	return (NULL);
}

/* ---- both ---- */

static void
list_insert(struct world_jails *wj, struct prison *pr)
{
	struct prison *last, *at;

	if (TAILQ_EMPTY(&wj->wj_list)) {
		TAILQ_INSERT_TAIL(&wj->wj_list, pr, pr_list);
		return;
	}
	last =
	    container_of(wj->wj_list.tqh_last, struct prison, pr_list.tqe_next);
	if (last->pr_id < pr->pr_id) {
		TAILQ_INSERT_TAIL(&wj->wj_list, pr, pr_list);
		return;
	}
	for (at = TAILQ_FIRST(&wj->wj_list); at->pr_id < pr->pr_id;
	     at = TAILQ_NEXT(at, pr_list))
		;
	TAILQ_INSERT_BEFORE(at, pr, pr_list);
}

int
jail_register(struct prison *pr)
{
	struct world_jails *wj = &curworld()->w_jail;
	struct prison_reg *pg = reg(pr);

	HASH_ADD(pg_id, wj->wj_byid, pg_pr.pr_id, sizeof(int32_t), pg);
	if (!HASH_ADDED(pg_id, pg))
		return (VE_NOMEM);
	HASH_ADD_KEYPTR(
	    pg_name, wj->wj_byname, pr->pr_name, strlen(pr->pr_name), pg);
	if (!HASH_ADDED(pg_name, pg)) {
		HASH_DELETE(pg_id, wj->wj_byid, pg);
		return (VE_NOMEM);
	}
	list_insert(wj, pr);
	wj->wj_nprisons++;
	return (0);
}

void
jail_unregister(struct prison *pr)
{
	struct world_jails *wj = &curworld()->w_jail;
	struct prison_reg *pg = reg(pr);

	HASH_DELETE(pg_id, wj->wj_byid, pg);
	if (HASH_ADDED(pg_name, pg))
		jail_name_remove(pr);
	TAILQ_REMOVE(&wj->wj_list, pr, pr_list);
	wj->wj_nprisons--;
}

struct prison *
prison_first(void)
{
	return (TAILQ_FIRST(&curworld()->w_jail.wj_list));
}

struct prison *
prison_next(const struct prison *pr)
{
	return (TAILQ_NEXT(pr, pr_list));
}
