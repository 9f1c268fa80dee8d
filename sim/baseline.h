/*
 * baseline.h - findings that are known, each with a reason and a last day.
 */
#ifndef SIM_BASELINE_H
#define SIM_BASELINE_H

#include <stdio.h>

#include <vnetsim/teardown.h>

#include "sim/report_buf.h"

#define BASELINE_ENTRIES 4096   /* in one file */
#define BASELINE_LINE    1024   /* bytes, without the newline */
#define BASELINE_DAYS    30     /* what a skeleton gives */
#define BASELINE_TODO    "TODO" /* begins a reason that is none */
#define BASELINE_DATE    sizeof("YYYY-MM-DD")

/**
 * struct baseline_entry - a finding that is known
 * @be_key:	(o) its key, with or without the step
 * @be_reason:	(o) why it is tolerated
 * @be_until:	the last day on which it is
 * @be_line:	in the file, from 1
 * @be_hits:	findings that matched
 * @be_expired:	that day is over
 */
struct baseline_entry {
	char *be_key;
	char *be_reason;
	char be_until[BASELINE_DATE];
	unsigned be_line;
	unsigned be_hits;
	bool be_expired;
};

/**
 * struct baseline - a file of them; all zero is an empty one
 * @bl_path:	(b)
 * @bl_e:	(o)
 */
struct baseline {
	const char *bl_path;
	struct baseline_entry *bl_e;
	unsigned bl_n, bl_cap;
	char bl_today[BASELINE_DATE];
};

/* Findings of this run, for a new file. */
struct baseline_out {
	struct baseline_new {
		char *bn_key, *bn_text;
	} * bo_v;
	unsigned bo_n, bo_cap;
	bool bo_nomem;
};

bool baseline_date(const char *s, char date[BASELINE_DATE]);
void baseline_today(char date[BASELINE_DATE]);
void baseline_later(char date[BASELINE_DATE], unsigned days);
int baseline_read(
    struct baseline *bl, const char *path, const char *today, const char *cmd);
void baseline_free(struct baseline *bl);
void baseline_key(struct rbuf *out, const char *key, const char *step);
struct baseline_entry *baseline_find(
    const struct baseline *bl, const char *key, const char *step);
bool baseline_excuses(void *arg, const struct vnetsim_finding *f);
bool baseline_known(const struct baseline_entry *be);
void baseline_tell(const struct baseline *bl, const char *cmd, bool stale);

void baseline_out_add(
    struct baseline_out *bo, const char *key, const char *text);
int baseline_out_write(struct baseline_out *bo, const char *path,
    const struct baseline *bl, const char *today);
void baseline_out_free(struct baseline_out *bo);

#endif /* !SIM_BASELINE_H */
