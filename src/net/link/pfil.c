/*
 * pfil.c - heads, hooks and the links between them.
 *
 * A link stands in one chain of one head and carries a copy of what is needed
 * to call its hook, so that running a chain touches nothing else.  While a
 * head runs, links that go are only marked dead, and leave the chain when the
 * outermost run of that head is over: a hook may remove itself or others.
 *
 * There is nothing that outlives an event: a packet that waits somewhere
 * holds no link.  Therefore no grace period is needed, where a kernel must
 * wait for readers on other CPUs before it frees a link.
 *
 * The module has no verbs.  Heads and hooks are their makers' to end; what
 * they leave is found by the framework (vm_registry, and the zones).
 *
 * FreeBSD 13: sys/net/pfil.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/pfil.h>
#include "src/net/link/link.h"

#define V_pfil VNET(pfil)

struct pfil_hook {
	pfil_func_t hook_func;
	void *hook_ruleset; /* (b) */
	const char *hook_modname;
	const char *hook_rulname;
	LIST_ENTRY(pfil_hook) hook_list;
	uint32_t hook_flags;
	uint32_t hook_links;
	uint8_t hook_type;
	uint8_t hook_mod;
};

struct pfil_link {
	STAILQ_ENTRY(pfil_link) link_chain;
	pfil_func_t link_func;
	void *link_ruleset;
	struct pfil_hook *link_hook; /* (b) NULL: dead */
	uint32_t link_mod;
};

enum { PFIL_Z_HEAD, PFIL_Z_HOOK, PFIL_Z_LINK };

static const struct field head_fields[] = {
	FIELD_STAT(struct pfil_head, head_nhooksin, UINT),
	FIELD_STAT(struct pfil_head, head_nhooksout, UINT),
	FIELD(struct pfil_head, head_in, LINK),
	FIELD(struct pfil_head, head_out, LINK),
	FIELD(struct pfil_head, head_list, LINK),
	FIELD(struct pfil_head, head_name, CSTR),
	FIELD(struct pfil_head, head_type, UINT),
	FIELD(struct pfil_head, head_flags, HEX),
	FIELD(struct pfil_head, head_running, OPAQUE),
};
static const struct field hook_fields[] = {
	FIELD(struct pfil_hook, hook_func, FUNC),
	FIELD(struct pfil_hook, hook_ruleset, OPAQUE),
	FIELD(struct pfil_hook, hook_modname, CSTR),
	FIELD(struct pfil_hook, hook_rulname, CSTR),
	FIELD(struct pfil_hook, hook_list, LINK),
	FIELD(struct pfil_hook, hook_flags, HEX),
	FIELD(struct pfil_hook, hook_links, UINT),
	FIELD(struct pfil_hook, hook_type, UINT),
	FIELD(struct pfil_hook, hook_mod, UINT),
};
static const struct field link_fields[] = {
	FIELD(struct pfil_link, link_chain, LINK),
	FIELD(struct pfil_link, link_func, FUNC),
	FIELD(struct pfil_link, link_ruleset, OPAQUE),
	FIELD(struct pfil_link, link_hook, PTR),
	FIELD(struct pfil_link, link_mod, UINT),
};
static UMA_ZONE(
    pfil_head_zone, pfil, PFIL_Z_HEAD, struct pfil_head, 0, head_fields);
static UMA_ZONE(
    pfil_hook_zone, pfil, PFIL_Z_HOOK, struct pfil_hook, 0, hook_fields);
static UMA_ZONE(
    pfil_link_zone, pfil, PFIL_Z_LINK, struct pfil_link, 0, link_fields);

/* ---- heads ---- */

static struct pfil_head *
head_find(const char *name)
{
	struct pfil_head *head;

	LIST_FOREACH (head, &V_pfil.heads, head_list)
		if (strcmp(head->head_name, name) == 0)
			return (head);
	return (NULL);
}

