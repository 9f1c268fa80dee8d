/*
 * choose.c - decisions that a schedule may change.
 *
 * Off (no schedule was ever given, nobody records) a choice is one load.  On,
 * each (vnet, stream, what) has a counter, found by the hash of its texts;
 * the ordinal counted there completes the anchor.  A deviation is kept as the
 * hash of its whole anchor: no text of the host's is remembered, and a saved
 * world has no pointer out.  Two pairs whose 64-bit hashes are equal would
 * share a counter; every run and replay would do the same.
 *
 * Counters and deviations are in the world and are restored with it.
 */
#include "src/core/event_var.h"
#include "src/core/world.h"

#define CHOICE_CAP_MIN 64u
#define FNV_BASIS      UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME      UINT64_C(0x00000100000001b3)

static uint64_t
hash_word(uint64_t h, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		h = (h ^ (v >> (8 * i) & 0xff)) * FNV_PRIME;
	return (h);
}

/* With the terminating zero, so that "a" "bc" is not "ab" "c". */
static uint64_t
hash_text(uint64_t h, const char *s)
{
	do
		h = (h ^ (uint8_t)*s) * FNV_PRIME;
	while (*s++ != '\0');
	return (h);
}

/* Key of (vnet, stream, what); never 0. */
static uint64_t
pair_key(uint32_t vnet, const char *stream, const char *what)
{
	uint64_t h;

	h = hash_text(hash_text(hash_word(FNV_BASIS, vnet), stream), what);
	return (h != 0 ? h : 1);
}

static struct choice_count *
find(struct choice_count *tab, uint32_t cap, uint64_t key)
{
	uint32_t i;

	i = (uint32_t)(key ^ key >> 32) & (cap - 1);
	while (tab[i].cc_key != 0 && tab[i].cc_key != key)
		i = (i + 1) & (cap - 1);
	return (&tab[i]);
}

/* Make room for one more counter.  Return: false: no memory. */
static bool
grow(struct world_choice *wc)
{
	struct choice_count *tab;
	uint32_t cap, i;

	if (wc->wc_cap != 0 && wc->wc_used < wc->wc_cap / 4 * 3)
		return (true);
	cap = wc->wc_cap != 0 ? wc->wc_cap * 2 : CHOICE_CAP_MIN;
	tab = world_user_alloc(cap * sizeof(*tab), false);
	if (tab == NULL)
		return (false);
	for (i = 0; wc->wc_tab != NULL && i < wc->wc_cap; i++) {
		if (wc->wc_tab[i].cc_key != 0)
			*find(tab, cap, wc->wc_tab[i].cc_key) = wc->wc_tab[i];
	}
	if (wc->wc_tab != NULL)
		world_user_free(wc->wc_tab);
	wc->wc_tab = tab;
	wc->wc_cap = cap;
	return (true);
}

/* Count one choice.  Return: its ordinal; -1: there is no room to count. */
static int64_t
count(struct world_choice *wc, uint64_t key)
{
	struct choice_count *cc;

	cc = find(wc->wc_tab, wc->wc_cap, key);
	if (cc->cc_key == 0) {
		if (!grow(wc)) {
			wc->wc_lost++;
			return (-1);
		}
		cc = find(wc->wc_tab, wc->wc_cap, key);
		cc->cc_key = key;
		wc->wc_used++;
	}
	return (cc->cc_n++);
}

static uint32_t
decide(struct world *w, uint32_t n, uint32_t vnet, const char *stream,
    const char *what)
{
	struct world_outward *wo;
	struct world_choice *wc;
	struct choice_point cp;
	uint64_t key;
	int64_t ord;
	uint32_t i;

	wc = &w->w_ev.we_choice;
	key = pair_key(vnet, stream, what);
	ord = count(wc, key);
	if (ord < 0)
		return (0);
	cp = (struct choice_point){ vnet, stream, what, (uint32_t)ord, n, 0 };
	key = hash_word(key, (uint32_t)ord);
	for (i = 0; i < wc->wc_ndev; i++) {
		if (wc->wc_dev[i].cd_key != key)
			continue;
		cp.cp_value = imin(wc->wc_dev[i].cd_value, n - 1);
		wc->wc_dev[i].cd_used++;
		break;
	}
	wo = &w->w_trace.wt_out;
	if (wo->wo_choice != NULL)
		wo->wo_choice(wo->wo_choicectx, &cp);
	return (cp.cp_value);
}

uint32_t
choose(uint32_t n, const char *stream, const char *what)
{
	struct world *w;

	MPASS(n >= 1);
	w = curworld();
	if (__predict_true(!w->w_ev.we_choice.wc_on) || n == 1)
		return (0);
	return (decide(w, n, curvnet != NULL ? curvnet->v_id : VNETSIM_NOVNET,
	    stream, what));
}

uint32_t
choose_sched(struct world *w, uint32_t n)
{
	if (n == 1)
		return (0);
	return (decide(w, n, VNETSIM_NOVNET, "sched", "next"));
}

/* Begin to count.  Return: 0, VE_NOMEM. */
static int
switch_on(struct world_choice *wc)
{
	if (wc->wc_tab == NULL && !grow(wc))
		return (VE_NOMEM);
	wc->wc_on = true;
	return (0);
}

int
world_set_deviations(struct world *w, const struct deviation *dv, uint32_t n)
{
	struct world_choice *wc;
	struct choice_dev *dev;
	uint32_t i;

	MPASS(curworld() == w);
	wc = &w->w_ev.we_choice;
	dev = NULL;
	if (n != 0) {
		dev = world_user_alloc(n * sizeof(*dev), false);
		if (dev == NULL)
			return (VE_NOMEM);
	}
	if (switch_on(wc) != 0) {
		if (dev != NULL)
			world_user_free(dev);
		return (VE_NOMEM);
	}
	for (i = 0; i < n; i++) {
		dev[i].cd_key = hash_word(
		    pair_key(dv[i].dv_vnet, dv[i].dv_stream, dv[i].dv_what),
		    dv[i].dv_ordinal);
		dev[i].cd_value = dv[i].dv_value;
		dev[i].cd_used = 0;
	}
	if (wc->wc_dev != NULL)
		world_user_free(wc->wc_dev);
	wc->wc_dev = dev;
	wc->wc_ndev = n;
	return (0);
}

uint32_t
world_deviation_used(const struct world *w, uint32_t i)
{
	MPASS(i < w->w_ev.we_choice.wc_ndev);
	return (w->w_ev.we_choice.wc_dev[i].cd_used);
}

int
world_set_recorder(struct world *w,
    void (*fn)(void *ctx, const struct choice_point *cp), void *ctx)
{
	MPASS(curworld() == w);
	if (fn != NULL && switch_on(&w->w_ev.we_choice) != 0)
		return (VE_NOMEM);
	w->w_trace.wt_out.wo_choice = fn;
	w->w_trace.wt_out.wo_choicectx = ctx;
	return (0);
}
