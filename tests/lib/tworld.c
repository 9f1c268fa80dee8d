/*
 * tworld.c - worlds for tests: host, run, findings, expected panics.
 *
 * The mutable statics belong to the test program; a test is one thread.
 */
#include "tests/lib/tworld.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf tw_jmp;
static bool tw_armed;
static char tw_text[8192];
static struct vnetsim_host tw_hosttab;
static bool tw_expected[FINDING_MAX];

static void
tw_panic(void *ctx, const char *text)
{
	(void)ctx;
	if (!tw_armed) {
		fprintf(stderr, "%s", text);
		abort();
	}
	tw_armed = false;
	snprintf(tw_text, sizeof(tw_text), "%s", text);
	longjmp(tw_jmp, 1);
}

const struct vnetsim_host *
tw_host(void)
{
	tw_hosttab = *vnetsim_host_posix();
	tw_hosttab.panic = tw_panic;
	return (&tw_hosttab);
}

bool
tw_panics(void (*fn)(void *arg), void *arg, const char *part)
{
	tw_armed = true;
	tw_text[0] = '\0';
	if (setjmp(tw_jmp) == 0) {
		fn(arg);
		tw_armed = false;
		return (false);
	}
	if (strstr(tw_text, part) != NULL)
		return (true);
	fprintf(stderr, "another panic than \"%s\": %s", part, tw_text);
	return (false);
}

const char *
tw_panic_text(void)
{
	return (tw_text);
}

struct world_config
tw_config(const struct vnet_module *const *mods)
{
	return ((struct world_config){ .wc_seed = 1,
	    .wc_size = (size_t)256 << 20,
	    .wc_modules = mods,
	    .wc_upcalls = &tw_upcalls });
}

struct world *
tw_create_cfg(const struct world_config *cfg)
{
	struct world *w;
	int error;

	memset(tw_expected, 0, sizeof(tw_expected));
	w = world_create(tw_host(), cfg, &error);
	assert_non_null(w);
	assert_int_equal(error, 0);
	return (w);
}

struct world *
tw_create(const struct vnet_module *const *mods)
{
	struct world_config cfg;

	cfg = tw_config(mods);
	return (tw_create_cfg(&cfg));
}

uint32_t
tw_run(struct world *w)
{
	uint32_t n;

	for (n = 0; world_step(w, INT64_MAX); n++)
		assert_true(n < 10000000);
	return (n);
}

uint32_t
tw_finding(struct world *w, enum oracle o, const char *kind)
{
	const struct finding *fi;
	uint32_t i, n;

	n = 0;
	for (i = 0; (fi = finding_get(w, i)) != NULL; i++) {
		if (fi->fi_oracle != o ||
		    (kind != NULL && strcmp(fi->fi_kind, kind) != 0))
			continue;
		tw_expected[i] = true;
		n += fi->fi_count;
	}
	return (n);
}

void
tw_print(struct world *w)
{
	const struct finding *fi;
	uint32_t i;

	for (i = 0; (fi = finding_get(w, i)) != NULL; i++)
		fprintf(stderr, "finding %u: %s.%s x%u: %s (%s)\n", i,
		    oracle_name(fi->fi_oracle), fi->fi_kind, fi->fi_count,
		    fi->fi_text, fi->fi_birth != NULL ? fi->fi_birth : "-");
}

void
tw_destroy(struct world *w)
{
	uint32_t i;
	bool bad;

	bad = false;
	for (i = 0; finding_get(w, i) != NULL; i++)
		bad |= !tw_expected[i];
	if (bad)
		tw_print(w);
	assert_false(bad);
	world_destroy(w);
}

struct prison *
tw_jail(const char *name)
{
	struct prison *pr;
	int error;

	error = prison_create(
	    curworld()->w_jail.wj_prison0, name, PR_PERSIST | PR_VNET, 10, &pr);
	assert_int_equal(error, 0);
	return (pr);
}
