/*
 * epoch.c - claims, grace periods, rounds of deferred frees.
 *
 * Claims
 * ======
 *
 * Only a claimed item can be inside the epoch between two events.  Each claim
 * gets the next generation; a grace period that begins when generation g is
 * the last one ends when no claim up to g is left.  There are at most
 * EPOCH_CLAIMS claims, so "the oldest" is found by looking.
 *
 * Rounds
 * ======
 *
 * Callbacks stand in one queue in order of their calls; the generations they
 * wait for never decrease along it, so those whose grace period is over are
 * a prefix.  An event at the end of a grace period counts that prefix: a
 * round (wp_left).  Then each callback of the round has an event of its own.
 * What is deferred meanwhile is behind them and belongs to the next round.
 *
 * wp_node is scheduled exactly while wp_left > 0 or the first in the queue
 * waits for no claim.
 *
 * The queue links objects of different vnets; whoever gets a new neighbour is
 * marked for saves.
 *
 * Thousands of vnets may die together, so nothing looks for one vnet's
 * callbacks among those of the others: each counts how many it has in the
 * queue and how many ran (v_ndefer, v_ndeferred), a drain waits until as many
 * ran as were queued when it began, and hangs at the vnet: only the callbacks
 * of that vnet wake it.
 */
#include "src/core/epoch_var.h"
#include "src/core/world.h"

/* Claims end at the time at which they began; a longer wait is a finding. */
#define EPOCH_BOUND NS_S

static void epoch_event(void *arg);
static void wake_drains(struct world_epoch *wp, struct vnet *v);

static struct vnet *
epoch_event_vnet(const void *arg)
{
	const struct world_epoch *wp;

	wp = arg;
	return (wp->wp_left != 0 ? STAILQ_FIRST(&wp->wp_list)->ec_vnet : NULL);
}

static const char *
epoch_event_what(const void *arg)
{
	const struct world_epoch *wp;

	wp = arg;
	return (wp->wp_left != 0 ? "call" : "grace");
}

static const struct event_class epoch_class = { "epoch", epoch_event,
	epoch_event_vnet, epoch_event_what };

void
world_epoch_init(struct world *w)
{
	w->w_epoch = (struct world_epoch){ 0 };
	STAILQ_INIT(&w->w_epoch.wp_list);
}

/* Have all claims up to a generation run? */
static bool
grace_over(const struct world_epoch *wp, uint32_t gen)
{
	uint32_t i, seen;

	seen = 0;
	for (i = 0; seen < wp->wp_nclaims; i++) {
		if (wp->wp_claim[i].ck_gen == 0)
			continue;
		seen++;
		if ((int32_t)(wp->wp_claim[i].ck_gen - gen) <= 0)
			return (false);
	}
	return (true);
}

/* Keep wp_node as the head comment says. */
static void
show(struct world_epoch *wp)
{
	const struct epoch_context *first;

	first = STAILQ_FIRST(&wp->wp_list);
	if (first == NULL) {
		event_cancel(&wp->wp_node);
		return;
	}
	if (wp->wp_node == 0 &&
	    (wp->wp_left != 0 || grace_over(wp, first->ec_gen)))
		event_schedule(&wp->wp_node, vtime(), &epoch_class, wp);
}

/* ---- claims ---- */

uint32_t
epoch_claim(const char *name, void (*func)(void *arg), void *arg)
{
	struct world_epoch *wp;
	struct epoch_claim *ck;
	uint32_t i;

	wp = &curworld()->w_epoch;
	if (wp->wp_nclaims == EPOCH_CLAIMS)
		return (0);
	for (i = 0; wp->wp_claim[i].ck_gen != 0; i++)
		;
	if (++wp->wp_gen == 0)
		wp->wp_gen = 1;
	wp->wp_nclaims++;
	ck = &wp->wp_claim[i];
	ck->ck_gen = wp->wp_gen;
	ck->ck_name = name;
	ck->ck_func = func;
	ck->ck_arg = arg;
	return (ck->ck_gen);
}

const struct epoch_claim *
epoch_claim_find(uint32_t gen)
{
	const struct world_epoch *wp;
	uint32_t i;

	wp = &curworld()->w_epoch;
	for (i = 0; i < EPOCH_CLAIMS; i++) {
		if (wp->wp_claim[i].ck_gen == gen && gen != 0)
			return (&wp->wp_claim[i]);
	}
	panic("%s: no claim has generation %u", __func__, gen);
}

void
epoch_unclaim(uint32_t gen)
{
	struct world *w;

	w = curworld();
	w->w_epoch.wp_claim[epoch_claim_find(gen) - w->w_epoch.wp_claim] =
	    (struct epoch_claim){ 0 };
	w->w_epoch.wp_nclaims--;
	show(&w->w_epoch);
	wakeup(&w->w_epoch.wp_wq);
	wakeup(&w->w_ops.wo_claimq);
}

/* ---- deferred frees ---- */

