/*
 * kern_jail.c - prisons: creating, removing, dying.
 *
 * Theory of operation
 * ===================
 *
 *	use    a reference to pr_use: persist, a process, a child in use, and,
 *	       until the first of these has come and gone, its creation
 *	hold   a reference to the prison: credentials, children, its own use
 *
 * A new prison is in use by its own creation only; so it waits for its first
 * process and dies with its last.  When the last use goes (prison_dying()) it
 * leaves the registry of names, lets go of its parent's use and of its own
 * hold, and its end begins.  By number it is known until prison_gone().
 *
 *	alive ---last use---> dying ---end of teardown---> (freed)
 *	  |                     ^
 *	  +-- prison_remove() --+-- both put it on wj_reap, once
 *
 * The end itself is the teardown's business: one event per prison calls
 * wu_reap.  Nothing of it runs inside the caller, who may be a process in the
 * middle of its exit.
 *
 * A prison, its use anchor and its registry entry are charged to the vnet in
 * which its parent lives: a child that is left behind is found by the audit
 * of the vnet around it.  prison0 is the world's.
 *
 * FreeBSD: sys/kern/kern_jail.c.  What differs: removal does not kill inside
 * the call (the order of a teardown decides when), a dying jail's name is
 * free at once, and no dying jail is revived.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include "src/core/jail_registry.h"
#include "src/core/world.h"

/* ---- use and hold ---- */

struct prison *
prison_parent(const struct prison *pr)
{
	return (ref_get(&pr->pr_parent));
}

static bool
prison_isalive(const struct prison *pr)
{
	return (pr->pr_state == PRISON_STATE_ALIVE &&
		(pr->pr_flags & PR_REMOVE) == 0);
}

static void reap_event(void *arg);

static const char *
reap_what(const void *arg)
{
	(void)arg;
	return ("reap");
}

static const struct event_class reap_class = { "jail", reap_event, NULL,
	reap_what };

static void
reap_event(void *arg)
{
	struct world_jails *wj = arg;
	const struct world_upcalls *up = curworld()->w_cfg.wc_upcalls;
	struct prison *pr;

	pr = TAILQ_FIRST(&wj->wj_reap);
	TAILQ_REMOVE(&wj->wj_reap, pr, pr_reaplink);
	pr->pr_reapwait = false;
	pr->pr_reaping = true;
	if (!TAILQ_EMPTY(&wj->wj_reap))
		event_schedule(&wj->wj_node, vtime(), &reap_class, wj);
	if (up != NULL && up->wu_reap != NULL)
		up->wu_reap(pr);
}

/* Its end shall begin, in an event of its own. */
static void
prison_reap(struct prison *pr)
{
	struct world_jails *wj = &curworld()->w_jail;

	if (pr->pr_reaping || pr->pr_reapwait)
		return;
	pr->pr_reapwait = true;
	TAILQ_INSERT_TAIL(&wj->wj_reap, pr, pr_reaplink);
	if (wj->wj_node == 0)
		event_schedule(&wj->wj_node, vtime(), &reap_class, wj);
}

/* No use is left. */
static void
prison_dying(struct prison *pr)
{
	struct prison *parent = prison_parent(pr);

	MPASS(pr->pr_state == PRISON_STATE_ALIVE);
	pr->pr_state = PRISON_STATE_DYING;
	jail_name_remove(pr);
	prison_reap(pr);
	if (!ref_empty(&pr->pr_parentuse))
		prison_usedrop(parent, &pr->pr_parentuse);
	prison_free(&pr->pr_self);
}

void
prison_usedrop(struct prison *pr, struct ref *slot)
{
	if (ref_drop(slot))
		prison_dying(pr);
	wakeup(&pr->pr_wq);
}

void
prison_free(struct ref *slot)
{
	struct prison *pr;

	pr = ref_get(slot);
	(void)ref_drop(slot);
	if (pr != NULL)
		wakeup(&pr->pr_wq);
}

/* ---- creating ---- */

