/*
 * report_fact.c - what went wrong in a scenario, for programs of our own.
 *
 * A worker cannot hand structures to its parent.  It says each thing that went
 * wrong in one line of fields between tabs; what annotates, keeps a baseline or
 * counts takes the lines apart again.  Tab, newline and backslash in a text
 * are \t, \n and \\.
 *
 * Findings with the same key and step are one fact with a count, in the order
 * of their first.
 */
#include "sim/report_fact.h"

#include <stdlib.h>
#include <string.h>

#include "sim/baseline.h"

#define FIELDS 9

static void
put_field(struct rbuf *out, const char *s)
{
	for (; s != NULL && *s != '\0'; s++) {
		if (*s == '\t')
			rbuf_add(out, "\\t");
		else if (*s == '\n')
			rbuf_add(out, "\\n");
		else if (*s == '\\')
			rbuf_add(out, "\\\\");
		else
			rbuf_put(out, s, 1);
	}
}

/* Undo put_field() in place. */
static void
field_decode(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s != '\\' || s[1] == '\0') {
			*to++ = *s;
			continue;
		}
		s++;
		*to++ = *s == 't' ? '\t' : *s == 'n' ? '\n' : *s;
	}
	*to = '\0';
}

/* One line. */
void
report_fact_put(struct rbuf *out, const struct report_fact *fa)
{
	rbuf_add(out, "%c\t%u\t%u\t%u\t", (char)fa->fa_kind, fa->fa_line,
	    fa->fa_col, fa->fa_count);
	put_field(out, fa->fa_file);
	rbuf_add(out, "\t");
	put_field(out, fa->fa_key);
	rbuf_add(out, "\t");
	put_field(out, fa->fa_step);
	rbuf_add(out, "\t");
	put_field(out, fa->fa_title);
	rbuf_add(out, "\t");
	put_field(out, fa->fa_text);
	rbuf_add(out, "\n");
}

/**
 * report_fact_next() - the next fact of a text of lines
 * @at:		in, out: where it begins; the text is changed
 * @fa:		out; points into the text
 *
 * Return:	false: no more.
 */
bool
report_fact_next(char **at, struct report_fact *fa)
{
	char *field[FIELDS], *s = *at, *nl = strchr(s, '\n');
	int n = 0;

	if (nl == NULL)
		return (false);
	*nl = '\0';
	*at = nl + 1;
	while (n < FIELDS) {
		field[n++] = s;
		s = strchr(s, '\t');
		if (s == NULL)
			break;
		*s++ = '\0';
	}
	if (n < FIELDS)
		return (false);
	for (n = 4; n < FIELDS; n++)
		field_decode(field[n]);
	fa->fa_kind = (enum report_fact_kind)field[0][0];
	fa->fa_line = (unsigned)strtoul(field[1], NULL, 10);
	fa->fa_col = (unsigned)strtoul(field[2], NULL, 10);
	fa->fa_count = (unsigned)strtoul(field[3], NULL, 10);
	fa->fa_file = field[4];
	fa->fa_key = field[5];
	fa->fa_step = field[6];
	fa->fa_title = field[7];
	fa->fa_text = field[8];
	return (true);
}

static bool
same_key(const struct vnetsim_finding *f, const char *key, const char *step)
{
	return (
	    strcmp(f->key, key) == 0 && strcmp(f->step != NULL ? f->step : "-",
					    step != NULL ? step : "-") == 0);
}

/* How often the @n-th finding was made; 0: an earlier one counts it. */
static unsigned
fact_count(struct vnetsim *w, unsigned n, const char *key, const char *step)
{
	struct vnetsim_finding f;
	unsigned count = 0;

	for (unsigned i = 0; vnetsim_finding(w, i, &f) == 0; i++) {
		if (!same_key(&f, key, step))
			continue;
		if (i < n)
			return (0);
		count += f.count > 0 ? f.count : 1;
	}
	return (count);
}

static void
facts_findings(const struct report *rp, struct rbuf *out)
{
	struct vnetsim *w = rp->rp_player->p_world;
	struct rbuf key = { 0 }, title = { 0 };
	struct report_fact fa = { .fa_file = rp->rp_file };
	struct vnetsim_finding f;

	for (unsigned n = 0; w != NULL && vnetsim_finding(w, n, &f) == 0; n++) {
		/* The key lives until the next finding is looked at. */
		rbuf_cut(&key, 0);
		rbuf_cut(&title, 0);
		rbuf_add(&key, "%s", f.key);
		fa.fa_key = rbuf_str(&key);
		fa.fa_step = f.step != NULL ? f.step : "-";
		fa.fa_text = f.text != NULL ? f.text : "";
		rbuf_add(&title, "%s %s", f.oracle, f.kind);
		fa.fa_title = rbuf_str(&title);
		fa.fa_count = fact_count(w, n, fa.fa_key, f.step);
		fa.fa_kind = baseline_known(baseline_find(
				 rp->rp_baseline, fa.fa_key, f.step))
				 ? FACT_KNOWN
				 : FACT_FINDING;
		if (fa.fa_count > 0)
			report_fact_put(out, &fa);
	}
	rbuf_free(&key);
	rbuf_free(&title);
}

/**
 * report_facts() - what went wrong in a scenario
 * @rp:		outcome
 * @out:	lines are appended
 */
void
report_facts(const struct report *rp, struct rbuf *out)
{
	struct report_fact fa = { .fa_file = rp->rp_file };
	const struct player *p = rp->rp_player;

	fa.fa_count = 1;
	if (rp->rp_exit == EXIT_SKIPPED)
		return;
	if (rp->rp_exit != 0 && rp->rp_message != NULL) {
		fa.fa_kind = FACT_MESSAGE;
		fa.fa_title = report_status(rp->rp_exit);
		fa.fa_text = rp->rp_message;
		report_fact_put(out, &fa);
	}
	if (p == NULL)
		return;
	for (uint32_t i = 0;
	     rp->rp_exit != 0 && i < scn_run_nfailures(p->p_env); i++) {
		const struct scn_failure *sf = scn_run_failure(p->p_env, i);
		struct report_fact claim = { .fa_kind = FACT_CLAIM,
			.fa_file = sf->sf_pos.file,
			.fa_line = sf->sf_pos.line,
			.fa_col = sf->sf_pos.col,
			.fa_count = 1,
			.fa_title = sf->sf_command,
			.fa_text = sf->sf_message };

		report_fact_put(out, &claim);
	}
	facts_findings(rp, out);
}