void
epoch_call(void (*func)(struct epoch_context *ctx), struct epoch_context *ctx,
    const char *site)
{
	struct world_epoch *wp;

	wp = &curworld()->w_epoch;
	KASSERT(ctx->ec_func == NULL,
	    ("NET_EPOCH_CALL at %s: deferred already, or not zeroed", site));
	mem_mark(ctx);
	ctx->ec_func = func;
	ctx->ec_vnet = curvnet;
	ctx->ec_gen = wp->wp_gen;
	ctx->ec_mod = kctx->kc_mod;
	ctx->ec_site = site;
	if (curvnet != NULL)
		curvnet->v_ndefer++;
	if (!STAILQ_EMPTY(&wp->wp_list))
		mem_mark(wp->wp_list.stqh_last);
	STAILQ_INSERT_TAIL(&wp->wp_list, ctx, ec_link);
	wp->wp_npending++;
	show(wp);
}

static void
begin_round(struct world_epoch *wp)
{
	const struct epoch_context *ctx;

	STAILQ_FOREACH(ctx, &wp->wp_list, ec_link)
	{
		if (!grace_over(wp, ctx->ec_gen))
			break;
		wp->wp_left++;
	}
	MPASS(wp->wp_left > 0);
	wp->wp_rounds++;
	show(wp);
}

static void
epoch_event(void *arg)
{
	struct vnet_frame f;
	struct world_epoch *wp;
	struct epoch_context *ctx;
	struct vnet *v;
	void (*func)(struct epoch_context * ctx);

	wp = arg;
	if (wp->wp_left == 0) {
		begin_round(wp);
		return;
	}
	ctx = STAILQ_FIRST(&wp->wp_list);
	STAILQ_REMOVE_HEAD(&wp->wp_list, ec_link);
	wp->wp_left--;
	wp->wp_npending--;
	show(wp);
	v = ctx->ec_vnet;
	if (!event_enter(&f, v, DOOR_EPOCH, ctx->ec_mod))
		panic("door EPOCH is shut for the call of %s", ctx->ec_site);
	if (v != NULL)
		v->v_ndefer--;
	func = ctx->ec_func;
	ctx->ec_func = NULL;
	func(ctx);
	event_leave(&f);
	wp->wp_ran++;
	if (v != NULL)
		v->v_ndeferred++;
	wake_drains(wp, v);
}

uint32_t
epoch_pending(const struct vnet *v)
{
	return (v == NULL ? curworld()->w_epoch.wp_npending : v->v_ndefer);
}

uint32_t
epoch_pending_mod(const struct vnet *v, int mod)
{
	const struct epoch_context *ctx;
	uint32_t n;

	n = 0;
	if (v != NULL && v->v_ndefer == 0)
		return (0);
	STAILQ_FOREACH(ctx, &curworld()->w_epoch.wp_list, ec_link)
	n += ctx->ec_vnet == v && ctx->ec_mod == mod;
	return (n);
}

uint64_t
epoch_rounds(const struct world *w)
{
	return (w->w_epoch.wp_rounds);
}

static bool
wait_over(struct op *op)
{
	return (grace_over(
	    &curworld()->w_epoch, (uint32_t)op->op_arg[OP_ARGS - 1]));
}

/* Drains hang at what they wait for.  op_wait() asks once before it hangs them
 * there; they have just looked. */
static bool
vnet_drained(struct op *op)
{
	const struct vnet *v;

	if (op->op_wq == NULL)
		return (false);
	v = container_of(op->op_wq, struct vnet, v_drainq);
	return (v->v_ndeferred >= op->op_arg[OP_ARGS - 1]);
}

static bool
world_drained(struct op *op)
{
	return (curworld()->w_epoch.wp_ran >= op->op_arg[OP_ARGS - 1]);
}

/* The callback before which @at others stand or ran will not run: drains that
 * count beyond it count one less. */
static void
drains_skip(struct waitq *wq, uint64_t at)
{
	struct op *op;

	for (op = wq->wq_first; op != NULL; op = op->op_wqnext)
		if (op->op_arg[OP_ARGS - 1] > at)
			op->op_arg[OP_ARGS - 1]--;
}

/*
 * Take @ctx off the list: behind @prev (NULL: the first), at place @i; @vi
 * others of its vnet stand before it.
 */
static void
list_remove(struct world_epoch *wp, struct epoch_context *ctx,
    struct epoch_context *prev, uint32_t i, uint32_t vi)
{
	struct vnet *v;

	if (prev != NULL)
		mem_mark(prev);
	mem_mark(ctx);
	STAILQ_REMOVE(&wp->wp_list, ctx, epoch_context, ec_link);
	ctx->ec_func = NULL;
	wp->wp_npending--;
	if (i < wp->wp_left)
		wp->wp_left--;
	drains_skip(&wp->wp_drainq, wp->wp_ran + i);
	v = ctx->ec_vnet;
	if (v != NULL) {
		mem_mark(v);
		v->v_ndefer--;
		drains_skip(&v->v_drainq, v->v_ndeferred + vi);
	}
	event_cancel(&wp->wp_node);
	show(wp);
}