/* Full name of a child.  Return: 0, VE_INVAL, VE_NAMETOOLONG, VE_EXIST. */
static int
name_make(const struct prison *parent, const char *name, char *full)
{
	const char *c;
	bool number;
	size_t n;

	number = true;
	for (c = name; *c != '\0'; c++) {
		if (*c <= ' ' || *c == '.' || *c == '/' || *c == 0x7f)
			return (VE_INVAL);
		number &= *c >= '0' && *c <= '9';
	}
	if (number)
		return (VE_INVAL);
	n = prison_parent(parent) == NULL
		? ksnprintf(full, MAXHOSTNAMELEN, "%s", name)
		: ksnprintf(
		      full, MAXHOSTNAMELEN, "%s.%s", parent->pr_name, name);
	if (n >= MAXHOSTNAMELEN)
		return (VE_NAMETOOLONG);
	return (jail_byname(full) != NULL ? VE_EXIST : 0);
}

/* The jid as a name. */
static int
name_number(const struct prison *parent, int32_t jid, char *full)
{
	size_t n;

	n = prison_parent(parent) == NULL
		? ksnprintf(full, MAXHOSTNAMELEN, "%d", jid)
		: ksnprintf(
		      full, MAXHOSTNAMELEN, "%s.%d", parent->pr_name, jid);
	return (n >= MAXHOSTNAMELEN ? VE_NAMETOOLONG : 0);
}

static bool
limit_reached(const struct prison *pr)
{
	for (; pr != NULL; pr = prison_parent(pr))
		if (pr->pr_childcount >= pr->pr_childmax)
			return (true);
	return (false);
}

static void
count_child(struct prison *pr, int by)
{
	for (pr = prison_parent(pr); pr != NULL; pr = prison_parent(pr))
		pr->pr_childcount += by;
}

/* Memory and handle of a prison.  NULL: no memory. */
static struct prison *
prison_alloc(struct vnet *owner)
{
	struct prison *pr;

	pr = mem_alloc(&prison_zone, 0, M_ZERO, owner, SITE);
	if (pr == NULL)
		return (NULL);
	pr->pr_use = mem_alloc(&pruse_zone, 0, M_ZERO, owner, SITE);
	if (pr->pr_use != NULL)
		pr->pr_handle = handle_alloc(HANDLE_JAIL, pr);
	if (pr->pr_use == NULL || pr->pr_handle == 0) {
		uma_zfree(&pruse_zone, pr->pr_use);
		uma_zfree(&prison_zone, pr);
		return (NULL);
	}
	pr->pr_use->pu_prison = pr;
	return (pr);
}

static void
prison_zfree(struct prison *pr)
{
	handle_free(pr->pr_handle);
	wakeup(&pr->pr_gonewq);
	MPASS(pr->pr_gonewq.wq_first == NULL);
	uma_zfree(&pruse_zone, pr->pr_use);
	uma_zfree(&prison_zone, pr);
}

/* The references of a new prison; from here on it can only die. */
static void
prison_link(struct prison *parent, struct prison *pr)
{
	ref_take(&pr->pr_self, pr, "pr_self");
	ref_take(&pr->pr_parent, parent, "pr_parent");
	ref_take(&pr->pr_parentuse, parent->pr_use, "pr_parentuse");
	if ((pr->pr_flags & PR_PERSIST) != 0)
		ref_take(&pr->pr_persist, pr->pr_use, "pr_persist");
	LIST_INSERT_HEAD(&parent->pr_children, pr, pr_sibling);
	count_child(pr, 1);
}

int
prison_create(struct prison *parent, const char *name, uint32_t flags,
    int32_t childmax, struct prison **prp)
{
	struct world_jails *wj = &curworld()->w_jail;
	struct prison *pr;
	char full[MAXHOSTNAMELEN];
	int32_t lastjid;
	int error;

	if (!prison_isalive(parent) || childmax < 0 || childmax > JAIL_MAX ||
	    (flags & ~(uint32_t)(PR_PERSIST | PR_VNET)) != 0)
		return (VE_INVAL);
	error = name != NULL ? name_make(parent, name, full) : 0;
	if (error != 0)
		return (error);
	if (limit_reached(parent))
		return (VE_PERM);
	pr = prison_alloc(parent->pr_vnet);
	if (pr == NULL)
		return (VE_NOMEM);
	lastjid = wj->wj_lastjid;
	error = jail_id_next(&pr->pr_id);
	if (error == 0 && name == NULL)
		error = name_number(parent, pr->pr_id, full);
	if (error != 0)
		goto out;
	memcpy(pr->pr_name, full, sizeof(full));
	pr->pr_flags = flags;
	pr->pr_childmax = childmax;
	pr->pr_close = parent->pr_close;
	pr->pr_vnet = parent->pr_vnet;
	error = jail_register(pr);
	if (error == 0 && (flags & PR_VNET) != 0) {
		error = vnet_alloc(full, pr, &pr->pr_vnet);
		if (error != 0)
			jail_unregister(pr);
	}
	if (error != 0)
		goto out;
	prison_link(parent, pr);
	*prp = pr;
	return (0);
out:
	wj->wj_lastjid = lastjid;
	prison_zfree(pr);
	return (error);
}

