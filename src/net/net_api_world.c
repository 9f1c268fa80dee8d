/*
 * net_api_world.c - the public interface of worlds: time, results, saves.
 */
#include <string.h>
#include "src/net/net_api.h"
#include "src/net/net_modules.h"
#include "src/teardown/teardown.h"

void net_wire_init(void);

static const struct world_upcalls net_upcalls = {
	.wu_reap = teardown_reap,
	.wu_wire = net_wire,
	.wu_wired = net_wired,
	.wu_module = teardown_module,
};

struct world *
api_look(const struct vnetsim *w)
{
	struct world *wd = api_world(w);

	world_enter(wd);
	return (wd);
}

struct world *
api_begin(struct vnetsim *w, struct api_call *c, const char *name)
{
	struct world *wd = api_look(w);

	memset(c, 0, sizeof(*c));
	c->ac_name = name;
	event_count_external(wd);
	return (wd);
}

struct prison *
api_prison(vnetsim_handle jail)
{
	return (handle_lookup(HANDLE_JAIL, jail));
}

int
api_jail(struct vnetsim *w, struct api_call *c, const char *name,
    vnetsim_handle jail, enum vnet_door door, struct prison **prp)
{
	struct prison *pr;

	(void)api_begin(w, c, name);
	pr = api_prison(jail);
	if (prp != NULL)
		*prp = pr;
	if (pr == NULL)
		return (VE_SRCH);
	/* the host's is gone after the end of the run */
	if (pr->pr_vnet == NULL ||
	    !vnet_enter(&c->ac_frame, pr->pr_vnet, door, VNET_MOD_core))
		return (VE_BUSY);
	c->ac_in = true;
	return (0);
}

int
api_lookjail(struct vnetsim *w, struct api_call *c, vnetsim_handle jail)
{
	struct prison *pr;

	(void)api_look(w);
	memset(c, 0, sizeof(*c));
	pr = api_prison(jail);
	if (pr == NULL)
		return (VE_SRCH);
	if (pr->pr_vnet == NULL ||
	    !vnet_enter(&c->ac_frame, pr->pr_vnet, DOOR_LIFE, VNET_MOD_core))
		return (VE_SRCH);
	c->ac_in = true;
	return (0);
}

int
api_end(struct api_call *c, int error)
{
	if (c->ac_in)
		vnet_leave(&c->ac_frame);
	if (c->ac_name != NULL)
		trace(TRACE_CALL, c->ac_name, (uint32_t)error, 0);
	return (error);
}

void
api_op(struct op *op, vnetsim_handle *handle)
{
	if (handle != NULL)
		*handle = op->op_handle;
	else
		op_detach(op);
}

static void
net_config(struct world_config *wc, const struct vnetsim_config *cfg)
{
	memset(wc, 0, sizeof(*wc));
	wc->wc_modules = net_modules;
	wc->wc_upcalls = &net_upcalls;
	if (cfg == NULL)
		return;
	wc->wc_seed = cfg->seed;
	wc->wc_size = cfg->size;
	wc->wc_budget = cfg->budget;
	wc->wc_vnetbudget = cfg->vnet_budget;
	wc->wc_failalloc = cfg->fail_alloc;
	wc->wc_failsticky = cfg->fail_sticky;
	wc->wc_shuffle = cfg->shuffle;
	wc->wc_ties = (uint8_t)cfg->ties;
}

/* What the layers above core keep in a world. */
static int
net_world_init(struct world *w, const struct vnetsim_config *cfg)
{
	w->w_net = world_user_alloc(sizeof(struct net_world), false);
	if (w->w_net == NULL || teardown_init(w) != 0)
		return (VE_NOMEM);
	w->w_ops.wo_poll = cfg != NULL && cfg->checking;
	world_trace_hash(w, cfg != NULL && cfg->trace_hash);
	net_wire_init();
	return (0);
}