pfil_head_t
pfil_head_register(const struct pfil_head_args *pa)
{
	struct pfil_head *head;

	MPASS(pa->pa_version == PFIL_VERSION);
	KASSERT(head_find(pa->pa_headname) == NULL,
	    ("%s: there is a head %s", __func__, pa->pa_headname));
	head = uma_zalloc(&pfil_head_zone, M_ZERO);
	if (head == NULL)
		return (NULL);
	STAILQ_INIT(&head->head_in);
	STAILQ_INIT(&head->head_out);
	head->head_name = pa->pa_headname;
	head->head_type = (uint8_t)pa->pa_type;
	head->head_flags = (uint32_t)pa->pa_flags & (PFIL_IN | PFIL_OUT);
	LIST_INSERT_HEAD(&V_pfil.heads, head, head_list);
	return (head);
}

/* ---- links ---- */

static struct pfil_chain *
chain_of(struct pfil_head *head, int dir)
{
	MPASS(dir == PFIL_IN || dir == PFIL_OUT);
	return (dir == PFIL_IN ? &head->head_in : &head->head_out);
}

static uint32_t *
count_of(struct pfil_head *head, int dir)
{
	return (dir == PFIL_IN ? &head->head_nhooksin : &head->head_nhooksout);
}

static struct pfil_link *
link_find(struct pfil_head *head, int dir, const struct pfil_hook *hook)
{
	struct pfil_link *link;

	STAILQ_FOREACH(link, chain_of(head, dir), link_chain)
	if (link->link_hook == hook)
		return (link);
	return (NULL);
}

/* Free the dead ones, unless somebody walks the chains. */
static void
head_sweep(struct pfil_head *head)
{
	struct pfil_link *link, *next;
	struct pfil_chain *chain;
	int dir;

	if (head->head_running != 0)
		return;
	for (dir = PFIL_IN; dir <= PFIL_OUT; dir += PFIL_OUT - PFIL_IN) {
		chain = chain_of(head, dir);
		STAILQ_FOREACH_SAFE(link, chain, link_chain, next)
		{
			if (link->link_hook != NULL)
				continue;
			STAILQ_REMOVE(chain, link, pfil_link, link_chain);
			uma_zfree(&pfil_link_zone, link);
		}
	}
}

static bool
link_kill(struct pfil_head *head, int dir, struct pfil_hook *hook)
{
	struct pfil_link *link = link_find(head, dir, hook);

	if (link == NULL)
		return (false);
	link->link_hook = NULL;
	hook->hook_links--;
	--*count_of(head, dir);
	return (true);
}

static void
link_put(struct pfil_head *head, int dir, struct pfil_hook *hook,
    struct pfil_link *link, bool append)
{
	struct pfil_chain *chain = chain_of(head, dir);

	link->link_hook = hook;
	link->link_func = hook->hook_func;
	link->link_ruleset = hook->hook_ruleset;
	link->link_mod = hook->hook_mod;
	if (append)
		STAILQ_INSERT_TAIL(chain, link, link_chain);
	else
		STAILQ_INSERT_HEAD(chain, link, link_chain);
	hook->hook_links++;
	++*count_of(head, dir);
}

void
pfil_head_unregister(pfil_head_t head)
{
	struct pfil_link *link;
	int dir;

	if (head == NULL)
		return;
	KASSERT(uma_check(&pfil_head_zone, head), ("%s: no head", __func__));
	KASSERT(head->head_running == 0, ("%s: it runs", __func__));
	for (dir = PFIL_IN; dir <= PFIL_OUT; dir += PFIL_OUT - PFIL_IN)
		STAILQ_FOREACH(link, chain_of(head, dir), link_chain)
		{
			link->link_hook->hook_links--;
			link->link_hook = NULL;
		}
	head_sweep(head);
	LIST_REMOVE(head, head_list);
	uma_zfree(&pfil_head_zone, head);
}

/* ---- hooks ---- */

