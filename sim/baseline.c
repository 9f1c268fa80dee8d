/*
 * baseline.c - findings that are known, each with a reason and a last day.
 *
 * A file of lines, in the order a reader wants them (docs/REPORTS.md):
 *
 *	# comment
 *	KEY YYYY-MM-DD reason to the end of the line
 *	"KEY WITH BLANKS" YYYY-MM-DD reason
 *
 * In quotes \" and \\ stand for " and \.  A key is what reports say, either
 * without the step (then it holds for every step) or with "." and the step.
 * All errors of a file are told, each with line and column, and then nothing
 * runs: a baseline that is half understood would hide something.
 *
 * An entry holds through its last day, UTC.  After it the finding is new again.
 */
#include "sim/baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scn_run_play.h"

/* Where the parser is. */
struct bl_cur {
	struct baseline *c_bl;
	unsigned c_line;
	const char *c_start, *c_p;
	unsigned c_errors;
};

static void
bl_error(struct bl_cur *c, const char *at, const char *what)
{
	c->c_errors++;
	(void)fprintf(stderr, "%s:%u:%u: %s\n", c->c_bl->bl_path, c->c_line,
	    (unsigned)(at - c->c_start) + 1, what);
}

static bool
blank(char c)
{
	return (c == ' ' || c == '\t');
}

static void
skip_blanks(struct bl_cur *c)
{
	while (blank(*c->c_p))
		c->c_p++;
}

/* A key into @out.  Return: false, told. */
static bool
bl_key(struct bl_cur *c, struct rbuf *out)
{
	const char *start = c->c_p;

	if (*c->c_p != '"') {
		while (*c->c_p != '\0' && !blank(*c->c_p))
			c->c_p++;
		rbuf_put(out, start, (size_t)(c->c_p - start));
		return (true);
	}
	for (c->c_p++; *c->c_p != '"'; c->c_p++) {
		if (*c->c_p == '\\' && (c->c_p[1] == '"' || c->c_p[1] == '\\'))
			c->c_p++;
		if (*c->c_p == '\0') {
			bl_error(c, start, "the quote is not closed");
			return (false);
		}
		rbuf_put(out, c->c_p, 1);
	}
	c->c_p++;
	if (*c->c_p != '\0' && !blank(*c->c_p)) {
		bl_error(c, c->c_p, "a blank is missing behind the key");
		return (false);
	}
	if (out->rb_len == 0)
		bl_error(c, start, "the key is empty");
	return (out->rb_len > 0);
}

static bool
bl_date(struct bl_cur *c, char date[BASELINE_DATE])
{
	const char *start = c->c_p;
	char word[BASELINE_DATE];
	size_t n;

	while (*c->c_p != '\0' && !blank(*c->c_p))
		c->c_p++;
	n = (size_t)(c->c_p - start);
	if (n == sizeof(word) - 1) {
		memcpy(word, start, n);
		word[n] = '\0';
		if (baseline_date(word, date))
			return (true);
	}
	bl_error(c, start,
	    n == 0 ? "the last day is missing: KEY YYYY-MM-DD REASON"
		   : "no date: YYYY-MM-DD is wanted");
	return (false);
}

/* The file is read; an entry of it again is no second meaning. */
static bool
bl_twice(struct bl_cur *c, const char *start, const char *key)
{
	char why[80];

	for (unsigned i = 0; i < c->c_bl->bl_n; i++) {
		if (strcmp(c->c_bl->bl_e[i].be_key, key) != 0)
			continue;
		(void)snprintf(why, sizeof(why),
		    "this key stands in line %u already",
		    c->c_bl->bl_e[i].be_line);
		bl_error(c, start, why);
		return (true);
	}
	return (false);
}

static void
bl_add(struct bl_cur *c, const char *key, const char *date, const char *reason)
{
	struct baseline *bl = c->c_bl;
	struct baseline_entry *be;
	unsigned cap;

	if (bl->bl_n == bl->bl_cap) {
		cap = bl->bl_cap == 0 ? 64 : bl->bl_cap * 2;
		be = realloc(bl->bl_e, cap * sizeof(*be));
		if (be == NULL) {
			bl_error(c, c->c_start, "out of memory");
			return;
		}
		bl->bl_e = be;
		bl->bl_cap = cap;
	}
	be = &bl->bl_e[bl->bl_n];
	memset(be, 0, sizeof(*be));
	be->be_key = strdup(key);
	be->be_reason = strdup(reason);
	if (be->be_key == NULL || be->be_reason == NULL) {
		free(be->be_key);
		free(be->be_reason);
		bl_error(c, c->c_start, "out of memory");
		return;
	}
	memcpy(be->be_until, date, BASELINE_DATE);
	be->be_line = c->c_line;
	/* Dates of this form sort as text. */
	be->be_expired = strcmp(date, bl->bl_today) < 0;
	bl->bl_n++;
}

static void
bl_line(struct bl_cur *c)
{
	char date[BASELINE_DATE];
	struct rbuf key = { 0 };
	const char *start;

	skip_blanks(c);
	if (*c->c_p == '\0' || *c->c_p == '#')
		return;
	start = c->c_p;
	if (c->c_bl->bl_n == BASELINE_ENTRIES) {
		if (c->c_errors == 0)
			bl_error(c, start, "more than 4096 entries");
		return;
	}
	if (bl_key(c, &key)) {
		skip_blanks(c);
		if (bl_date(c, date)) {
			skip_blanks(c);
			if (*c->c_p == '\0')
				bl_error(c, c->c_p, "the reason is missing");
			else if (!bl_twice(c, start, rbuf_str(&key)))
				bl_add(c, rbuf_str(&key), date, c->c_p);
		}
	}
	rbuf_free(&key);
}

