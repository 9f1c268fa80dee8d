/*
 * link.c - wires: making, plugging, cutting, finding them.
 *
 * Links belong to the world; the world counts their numbers.  How frames get
 * across is in link_queue.c and link_held.c, what the wire does to them in
 * link_fate.c, what is told about it in link_wire.c.
 *
 * An end knows its interface by a borrowed pointer; the interface's driver
 * pulls it before the interface goes.  The interface's vnet may die without
 * that (a faulty teardown); then uma_owner() of the interface is NULL and the
 * end counts as empty.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/link_var.h"

#define DIR_FIELDS(i)                                                          \
	FIELD(struct link, l_dir[i].ld_link, LINK),                            \
	    FIELD(struct link, l_dir[i].ld_end, UINT),                         \
	    FIELD(struct link, l_dir[i].ld_node, LINK),                        \
	    FIELD(struct link, l_dir[i].ld_head, PTR),                         \
	    FIELD(struct link, l_dir[i].ld_tail, LINK),                        \
	    FIELD(struct link, l_dir[i].ld_wait, LINK),                        \
	    FIELD(struct link, l_dir[i].ld_nwait, UINT),                       \
	    FIELD(struct link, l_dir[i].ld_nflight, UINT),                     \
	    FIELD(struct link, l_dir[i].ld_free, OPAQUE),                      \
	    FIELD(struct link, l_dir[i].ld_last, OPAQUE),                      \
	    FIELD_STAT(struct link, l_dir[i].ld_ordinal, UINT),                \
	    FIELD(struct link, l_dir[i].ld_p.lp_delay, INT),                   \
	    FIELD(struct link, l_dir[i].ld_p.lp_rate, UINT),                   \
	    FIELD(struct link, l_dir[i].ld_p.lp_queue, UINT),                  \
	    FIELD(struct link, l_dir[i].ld_p.lp_loss, UINT),                   \
	    FIELD(struct link, l_dir[i].ld_p.lp_dup, UINT),                    \
	    FIELD(struct link, l_dir[i].ld_p.lp_corrupt, UINT),                \
	    FIELD(struct link, l_dir[i].ld_p.lp_reorder, UINT),                \
	    FIELD(struct link, l_dir[i].ld_p.lp_mark, UINT),                   \
	    FIELD(struct link, l_dir[i].ld_p.lp_holdn, UINT),                  \
	    FIELD(struct link, l_dir[i].ld_p.lp_hold, INT),                    \
	    FIELD(struct link, l_dir[i].ld_next[LINK_DROP].ln_n, UINT),        \
	    FIELD(struct link, l_dir[i].ld_next[LINK_DROP].ln_cls, UINT),      \
	    FIELD(struct link, l_dir[i].ld_next[LINK_CORRUPT].ln_n, UINT),     \
	    FIELD(struct link, l_dir[i].ld_next[LINK_CORRUPT].ln_cls, UINT),   \
	    FIELD(struct link, l_dir[i].ld_next[LINK_REORDER].ln_n, UINT),     \
	    FIELD(struct link, l_dir[i].ld_next[LINK_REORDER].ln_cls, UINT),   \
	    FIELD(struct link, l_dir[i].ld_held, PTR),                         \
	    FIELD(struct link, l_dir[i].ld_hnode, LINK),                       \
	    FIELD(struct link, l_dir[i].ld_nheld, UINT),                       \
	    FIELD_STAT(struct link, l_dir[i].ld_st, UINT)

static const struct field link_fields[] = {
	FIELD(struct link, l_name, STR),
	FIELD(struct link, l_handle, OPAQUE),
	FIELD_STAT(struct link, l_id, UINT),
	FIELD(struct link, l_cut, BOOL),
	FIELD(struct link, l_if, PTR),
	DIR_FIELDS(0),
	DIR_FIELDS(1),
	FIELD(struct link, l_link, LINK),
};
UMA_ZONE(link_zone, if, IF_Z_LINK, struct link, UMA_WORLD, link_fields);

int
world_link_init(void)
{
	struct world *w = curworld();
	struct world_link *wl;

	if (w->w_link != NULL)
		return (0);
	wl = world_user_alloc(sizeof(*wl), true);
	if (wl == NULL)
		return (VE_NOMEM);
	TAILQ_INIT(&wl->wl_links);
	w->w_link = wl;
	return (0);
}

int
link_create(const char *name, struct link **lp)
{
	struct world_link *wl = world_link();
	struct link *l;

	if (!event_headroom(4))
		return (VE_NOMEM);
	l = uma_zalloc(&link_zone, M_ZERO);
	if (l == NULL)
		return (VE_NOMEM);
	l->l_handle = handle_alloc(HANDLE_LINK, l);
	if (l->l_handle == 0) {
		uma_zfree(&link_zone, l);
		return (VE_NOMEM);
	}
	uma_chown(l, NULL);
	(void)ksnprintf(l->l_name, sizeof(l->l_name), "%s", name);
	l->l_id = wl->wl_nextid++;
	for (int end = 0; end < 2; end++) {
		l->l_dir[end].ld_link = l;
		l->l_dir[end].ld_end = (uint32_t)end;
	}
	TAILQ_INSERT_TAIL(&wl->wl_links, l, l_link);
	link_report_link(l);
	*lp = l;
	return (0);
}

void
link_destroy(struct link *l)
{
	for (int end = 0; end < 2; end++) {
		link_flush(&l->l_dir[end], DROP_LINK_NOBODY);
		l->l_if[end] = NULL;
	}
	TAILQ_REMOVE(&world_link()->wl_links, l, l_link);
	handle_free(l->l_handle);
	uma_zfree(&link_zone, l);
}

void
link_plug(struct link *l, int end, struct ifnet *ifp)
{
	MPASS(end == 0 || end == 1);
	MPASS(ifp == NULL || l->l_if[end] == NULL);
	l->l_if[end] = ifp;
	if (ifp != NULL)
		if_link_state_change(
		    ifp, l->l_cut ? LINK_STATE_DOWN : LINK_STATE_UP);
}

void
link_cut(struct link *l, bool cut)
{
	if (l->l_cut == cut)
		return;
	l->l_cut = cut;
	for (int end = 0; end < 2; end++) {
		if (cut)
			link_flush(&l->l_dir[end], DROP_LINK_CUT);
		if (l->l_if[end] != NULL)
			if_link_state_change(l->l_if[end],
			    cut ? LINK_STATE_DOWN : LINK_STATE_UP);
	}
}

int
link_set(struct link *l, int end, const struct link_params *p)
{
	struct link_params *q = &l->l_dir[end].ld_p;

	MPASS(end == 0 || end == 1);
	if (p->lp_delay < 0 || p->lp_delay > LINK_DELAY_MAX ||
	    p->lp_queue > LINK_QUEUE_MAX || p->lp_loss > LINK_PPM ||
	    p->lp_dup > LINK_PPM || p->lp_corrupt > LINK_PPM ||
	    p->lp_reorder > LINK_PPM || p->lp_mark > LINK_PPM ||
	    p->lp_hold < 0 || p->lp_hold > LINK_DELAY_MAX ||
	    p->lp_holdn > LINK_HOLDN_MAX || (p->lp_hold > 0 && p->lp_holdn > 0))
		return (VE_INVAL);
	*q = *p;
	if (q->lp_queue == 0)
		q->lp_queue = LINK_QUEUE_DEF;
	return (0);
}

void
link_get(const struct link *l, int end, struct link_params *p)
{
	MPASS(end == 0 || end == 1);
	*p = l->l_dir[end].ld_p;
	if (p->lp_queue == 0)
		p->lp_queue = LINK_QUEUE_DEF;
}

void
link_nextof(struct link *l, int end, enum link_impair what, uint32_t n,
    enum link_class cls)
{
	MPASS((end == 0 || end == 1) && (unsigned)what < LINK_NIMPAIR);
	l->l_dir[end].ld_next[what].ln_n = n;
	l->l_dir[end].ld_next[what].ln_cls = cls;
}

/* ---- finding ---- */

