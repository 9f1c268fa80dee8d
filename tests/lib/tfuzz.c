/*
 * tfuzz.c - see tfuzz.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/tfuzz.h"

#define TF_EVENTS 200000u /* nothing that a target makes needs as many */

_Noreturn void
tf_die(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

uint8_t
tf_8(struct tf_in *in)
{
	if (in->left == 0)
		return (0);
	in->left--;
	return (*in->p++);
}

uint16_t
tf_16(struct tf_in *in)
{
	unsigned hi = tf_8(in);

	return ((uint16_t)(hi << 8 | tf_8(in)));
}

unsigned
tf_n(struct tf_in *in, unsigned n)
{
	return (tf_8(in) % n);
}

int64_t
tf_time(struct tf_in *in, int64_t max)
{
	unsigned b = tf_8(in), shift = b >> 2;
	int64_t t = shift < 58 ? (INT64_C(4) + (b & 3)) << shift : max;

	return (t < max ? t : max);
}

void
tf_run(struct vnetsim *w, int64_t ns, unsigned events)
{
	int64_t until = vnetsim_now(w) + ns;

	while (events-- != 0 && vnetsim_step(w, until))
		;
}

int
tf_await(struct vnetsim *w, vnetsim_handle op, int64_t ns)
{
	int64_t until = vnetsim_now(w) + ns;
	struct vnetsim_result res;
	unsigned events = 0;

	if (op == 0)
		return (0);
	while (vnetsim_op_poll(w, op, &res) == VE_INPROGRESS) {
		TF_MUST(events++ < TF_EVENTS);
		if (!vnetsim_step(w, until))
			return (VE_INPROGRESS);
	}
	TF_MUST(vnetsim_op_release(w, op) == 0);
	return (res.error);
}

static void
tf_print(const struct vnetsim_finding *f)
{
	(void)fprintf(stderr,
	    "%s/%s x%u t=%lld ev=%llu vnet %s module %s "
	    "phase %s step %s: %s\n",
	    f->oracle, f->kind, f->count, (long long)f->time,
	    (unsigned long long)f->event, f->vname != NULL ? f->vname : "-",
	    f->module != NULL ? f->module : "-",
	    f->phase != NULL ? f->phase : "-", f->step != NULL ? f->step : "-",
	    f->text);
	if (f->object != NULL)
		(void)fprintf(stderr, "  %s#%llu born at %s\n", f->object,
		    (unsigned long long)f->serial,
		    f->birth != NULL ? f->birth : "?");
	for (int i = 0; i < 4 && f->holders[i] != NULL; i++)
		(void)fprintf(stderr, "  held by %s\n", f->holders[i]);
}

void
tf_finish(struct vnetsim *w,
    bool (*deserved)(void *ctx, const struct vnetsim_finding *f), void *ctx)
{
	struct vnetsim_finding f;
	vnetsim_handle op;
	int64_t until;
	unsigned bad = 0, events = 0;

	TF_MUST(vnetsim_finish(w, &op) == 0);
	(void)tf_await(w, op, 100000 * TF_S);
	until = vnetsim_settled(w);
	while (until != 0 && vnetsim_step(w, until))
		TF_MUST(events++ < TF_EVENTS);
	(void)vnetsim_audit(w);
	for (unsigned n = 0; vnetsim_finding(w, n, &f) == 0; n++) {
		if (deserved(ctx, &f))
			continue;
		bad++;
		tf_print(&f);
	}
	if (bad != 0)
		abort();
}