pfil_hook_t
pfil_add_hook(const struct pfil_hook_args *pa)
{
	struct pfil_hook *hook;

	MPASS(pa->pa_version == PFIL_VERSION && pa->pa_func != NULL);
	MPASS(pa->pa_modname != NULL && pa->pa_rulname != NULL);
	MPASS(pa->pa_mod >= 0 && pa->pa_mod < VNET_MOD_MAX);
	if ((curvnet->v_shut & 1u << DOOR_QUEUE) != 0)
		return (NULL);
	hook = uma_zalloc(&pfil_hook_zone, M_ZERO);
	if (hook == NULL)
		return (NULL);
	hook->hook_func = pa->pa_func;
	hook->hook_ruleset = pa->pa_ruleset;
	hook->hook_modname = pa->pa_modname;
	hook->hook_rulname = pa->pa_rulname;
	hook->hook_flags = (uint32_t)pa->pa_flags & (PFIL_IN | PFIL_OUT);
	hook->hook_type = (uint8_t)pa->pa_type;
	hook->hook_mod = pa->pa_mod != 0 ? (uint8_t)pa->pa_mod : kctx->kc_mod;
	LIST_INSERT_HEAD(&V_pfil.hooks, hook, hook_list);
	return (hook);
}

/* By "modname:rulname". */
static struct pfil_hook *
hook_find(const char *name)
{
	struct pfil_hook *hook;
	size_t len;

	LIST_FOREACH (hook, &V_pfil.hooks, hook_list) {
		len = strlen(hook->hook_modname);
		if (strncmp(name, hook->hook_modname, len) == 0 &&
		    name[len] == ':' &&
		    strcmp(name + len + 1, hook->hook_rulname) == 0)
			return (hook);
	}
	return (NULL);
}

static int
hook_unlink(struct pfil_head *head, struct pfil_hook *hook, uint32_t dirs)
{
	bool in, out;

	in = (dirs & PFIL_IN) != 0 && link_kill(head, PFIL_IN, hook);
	out = (dirs & PFIL_OUT) != 0 && link_kill(head, PFIL_OUT, hook);
	head_sweep(head);
	return (in || out ? 0 : VE_NOENT);
}

static int
hook_link(
    struct pfil_head *head, struct pfil_hook *hook, uint32_t dirs, bool append)
{
	struct pfil_link *in = NULL, *out = NULL;

	if (((dirs & PFIL_IN) != 0 && link_find(head, PFIL_IN, hook)) ||
	    ((dirs & PFIL_OUT) != 0 && link_find(head, PFIL_OUT, hook)))
		return (VE_EXIST);
	if ((dirs & PFIL_IN) != 0)
		in = uma_zalloc(&pfil_link_zone, M_ZERO);
	if ((dirs & PFIL_OUT) != 0)
		out = uma_zalloc(&pfil_link_zone, M_ZERO);
	if (((dirs & PFIL_IN) != 0 && in == NULL) ||
	    ((dirs & PFIL_OUT) != 0 && out == NULL)) {
		uma_zfree(&pfil_link_zone, in);
		uma_zfree(&pfil_link_zone, out);
		return (VE_NOMEM);
	}
	if (in != NULL)
		link_put(head, PFIL_IN, hook, in, append);
	if (out != NULL)
		link_put(head, PFIL_OUT, hook, out, append);
	return (0);
}

int
pfil_link(const struct pfil_link_args *pa)
{
	uint32_t flags = (uint32_t)pa->pa_flags;
	uint32_t dirs = flags & (PFIL_IN | PFIL_OUT);
	struct pfil_head *head;
	struct pfil_hook *hook;

	MPASS(pa->pa_version == PFIL_VERSION);
	head = (flags & PFIL_HEADPTR) != 0 ? pa->pa_head
					   : head_find(pa->pa_headname);
	hook = (flags & PFIL_HOOKPTR) != 0 ? pa->pa_hook
					   : hook_find(pa->pa_hookname);
	if (head == NULL || hook == NULL)
		return (VE_NOENT);
	KASSERT(uma_check(&pfil_hook_zone, hook), ("%s: no hook", __func__));
	if (head->head_type != hook->hook_type || dirs == 0 ||
	    (dirs & ~(head->head_flags & hook->hook_flags)) != 0)
		return (VE_INVAL);
	if ((flags & PFIL_UNLINK) != 0)
		return (hook_unlink(head, hook, dirs));
	return (hook_link(head, hook, dirs, (flags & PFIL_APPEND) != 0));
}

