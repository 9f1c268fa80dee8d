/*
 * cmd_order_diff.c - "vnetsim order NAME --diff OTHER": two orders
 * compared.
 *
 * Steps are matched by name, a repeated one by its turn.  The longest run of
 * steps that both orders have in the same sequence stays; what both have
 * elsewhere was moved, what one has alone is missing or added.  A step that
 * stays, but at another slot of FreeBSD's, is marked, too.
 *
 *	 -   only in the first         +   only in the second
 *	 <   moved away from here      >   moved to here
 *	 ~   here in both, at another slot
 *
 * Equal orders print nothing, as diff(1) does.
 */
#include "sim/cmd_order_diff.h"

#include <stdlib.h>
#include <string.h>

#define OD_MAX     256 /* steps of an order; the library has fewer */
#define OD_CONTEXT 3   /* steps shown around a change */

struct od_step {
	char name[64];
	char slot[96]; /* empty: none */
	int other;     /* index of the same step in the other order, or -1 */
	bool keep;     /* part of what stays */
};

struct order_list {
	unsigned n;
	struct od_step v[OD_MAX];
};

/* A line of the result: indices from 0, -1: not there. */
struct od_line {
	char mark;
	int a, b;
};

struct od_diff {
	const struct order_list *a, *b;
	unsigned n, moved, missing, added, slots;
	struct od_line v[2 * OD_MAX];
};

/**
 * order_list_read() - keep the chosen order of a world
 * @w:	world
 *
 * Return:	(o) steps; NULL: no memory, or more than 256 of them.
 */
struct order_list *
order_list_read(struct vnetsim *w)
{
	struct order_list *l = calloc(1, sizeof(*l));
	struct vnetsim_step st;

	while (l != NULL && vnetsim_order_step(w, l->n, &st) == 0) {
		struct od_step *s;

		if (l->n == OD_MAX) {
			free(l);
			return (NULL);
		}
		s = &l->v[l->n++];
		s->other = -1;
		(void)snprintf(s->name, sizeof(s->name), "%s", st.name);
		if (st.subsystem != NULL)
			(void)snprintf(s->slot, sizeof(s->slot), "%s/%s",
			    st.subsystem, st.order);
	}
	return (l);
}

/* The first step of that name which has no partner yet. */
static void
od_match(struct order_list *a, struct order_list *b)
{
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned k = 0; k < b->n; k++)
			if (b->v[k].other < 0 &&
			    strcmp(a->v[i].name, b->v[k].name) == 0) {
				a->v[i].other = (int)k;
				b->v[k].other = (int)i;
				break;
			}
}

/* The longest sequence of matched steps that rises in both. */
static void
od_keep(struct order_list *a, struct order_list *b)
{
	unsigned len[OD_MAX], most = 0;
	int before[OD_MAX], last = -1;

	for (unsigned i = 0; i < a->n; i++) {
		len[i] = 0;
		before[i] = -1;
		if (a->v[i].other < 0)
			continue;
		len[i] = 1;
		for (unsigned k = 0; k < i; k++)
			if (len[k] != 0 && a->v[k].other < a->v[i].other &&
			    len[k] + 1 > len[i]) {
				len[i] = len[k] + 1;
				before[i] = (int)k;
			}
		if (len[i] > most) {
			most = len[i];
			last = (int)i;
		}
	}
	for (; last >= 0; last = before[last]) {
		a->v[last].keep = true;
		b->v[a->v[last].other].keep = true;
	}
}

static void
od_line(struct od_diff *d, char mark, int a, int b)
{
	struct od_line *ln = &d->v[d->n++];

	ln->mark = mark;
	ln->a = a;
	ln->b = b;
}

/* What the first has before its next step that stays. */
static void
od_left(struct od_diff *d, unsigned *i)
{
	const struct od_step *s = d->a->v;

	for (; *i < d->a->n && !s[*i].keep; (*i)++)
		if (s[*i].other >= 0) {
			od_line(d, '<', (int)*i, s[*i].other);
			d->moved++;
		} else {
			od_line(d, '-', (int)*i, -1);
			d->missing++;
		}
}

static void
od_right(struct od_diff *d, unsigned *k)
{
	const struct od_step *s = d->b->v;

	for (; *k < d->b->n && !s[*k].keep; (*k)++)
		if (s[*k].other >= 0) {
			od_line(d, '>', s[*k].other, (int)*k);
		} else {
			od_line(d, '+', -1, (int)*k);
			d->added++;
		}
}

static void
od_compare(struct od_diff *d, struct order_list *a, struct order_list *b)
{
	unsigned i = 0, k = 0;

	memset(d, 0, sizeof(*d));
	d->a = a;
	d->b = b;
	od_match(a, b);
	od_keep(a, b);
	while (i < a->n || k < b->n) {
		bool same;

		od_left(d, &i);
		od_right(d, &k);
		if (i >= a->n || k >= b->n)
			continue;
		same = strcmp(a->v[i].slot, b->v[k].slot) == 0;
		od_line(d, same ? ' ' : '~', (int)i, (int)k);
		d->slots += !same;
		i++;
		k++;
	}
}