struct vnetsim *
vnetsim_create(const struct vnetsim_host *host,
    const struct vnetsim_config *cfg, int *errorp)
{
	struct world_config wc;
	struct world *w;
	int error;

	net_config(&wc, cfg);
	if (host == NULL)
		host = vnetsim_host_posix();
	w = world_create(host, &wc, &error);
	if (w != NULL) {
		error = net_world_init(w, cfg);
		if (error != 0) {
			world_destroy(w);
			w = NULL;
		}
	}
	if (errorp != NULL)
		*errorp = error;
	return ((struct vnetsim *)w);
}

int
vnetsim_reset(struct vnetsim *w, const struct vnetsim_config *cfg)
{
	struct world *wd = api_look(w);
	struct world_config wc;
	int error;

	net_config(&wc, cfg);
	error = world_reset(wd, &wc);
	return (error != 0 ? error : net_world_init(wd, cfg));
}

void
vnetsim_destroy(struct vnetsim *w)
{
	if (w != NULL)
		world_destroy(api_look(w));
}

int64_t
vnetsim_now(const struct vnetsim *w)
{
	return (api_world(w)->w_ctx.kc_now);
}

uint64_t
vnetsim_events(const struct vnetsim *w)
{
	return (event_count(api_world(w)));
}

bool
vnetsim_step(struct vnetsim *w, int64_t until)
{
	return (world_step(api_look(w), until));
}

bool
vnetsim_run(struct vnetsim *w, int64_t until)
{
	struct world *wd = api_look(w);

	while (!op_done_pending(&wd->w_ops))
		if (!world_step(wd, until))
			return (false);
	return (true);
}

int64_t
vnetsim_next_event(const struct vnetsim *w)
{
	return (event_next_time(api_look(w)));
}

static void
api_result(const struct op *op, struct vnetsim_result *res)
{
	memset(res, 0, sizeof(*res));
	res->op = op->op_handle;
	res->what = op->op_desc->od_name;
	res->error = op->op_error;
	res->value = op->op_result;
	res->data = op->op_data;
	res->datalen = op->op_datalen;
}

bool
vnetsim_op_next(struct vnetsim *w, struct vnetsim_result *res)
{
	struct op *op = op_next_done(api_look(w));

	if (op == NULL)
		return (false);
	api_result(op, res);
	return (true);
}

int
vnetsim_op_poll(
    struct vnetsim *w, vnetsim_handle op, struct vnetsim_result *res)
{
	struct op *kop;

	(void)api_look(w);
	kop = handle_lookup(HANDLE_OP, op);
	if (kop == NULL)
		return (VE_SRCH);
	if (!kop->op_done)
		return (VE_INPROGRESS);
	api_result(kop, res);
	return (0);
}

int
vnetsim_op_release(struct vnetsim *w, vnetsim_handle op)
{
	struct op *kop;

	(void)api_look(w);
	kop = handle_lookup(HANDLE_OP, op);
	if (kop == NULL)
		return (VE_SRCH);
	op_detach(kop);
	return (0);
}

struct vnetsim_save *
vnetsim_save(struct vnetsim *w)
{
	return ((struct vnetsim_save *)world_save(api_look(w)));
}

void
vnetsim_restore(struct vnetsim *w, const struct vnetsim_save *s)
{
	world_restore(api_look(w), (const struct world_save *)s);
}

void
vnetsim_save_free(struct vnetsim *w, struct vnetsim_save *s)
{
	if (s != NULL)
		world_save_free(api_look(w), (struct world_save *)s);
}

uint64_t
vnetsim_hash(struct vnetsim *w, bool stats)
{
	(void)api_look(w);
	return (world_hash(
	    NULL, HASH_SERIALS | HASH_TIMES | (stats ? HASH_STATS : 0)));
}

void *
vnetsim_user_alloc(struct vnetsim *w, size_t size)
{
	(void)api_look(w);
	return (world_user_alloc(size, false));
}

void
vnetsim_user_free(struct vnetsim *w, void *p)
{
	(void)api_look(w);
	if (p != NULL)
		world_user_free(p);
}

bool
vnetsim_fail_state(struct vnetsim *w, uint64_t *asked, uint64_t *failed)
{
	const struct world_mem *wm = &api_world(w)->w_mem;

	*asked = wm->wm_nfallible;
	*failed = wm->wm_nfail;
	return (wm->wm_consumed);
}
