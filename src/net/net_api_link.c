/*
 * net_api_link.c - the public interface of wires.
 */
#include <string.h>
#include <vnetsim/net.h>
#include "src/net/link/link_var.h"
#include "src/net/net_api.h"

vnetsim_handle
vnetsim_link_find(struct vnetsim *w, const char *name, int *end)
{
	const struct link *l;
	size_t len;

	(void)api_look(w);
	for (l = link_next(NULL); l != NULL; l = link_next(l)) {
		len = strlen(l->l_name);
		if (strncmp(l->l_name, name, len) != 0)
			continue;
		if (name[len] == '\0') {
			*end = -1;
			return (l->l_handle);
		}
		if ((name[len] == 'a' || name[len] == 'b') &&
		    name[len + 1] == '\0') {
			*end = name[len] - 'a';
			return (l->l_handle);
		}
	}
	return (0);
}

static struct link *
api_link(vnetsim_handle handle)
{
	return (handle_lookup(HANDLE_LINK, handle));
}

int
vnetsim_link_set(struct vnetsim *w, vnetsim_handle link, int end,
    const struct vnetsim_link_params *p)
{
	struct link_params lp = {
		.lp_delay = p->delay,
		.lp_rate = p->rate,
		.lp_queue = p->queue,
		.lp_loss = p->loss,
		.lp_dup = p->dup,
		.lp_corrupt = p->corrupt,
		.lp_reorder = p->reorder,
		.lp_mark = p->mark,
		.lp_holdn = p->holdn,
		.lp_hold = p->hold,
	};
	struct api_call c;
	struct link *l;
	int error = 0;

	(void)api_begin(w, &c, "link_set");
	l = api_link(link);
	if (l == NULL || end > 1)
		return (api_end(&c, VE_SRCH));
	if (end < 0) {
		error = link_set(l, 0, &lp);
		end = 1;
	}
	if (error == 0)
		error = link_set(l, end, &lp);
	return (api_end(&c, error));
}

int
vnetsim_link_get(struct vnetsim *w, vnetsim_handle link, int end,
    struct vnetsim_link_params *p)
{
	const struct link *l;
	struct link_params lp;

	(void)api_look(w);
	l = api_link(link);
	if (l == NULL || end < 0 || end > 1)
		return (VE_SRCH);
	link_get(l, end, &lp);
	memset(p, 0, sizeof(*p));
	p->delay = lp.lp_delay;
	p->rate = lp.lp_rate;
	p->queue = lp.lp_queue;
	p->loss = lp.lp_loss;
	p->dup = lp.lp_dup;
	p->corrupt = lp.lp_corrupt;
	p->reorder = lp.lp_reorder;
	p->mark = lp.lp_mark;
	p->holdn = lp.lp_holdn;
	p->hold = lp.lp_hold;
	return (0);
}

static int
api_nextof(struct vnetsim *w, const char *what, vnetsim_handle link, int end,
    enum link_impair impair, uint32_t n, int cls)
{
	struct api_call c;
	struct link *l;

	(void)api_begin(w, &c, what);
	l = api_link(link);
	if (l == NULL || end > 1)
		return (api_end(&c, VE_SRCH));
	if (end <= 0)
		link_nextof(l, 0, impair, n, (enum link_class)cls);
	if (end != 0)
		link_nextof(l, 1, impair, n, (enum link_class)cls);
	return (api_end(&c, 0));
}

int
vnetsim_link_drop(
    struct vnetsim *w, vnetsim_handle link, int end, uint32_t n, int cls)
{
	return (api_nextof(w, "link_drop", link, end, LINK_DROP, n, cls));
}

int
vnetsim_link_corrupt(
    struct vnetsim *w, vnetsim_handle link, int end, uint32_t n, int cls)
{
	return (api_nextof(w, "link_corrupt", link, end, LINK_CORRUPT, n, cls));
}

int
vnetsim_link_reorder(
    struct vnetsim *w, vnetsim_handle link, int end, uint32_t n, int cls)
{
	return (api_nextof(w, "link_reorder", link, end, LINK_REORDER, n, cls));
}

int
vnetsim_link_cut(struct vnetsim *w, vnetsim_handle link, bool cut)
{
	struct api_call c;
	struct link *l;

	(void)api_begin(w, &c, "link_cut");
	l = api_link(link);
	if (l == NULL)
		return (api_end(&c, VE_SRCH));
	link_cut(l, cut);
	return (api_end(&c, 0));
}

int
vnetsim_link_inject(struct vnetsim *w, vnetsim_handle link, int end,
    const uint8_t *bytes, size_t len, bool macs)
{
	struct api_call c;
	struct link *l;

	(void)api_begin(w, &c, "link_inject");
	l = api_link(link);
	if (l == NULL || end < 0 || end > 1)
		return (api_end(&c, VE_SRCH));
	if (len > LINK_MAXFRAME)
		return (api_end(&c, VE_MSGSIZE));
	return (api_end(&c, link_inject(l, end, bytes, (uint32_t)len, macs)));
}