int
prison0_create(void)
{
	struct world *w = curworld();
	struct prison *pr;
	int error;

	pr = prison_alloc(NULL);
	if (pr == NULL)
		return (VE_NOMEM);
	memcpy(pr->pr_name, "0", 2);
	pr->pr_flags = PR_PERSIST | PR_VNET;
	pr->pr_allow = PR_ALLOW_RAW_SOCKETS;
	pr->pr_childmax = JAIL_MAX;
	pr->pr_close.vc_policy = VNETSIM_CLOSE_GRACEFUL;
	pr->pr_close.vc_grace = 30 * NS_S;
	ref_take(&pr->pr_self, pr, "pr_self");
	ref_take(&pr->pr_persist, pr->pr_use, "pr_persist");
	w->w_jail.wj_prison0 = pr;
	error = vnet_alloc(pr->pr_name, pr, &pr->pr_vnet);
	if (error != 0)
		return (error);
	w->w_vnet0 = pr->pr_vnet;
	return (0);
}

/* ---- removing ---- */

static void
remove_one(struct prison *pr)
{
	const struct world_upcalls *up = curworld()->w_cfg.wc_upcalls;

	if ((pr->pr_flags & PR_REMOVE) != 0)
		return;
	pr->pr_flags |= PR_REMOVE;
	prison_reap(pr);
	if (!ref_empty(&pr->pr_persist)) {
		pr->pr_flags &= ~(uint32_t)PR_PERSIST;
		prison_usedrop(pr, &pr->pr_persist);
	}
	if (up == NULL || up->wu_reap == NULL)
		prison_kill(pr);
	if (pr->pr_state == PRISON_STATE_ALIVE && !ref_held(pr->pr_use))
		prison_dying(pr); /* never was in use */
}

/* Next of a tree in pre-order, NULL: all seen. */
static struct prison *
tree_next(const struct prison *root, struct prison *pr)
{
	if (!LIST_EMPTY(&pr->pr_children))
		return (LIST_FIRST(&pr->pr_children));
	while (pr != root && LIST_NEXT(pr, pr_sibling) == NULL)
		pr = prison_parent(pr);
	return (pr == root ? NULL : LIST_NEXT(pr, pr_sibling));
}

int
prison_remove(struct prison *pr)
{
	struct prison *d;

	if (pr == curworld()->w_jail.wj_prison0)
		return (VE_INVAL);
	if ((pr->pr_flags & PR_REMOVE) != 0 ||
	    pr->pr_state == PRISON_STATE_DYING)
		return (VE_ALREADY);
	/* nobody is freed here: what dies waits for its event */
	for (d = tree_next(pr, pr); d != NULL; d = tree_next(pr, d))
		remove_one(d);
	remove_one(pr);
	return (0);
}

void
prison_gone(struct prison *pr)
{
	struct world *w = curworld();

	if (pr->pr_state != PRISON_STATE_DYING || !LIST_EMPTY(&pr->pr_procs) ||
	    !LIST_EMPTY(&pr->pr_children)) {
		finding_add(ORACLE_LEAK, "prison-in-use", NULL, VNET_MOD_core,
		    pr, "jail %s ends while it is in use", pr->pr_name);
		return;
	}
	if (pr->pr_reapwait)
		TAILQ_REMOVE(&w->w_jail.wj_reap, pr, pr_reaplink);
	if (TAILQ_EMPTY(&w->w_jail.wj_reap))
		event_cancel(&w->w_jail.wj_node);
	if (pr == w->w_jail.wj_prison0) {
		w->w_jail.wj_prison0 = NULL;
	} else {
		jail_unregister(pr);
		count_child(pr, -1);
		LIST_REMOVE(pr, pr_sibling);
		prison_free(&pr->pr_parent);
	}
	pr->pr_vnet = NULL;
	waitq_abandon(&pr->pr_wq);
	prison_zfree(pr);
}