static const char *
od_slot(const struct order_list *l, int at)
{
	return (at >= 0 && l->v[at].slot[0] != '\0' ? l->v[at].slot : "-");
}

static void
od_text_line(
    const struct od_diff *d, const struct od_line *ln, struct rbuf *out)
{
	const char *from = od_slot(d->a, ln->a), *to = od_slot(d->b, ln->b);

	rbuf_add(out, "%c ", ln->mark);
	if (ln->a >= 0)
		rbuf_add(out, "%3d ", ln->a + 1);
	else
		rbuf_add(out, "%3s ", "-");
	if (ln->b >= 0)
		rbuf_add(out, "%3d  ", ln->b + 1);
	else
		rbuf_add(out, "%3s  ", "-");
	rbuf_add(out, "%-24s %s",
	    ln->a >= 0 ? d->a->v[ln->a].name : d->b->v[ln->b].name,
	    ln->a >= 0 ? from : to);
	if (ln->a >= 0 && ln->b >= 0 && strcmp(from, to) != 0)
		rbuf_add(out, " -> %s", to);
	rbuf_add(out, "\n");
}

/* Is a change so near that this line is shown with it? */
static bool
od_near(const struct od_diff *d, unsigned at)
{
	unsigned from = at > OD_CONTEXT ? at - OD_CONTEXT : 0;

	for (unsigned i = from; i < d->n && i <= at + OD_CONTEXT; i++)
		if (d->v[i].mark != ' ')
			return (true);
	return (false);
}

static void
od_text(const struct od_diff *d, const struct order_names *on, struct rbuf *out)
{
	unsigned gap = 0;

	rbuf_add(out, "--- %s%s\n+++ %s\n", on->a, on->changed, on->b);
	for (unsigned i = 0; i < d->n; i++) {
		if (!od_near(d, i)) {
			gap++;
			continue;
		}
		if (gap > 0)
			rbuf_add(out, "@@ %u the same @@\n", gap);
		gap = 0;
		od_text_line(d, &d->v[i], out);
	}
	if (gap > 0)
		rbuf_add(out, "@@ %u the same @@\n", gap);
	rbuf_add(out, "%u moved, %u missing, %u added, %u at another slot\n",
	    d->moved, d->missing, d->added, d->slots);
}

static void
od_json_step(
    const struct od_diff *d, const struct od_line *ln, struct rbuf *out)
{
	const char *change = ln->mark == '<'   ? "moved"
			     : ln->mark == '-' ? "missing"
			     : ln->mark == '+' ? "added"
					       : "slot";

	rbuf_add(out, "\n{\"change\":\"%s\",\"step\":", change);
	report_json_string(
	    out, ln->a >= 0 ? d->a->v[ln->a].name : d->b->v[ln->b].name);
	if (ln->a >= 0)
		rbuf_add(out, ",\"a\":{\"n\":%d,\"slot\":\"%s\"}", ln->a + 1,
		    od_slot(d->a, ln->a));
	if (ln->b >= 0)
		rbuf_add(out, ",\"b\":{\"n\":%d,\"slot\":\"%s\"}", ln->b + 1,
		    od_slot(d->b, ln->b));
	rbuf_add(out, "}");
}

static void
od_json(const struct od_diff *d, const struct order_names *on, struct rbuf *out)
{
	const char *sep = "";

	rbuf_add(out, "{\"a\":");
	report_json_string(out, on->a);
	rbuf_add(out, ",\"changed\":%s,\"b\":",
	    on->changed[0] != '\0' ? "true" : "false");
	report_json_string(out, on->b);
	rbuf_add(out,
	    ",\"moved\":%u,\"missing\":%u,\"added\":%u,\"slots\":%u,"
	    "\"steps\":[",
	    d->moved, d->missing, d->added, d->slots);
	for (unsigned i = 0; i < d->n; i++) {
		if (d->v[i].mark == ' ' || d->v[i].mark == '>')
			continue;
		rbuf_add(out, "%s", sep);
		od_json_step(d, &d->v[i], out);
		sep = ",";
	}
	rbuf_add(out, "\n]}\n");
}

/**
 * order_diff() - compare two lists of steps
 * @a, @b:	order_list_read()
 * @on:		what they are called
 * @json:	as JSON, also where they are equal
 * @out:	result
 *
 * Return:	0: equal; 1: they differ.
 */
int
order_diff(struct order_list *a, struct order_list *b,
    const struct order_names *on, bool json, struct rbuf *out)
{
	struct od_diff d;
	bool differ;

	od_compare(&d, a, b);
	differ = d.moved + d.missing + d.added + d.slots != 0;
	if (json)
		od_json(&d, on, out);
	else if (differ)
		od_text(&d, on, out);
	return (differ);
}