struct link *
link_next(const struct link *l)
{
	return (l == NULL ? TAILQ_FIRST(&world_link()->wl_links)
			  : TAILQ_NEXT(l, l_link));
}

struct link *
link_byid(uint32_t id)
{
	struct link *l;

	for (l = link_next(NULL); l != NULL; l = link_next(l))
		if (l->l_id == id)
			return (l);
	return (NULL);
}

struct link *
link_of(const struct ifnet *ifp, int *end)
{
	struct link *l;

	for (l = link_next(NULL); l != NULL; l = link_next(l))
		for (*end = 0; *end < 2; ++*end)
			if (l->l_if[*end] == ifp)
				return (l);
	return (NULL);
}

const char *
link_name(const struct link *l)
{
	return (l->l_name);
}

uint32_t
link_id(const struct link *l)
{
	return (l->l_id);
}

uint64_t
link_handle(const struct link *l)
{
	return (l->l_handle);
}

bool
link_iscut(const struct link *l)
{
	return (l->l_cut);
}

struct ifnet *
link_end(const struct link *l, int end)
{
	MPASS(end == 0 || end == 1);
	return (l->l_if[end]);
}

struct vnet *
link_endvnet(const struct link *l, int end)
{
	return (l->l_if[end] == NULL ? NULL : if_wherevnet(l->l_if[end]));
}