/* Cut blanks, a CR and the newline off the end. */
static void
trim(char *s, size_t len)
{
	while (len > 0 && (blank(s[len - 1]) || s[len - 1] == '\r'))
		len--;
	s[len] = '\0';
}

static void
bl_file(struct bl_cur *c, FILE *f)
{
	char buf[BASELINE_LINE + 2];
	size_t len = 0;
	bool skip = false;
	int ch = 0;

	while (ch != EOF) {
		ch = getc(f);
		if (ch != '\n' && ch != EOF) {
			if (ch == '\0' || len == BASELINE_LINE) {
				if (!skip) {
					c->c_start = buf;
					bl_error(c, buf + len,
					    ch == '\0' ? "a NUL byte"
						       : "the line is longer "
							 "than 1024 bytes");
				}
				skip = true;
			} else
				buf[len++] = (char)ch;
			continue;
		}
		trim(buf, len);
		c->c_start = c->c_p = buf;
		if (!skip)
			bl_line(c);
		c->c_line++;
		len = 0;
		skip = false;
	}
	c->c_start = c->c_p = NULL;
}

/**
 * baseline_read() - read a file
 * @bl:		out; baseline_free() is due in each case
 * @path:	file, kept
 * @today:	the day to judge by
 * @cmd:	command, for messages
 *
 * Return:	0; EXIT_NOINPUT; EXIT_DATA: errors in it, all told.
 */
int
baseline_read(
    struct baseline *bl, const char *path, const char *today, const char *cmd)
{
	struct bl_cur c = { .c_bl = bl, .c_line = 1 };
	FILE *f = fopen(path, "r");

	memset(bl, 0, sizeof(*bl));
	bl->bl_path = path;
	(void)snprintf(bl->bl_today, sizeof(bl->bl_today), "%s", today);
	errno = 0;
	if (f != NULL)
		bl_file(&c, f);
	if (f == NULL || ferror(f)) {
		(void)fprintf(stderr, "vnetsim %s: %s: %s\n", cmd, path,
		    strerror(errno != 0 ? errno : EIO));
		if (f != NULL)
			(void)fclose(f);
		return (EXIT_NOINPUT);
	}
	(void)fclose(f);
	return (c.c_errors > 0 ? EXIT_DATA : 0);
}

void
baseline_free(struct baseline *bl)
{
	for (unsigned i = 0; i < bl->bl_n; i++) {
		free(bl->bl_e[i].be_key);
		free(bl->bl_e[i].be_reason);
	}
	free(bl->bl_e);
	memset(bl, 0, sizeof(*bl));
}

/**
 * baseline_key() - the whole key of a finding
 * @out:	appended
 * @key:	without the step
 * @step:	NULL: none, said as "-"
 */
void
baseline_key(struct rbuf *out, const char *key, const char *step)
{
	rbuf_add(out, "%s.%s", key, step != NULL ? step : "-");
}

/**
 * baseline_find() - what is known of a finding
 * @bl:		NULL: nothing is
 * @key:	without the step
 * @step:	NULL: none
 *
 * An entry that names the step goes before one that does not.
 * Return:	the entry, perhaps expired, or NULL.
 */
struct baseline_entry *
baseline_find(const struct baseline *bl, const char *key, const char *step)
{
	struct baseline_entry *any = NULL;
	size_t len = strlen(key);

	if (step == NULL)
		step = "-";
	for (unsigned i = 0; bl != NULL && i < bl->bl_n; i++) {
		const char *k = bl->bl_e[i].be_key;

		if (strncmp(k, key, len) != 0)
			continue;
		if (k[len] == '\0')
			any = &bl->bl_e[i];
		else if (k[len] == '.' && strcmp(k + len + 1, step) == 0)
			return (&bl->bl_e[i]);
	}
	return (any);
}

/* Does this entry (or none) excuse what it matches? */
bool
baseline_known(const struct baseline_entry *be)
{
	return (be != NULL && !be->be_expired);
}

/* The same for a finding; play_opts.po_known, @arg is the baseline. */
bool
baseline_excuses(void *arg, const struct vnetsim_finding *f)
{
	return (baseline_known(baseline_find(arg, f->key, f->step)));
}

/**
 * baseline_tell() - warnings about a baseline, after a run
 * @bl:		with its hits
 * @cmd:	command
 * @stale:	everything was run, so what never matched is stale
 */
void
baseline_tell(const struct baseline *bl, const char *cmd, bool stale)
{
	for (unsigned i = 0; i < bl->bl_n; i++) {
		const struct baseline_entry *be = &bl->bl_e[i];

		if (be->be_hits == 0 && stale)
			(void)fprintf(stderr,
			    "vnetsim %s: warning: %s:%u: stale: nothing "
			    "matches %s\n",
			    cmd, bl->bl_path, be->be_line, be->be_key);
		else if (be->be_hits > 0 && be->be_expired)
			(void)fprintf(stderr,
			    "vnetsim %s: %s:%u: expired on %s, counts as new: "
			    "%s\n",
			    cmd, bl->bl_path, be->be_line, be->be_until,
			    be->be_key);
		if (strncmp(be->be_reason, BASELINE_TODO,
			sizeof(BASELINE_TODO) - 1) == 0)
			(void)fprintf(stderr,
			    "vnetsim %s: warning: %s:%u: no reason yet\n", cmd,
			    bl->bl_path, be->be_line);
	}
}