void
pfil_remove_hook(pfil_hook_t hook)
{
	struct pfil_head *head;

	if (hook == NULL)
		return;
	KASSERT(uma_check(&pfil_hook_zone, hook) && uma_owner(hook) == curvnet,
	    ("%s: not a hook of this vnet", __func__));
	LIST_FOREACH (head, &V_pfil.heads, head_list)
		(void)hook_unlink(head, hook, PFIL_IN | PFIL_OUT);
	MPASS(hook->hook_links == 0);
	LIST_REMOVE(hook, hook_list);
	uma_zfree(&pfil_hook_zone, hook);
}

/* ---- packets ---- */

pfil_return_t
pfil_run_hooks(pfil_head_t head, struct mbuf **mp, struct ifnet *ifp, int dir,
    struct inpcb *inp)
{
	pfil_return_t rv, all = PFIL_PASS;
	struct pfil_link *link;
	uint8_t mod;

	head->head_running++;
	STAILQ_FOREACH(link, chain_of(head, dir), link_chain)
	{
		if (link->link_hook == NULL)
			continue;
		mod = kctx->kc_mod;
		kctx->kc_mod = (uint8_t)link->link_mod;
		rv = link->link_func(mp, ifp, dir, link->link_ruleset, inp);
		kctx->kc_mod = mod;
		if (rv == PFIL_DROPPED || rv == PFIL_CONSUMED) {
			if (rv == PFIL_DROPPED)
				m_drop(*mp, dir == PFIL_IN ? DROP_PFIL_IN
							   : DROP_PFIL_OUT);
			*mp = NULL;
			all = rv;
			break;
		}
		KASSERT(*mp != NULL && ((*mp)->m_flags & M_PKTHDR) != 0,
		    ("%s: a hook lets a packet pass that is gone", __func__));
		if (rv == PFIL_REALLOCED)
			all = rv;
	}
	if (--head->head_running == 0)
		head_sweep(head);
	return (all);
}

/* ---- what modules leave ---- */

static uint32_t
registry_count(const struct vnet *v, int mod)
{
	const struct vnet_pfil *vp = v->v_state[VNET_MOD_pfil];
	const struct pfil_hook *hook;
	uint32_t n = 0;

	if (vp == NULL)
		return (0);
	LIST_FOREACH (hook, &vp->hooks, hook_list)
		if (mod < 0 || hook->hook_mod == mod)
			n++;
	return (n);
}

static void
registry_remove(int mod)
{
	struct pfil_hook *hook, *next;

	LIST_FOREACH_SAFE (hook, &V_pfil.hooks, hook_list, next)
		if (mod < 0 || hook->hook_mod == mod)
			pfil_remove_hook(hook);
}

static const struct vnet_registry pfil_registry = {
	.vr_kind = "pfil-hook",
	.vr_count = registry_count,
	.vr_remove = registry_remove,
};
static const struct field pfil_fields[] = {
	FIELD(struct vnet_pfil, heads, LINK),
	FIELD(struct vnet_pfil, hooks, LINK),
	FIELD(struct vnet_pfil, inet, PTR),
};
static const struct uma_zone *const pfil_zones[] = {
	[PFIL_Z_HEAD] = &pfil_head_zone,
	[PFIL_Z_HOOK] = &pfil_hook_zone,
	[PFIL_Z_LINK] = &pfil_link_zone,
};

VNET_MODULE(pfil) = {
	.vm_name = "pfil",
	.vm_id = VNET_MOD_pfil,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_pfil),
	.vm_sub = SI_SUB_PROTO_BEGIN,
	.vm_order = SI_ORDER_FIRST,
	.vm_unsub = SI_SUB_PROTO_BEGIN,
	.vm_unorder = SI_ORDER_FIRST,
	.vm_fields = pfil_fields,
	.vm_nfields = nitems(pfil_fields),
	.vm_zones = pfil_zones,
	.vm_nzones = nitems(pfil_zones),
	.vm_registry = &pfil_registry,
};
