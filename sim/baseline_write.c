/*
 * baseline_write.c - days, and the skeleton of a baseline.
 *
 * --baseline-write makes a file of what was found, sorted by key, with the
 * text of the first finding as a comment.  What stands in --baseline already
 * and has not expired keeps its day and reason; the others get BASELINE_DAYS
 * days and a reason that asks for a better one.
 *
 * The day comes from the clock (UTC), or from --today: that is the only place
 * where the wall clock can change what a run says.
 */
#include "sim/baseline.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/report.h"

#define TEXT_MAX 900 /* bytes of a comment; a line holds BASELINE_LINE */

static unsigned
month_days(unsigned y, unsigned m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	if (m < 1 || m > 12)
		return (0);
	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return (29);
	return (days[m - 1]);
}

static unsigned
digits(const char *s, unsigned n)
{
	unsigned v = 0;

	while (n-- > 0)
		v = v * 10 + (unsigned)(*s++ - '0');
	return (v);
}

/**
 * baseline_date() - is it a day of the calendar?
 * @s:		"YYYY-MM-DD"
 * @date:	out, if true is returned
 */
bool
baseline_date(const char *s, char date[BASELINE_DATE])
{
	static const char form[] = "0000-00-00";
	unsigned m;
	size_t i;

	for (i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '-' ? s[i] != '-' : s[i] < '0' || s[i] > '9')
			return (false);
	}
	m = digits(s + 5, 2);
	if (s[i] != '\0' || digits(s + 8, 2) < 1 ||
	    digits(s + 8, 2) > month_days(digits(s, 4), m))
		return (false);
	memcpy(date, s, BASELINE_DATE);
	return (true);
}

/* Today by the clock, UTC. */
void
baseline_today(char date[BASELINE_DATE])
{
	time_t now = time(NULL);
	struct tm tm;

	memcpy(date, "1970-01-01", BASELINE_DATE);
	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(date, BASELINE_DATE, "%Y-%m-%d", &tm);
}

/* So many days later; the calendar ends with 9999-12-31. */
void
baseline_later(char date[BASELINE_DATE], unsigned days)
{
	unsigned y = digits(date, 4), m = digits(date + 5, 2);
	unsigned d = digits(date + 8, 2);
	char buf[48];

	for (; days > 0 && (y < 9999 || m < 12 || d < 31); days--) {
		if (++d <= month_days(y, m))
			continue;
		d = 1;
		if (++m <= 12)
			continue;
		m = 1;
		y++;
	}
	(void)snprintf(buf, sizeof(buf), "%04u-%02u-%02u", y, m, d);
	memcpy(date, buf, BASELINE_DATE);
	date[BASELINE_DATE - 1] = '\0';
}

/**
 * baseline_out_add() - a finding for a new file
 * @bo:		findings so far
 * @key:	with its step
 * @text:	of it; the first one of a key is kept
 */
void
baseline_out_add(struct baseline_out *bo, const char *key, const char *text)
{
	struct baseline_new *bn;
	unsigned cap;

	for (unsigned i = 0; i < bo->bo_n; i++)
		if (strcmp(bo->bo_v[i].bn_key, key) == 0)
			return;
	if (bo->bo_n == bo->bo_cap) {
		cap = bo->bo_cap == 0 ? 64 : bo->bo_cap * 2;
		bn = realloc(bo->bo_v, cap * sizeof(*bn));
		if (bn == NULL) {
			bo->bo_nomem = true;
			return;
		}
		bo->bo_v = bn;
		bo->bo_cap = cap;
	}
	bn = &bo->bo_v[bo->bo_n];
	bn->bn_key = strdup(key);
	bn->bn_text = strdup(text);
	if (bn->bn_key == NULL || bn->bn_text == NULL) {
		free(bn->bn_key);
		free(bn->bn_text);
		bo->bo_nomem = true;
		return;
	}
	bo->bo_n++;
}

static int
by_key(const void *a, const void *b)
{
	const struct baseline_new *x = a, *y = b;

	return (strcmp(x->bn_key, y->bn_key));
}

/* A key as the parser reads it. */
static void
put_key(struct rbuf *out, const char *key)
{
	if (key[strcspn(key, " \t\"\\#")] == '\0') {
		rbuf_add(out, "%s", key);
		return;
	}
	rbuf_add(out, "\"");
	for (; *key != '\0'; key++)
		rbuf_add(
		    out, "%s%c", *key == '"' || *key == '\\' ? "\\" : "", *key);
	rbuf_add(out, "\"");
}

/* The entry of the old file that holds for a key, if any. */
static const struct baseline_entry *
old_entry(const struct baseline *bl, const char *key)
{
	const struct baseline_entry *be;
	struct rbuf base = { 0 };
	char *dot;

	/* The step begins behind the last dot: no step has one. */
	rbuf_add(&base, "%s", key);
	dot = base.rb_s != NULL ? strrchr(base.rb_s, '.') : NULL;
	if (dot == NULL) {
		rbuf_free(&base);
		return (NULL);
	}
	*dot = '\0';
	be = baseline_find(bl, base.rb_s, dot + 1);
	rbuf_free(&base);
	return (baseline_known(be) ? be : NULL);
}

/**
 * baseline_out_write() - write a skeleton of what was added
 * @bo:		findings; gets sorted
 * @path:	file, "-": standard output
 * @bl:		old file, NULL: none
 * @today:	the day to count from
 *
 * Return:	0; EXIT_IO, told.
 */
int
baseline_out_write(struct baseline_out *bo, const char *path,
    const struct baseline *bl, const char *today)
{
	const struct baseline_entry *be;
	char until[BASELINE_DATE];
	struct rbuf out = { 0 };
	size_t len;
	int error;

	memcpy(until, today, BASELINE_DATE);
	baseline_later(until, BASELINE_DAYS);
	if (bo->bo_n > 1)
		qsort(bo->bo_v, bo->bo_n, sizeof(*bo->bo_v), by_key);
	rbuf_add(
	    &out, "# Known findings: KEY LAST-DAY REASON (docs/REPORTS.md).\n");
	for (unsigned i = 0; i < bo->bo_n; i++) {
		be = old_entry(bl, bo->bo_v[i].bn_key);
		len = strcspn(bo->bo_v[i].bn_text, "\n");
		rbuf_add(&out, "\n# %.*s\n",
		    (int)(len < TEXT_MAX ? len : TEXT_MAX),
		    bo->bo_v[i].bn_text);
		put_key(&out, bo->bo_v[i].bn_key);
		rbuf_add(&out, " %s %s\n", be != NULL ? be->be_until : until,
		    be != NULL ? be->be_reason
			       : BASELINE_TODO ": say why it is known");
	}
	out.rb_nomem |= bo->bo_nomem;
	error = report_write(path, &out);
	rbuf_free(&out);
	return (error);
}

void
baseline_out_free(struct baseline_out *bo)
{
	for (unsigned i = 0; i < bo->bo_n; i++) {
		free(bo->bo_v[i].bn_key);
		free(bo->bo_v[i].bn_text);
	}
	free(bo->bo_v);
	memset(bo, 0, sizeof(*bo));
}