/* Drains stand in order of what they count up to: those that have it. */
static void
wake_until(struct waitq *wq, uint64_t ran)
{
	struct op *op;

	while ((op = wq->wq_first) != NULL && op->op_arg[OP_ARGS - 1] <= ran)
		op_ready(op);
}

static void
wake_drains(struct world_epoch *wp, struct vnet *v)
{
	wake_until(&wp->wp_drainq, wp->wp_ran);
	if (v != NULL)
		wake_until(&v->v_drainq, v->v_ndeferred);
}

/* The first callback of @v. */
static bool
run_first_of(struct world_epoch *wp, struct vnet *v)
{
	struct epoch_context *ctx, *prev;
	struct vnet_frame f;
	void (*func)(struct epoch_context * ctx);
	uint32_t i;

	if (v != NULL && v->v_ndefer == 0)
		return (false);
	i = 0;
	prev = NULL;
	for (ctx = STAILQ_FIRST(&wp->wp_list); ctx != NULL && ctx->ec_vnet != v;
	     ctx = STAILQ_NEXT(ctx, ec_link)) {
		prev = ctx;
		i++;
	}
	if (ctx == NULL)
		return (false);
	if (!event_enter(&f, v, DOOR_EPOCH, ctx->ec_mod))
		panic("door EPOCH is shut for the call of %s", ctx->ec_site);
	func = ctx->ec_func;
	list_remove(wp, ctx, prev, i, 0);
	func(ctx);
	event_leave(&f);
	return (true);
}

uint32_t
epoch_run_now(struct vnet *v)
{
	struct world_epoch *wp;
	uint32_t n;

	wp = &curworld()->w_epoch;
	for (n = 0; run_first_of(wp, v); n++)
		;
	if (n != 0)
		wake_drains(wp, v);
	return (n);
}

uint32_t
epoch_discard(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *fctx)
{
	struct epoch_context *ctx, *next, *prev;
	struct world_epoch *wp;
	struct late_item it;
	uint32_t i, n, vi;

	if (v != NULL && v->v_ndefer == 0)
		return (0);
	wp = &curworld()->w_epoch;
	i = n = vi = 0;
	prev = NULL;
	for (ctx = STAILQ_FIRST(&wp->wp_list); ctx != NULL; ctx = next) {
		next = STAILQ_NEXT(ctx, ec_link);
		if (ctx->ec_vnet != v || (mod >= 0 && ctx->ec_mod != mod)) {
			prev = ctx;
			i++;
			vi += ctx->ec_vnet == v;
			continue;
		}
		it = (struct late_item){ .li_kind = "deferred free",
			.li_name = "NET_EPOCH_CALL",
			.li_site = ctx->ec_site,
			.li_due = vtime(),
			.li_mod = ctx->ec_mod };
		if (found != NULL)
			found(fctx, &it);
		list_remove(wp, ctx, prev, i, vi);
		n++;
	}
	if (n != 0)
		wake_drains(wp, v);
	return (n);
}

/* ---- waiting ---- */

/* A bound that has passed was reported; what goes on after that just waits. */
static int64_t
bound(const struct op *op)
{
	return (op->op_timedout ? 0 : EPOCH_BOUND);
}

bool
net_epoch_wait(struct op *op)
{
	struct world_epoch *wp;
	uint64_t *arg;

	if (op == &curworld()->w_undo) {
		/* nobody ever saw that vnet: vnet_sysinit.c */
		return (true);
	}
	wp = &curworld()->w_epoch;
	arg = &op->op_arg[OP_ARGS - 1];
	if (*arg != 0 && grace_over(wp, (uint32_t)*arg)) {
		*arg = 0;
		return (true);
	}
	if (*arg == 0)
		*arg = UINT64_C(1) << 32 | wp->wp_gen;
	(void)op_wait(
	    op, &wp->wp_wq, wait_over, bound(op), "for a grace period", NULL);
	return (false);
}

bool
epoch_drain(struct op *op, struct vnet *v)
{
	struct world_epoch *wp;
	uint64_t *arg, ran;

	if (op == &curworld()->w_undo) {
		(void)epoch_run_now(op->op_vnet);
		return (true);
	}
	wp = &curworld()->w_epoch;
	arg = &op->op_arg[OP_ARGS - 1];
	ran = v != NULL ? v->v_ndeferred : wp->wp_ran;
	if (*arg == 0) {
		if (epoch_pending(v) == 0)
			return (true);
		*arg = ran + epoch_pending(v);
	}
	if (ran >= *arg) {
		*arg = 0;
		return (true);
	}
	(void)op_wait(op, v != NULL ? &v->v_drainq : &wp->wp_drainq,
	    v != NULL ? vnet_drained : world_drained, bound(op),
	    "for deferred frees", NULL);
	return (false);
}
