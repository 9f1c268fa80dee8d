/*
 * bench_main.c - the table of figures, with default oracles on.
 *
 * usage: vnetsim_bench [--quick] [--json FILE] [GROUP ...]
 *
 * Exit 0 whatever the figures are: a target that is missed is marked "MISSED"
 * in the table and in the JSON.  Figures depend on the machine; the targets
 * are those of DESIGN section 9.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bench/bench.h"

int64_t
bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec);
}

uint64_t
bench_rss(void)
{
	uint64_t kib = 0, one;
	char line[128];
	FILE *f = fopen("/proc/self/status", "r");

	if (f == NULL)
		return (0);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "VmRSS:", 6) != 0 &&
		    strncmp(line, "VmPTE:", 6) != 0)
			continue;
		one = strtoull(line + 6, NULL, 10);
		kib += one;
	}
	fclose(f);
	return (kib * 1024);
}

unsigned
bench_mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned n = 0;
	int c;

	if (f == NULL)
		return (0);
	while ((c = fgetc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return (n);
}

void
bench_must(int error, const char *what)
{
	if (error == 0)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, vnetsim_strerror(error));
	exit(1);
}

struct vnetsim *
bench_world(void)
{
	int error;
	struct vnetsim *w = vnetsim_create(NULL, NULL, &error);

	if (w == NULL)
		bench_must(error, "vnetsim_create");
	return (w);
}

static bool
bench_missed(const struct bench_row *r)
{
	if (r->target == 0)
		return (false);
	return (r->atleast ? r->value < r->target : r->value > r->target);
}

void
bench_add(struct bench *b, const char *name, double value, const char *unit,
    double target, bool atleast, const char *note)
{
	struct bench_row *r = &b->row[b->nrows++];

	snprintf(r->name, sizeof(r->name), "%s", name);
	r->value = value;
	r->unit = unit;
	r->target = target;
	r->atleast = atleast;
	snprintf(r->note, sizeof(r->note), "%s", note != NULL ? note : "");
	printf("%-44s %12.1f %-6s", r->name, value, unit);
	if (target != 0)
		printf(" %s %-10.0f %s", atleast ? ">=" : "<=", target,
		    bench_missed(r) ? "MISSED" : "ok");
	printf("%s%s\n", note != NULL ? "  " : "", note != NULL ? note : "");
	fflush(stdout);
}

void
bench_none(
    struct bench *b, const char *name, const char *unit, const char *reason)
{
	struct bench_row *r = &b->row[b->nrows++];

	snprintf(r->name, sizeof(r->name), "%s", name);
	snprintf(r->note, sizeof(r->note), "%s", reason);
	r->unit = unit;
	r->none = true;
	printf("%-44s %12s %-6s  %s\n", r->name, "-", unit, reason);
	fflush(stdout);
}

/* The value of a row, null if it could not be measured. */
static const char *
bench_value(const struct bench_row *r, char *buf, size_t size)
{
	if (r->none)
		return ("null");
	snprintf(buf, size, "%.3f", r->value);
	return (buf);
}

static int
bench_json(const struct bench *b, const char *path)
{
	FILE *f = fopen(path, "w");
	char value[64];

	if (f == NULL) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		return (74);
	}
	fprintf(f, "{\"bench\": [\n");
	for (unsigned i = 0; i < b->nrows; i++) {
		const struct bench_row *r = &b->row[i];

		fprintf(f,
		    "  {\"name\": \"%s\", \"value\": %s, \"unit\": \"%s\", "
		    "\"note\": \"%s\", "
		    "\"target\": %.0f, \"atleast\": %s, \"missed\": %s}%s\n",
		    r->name, bench_value(r, value, sizeof(value)), r->unit,
		    r->note, r->target, r->atleast ? "true" : "false",
		    bench_missed(r) ? "true" : "false",
		    i + 1 < b->nrows ? "," : "");
	}
	fprintf(f, "]}\n");
	if (fclose(f) != 0) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		return (74);
	}
	return (0);
}

static const struct {
	const char *name;
	void (*run)(struct bench *b);
} groups[] = {
	{ "vnets", bench_vnets },
	{ "timers", bench_timers },
	{ "save", bench_save },
	{ "e1", bench_e1 },
	{ "tcp", bench_tcp },
	{ "scale", bench_scale },
#ifdef VNETSIM_BENCH_NETNS
	{ "netns", bench_netns },
#endif
};
#define NGROUPS (sizeof(groups) / sizeof(groups[0]))

/* Return: the group's bit, 0: no such group. */
static unsigned
bench_group(const char *name)
{
	for (unsigned i = 0; i < NGROUPS; i++)
		if (strcmp(groups[i].name, name) == 0)
			return (1u << i);
	return (0);
}

static int
bench_usage(void)
{
	fprintf(stderr,
	    "usage: vnetsim_bench [--quick] [--json FILE] [GROUP ...]\n"
	    "groups:");
	for (unsigned i = 0; i < NGROUPS; i++)
		fprintf(stderr, " %s", groups[i].name);
	fprintf(stderr, "\n");
	return (64);
}

int
main(int argc, char **argv)
{
	static struct bench b;
	const char *json = NULL;
	unsigned wanted = 0, bit;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0)
			b.quick = true;
		else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
			json = argv[++i];
		else if ((bit = bench_group(argv[i])) != 0)
			wanted |= bit;
		else
			return (bench_usage());
	}
	for (unsigned i = 0; i < NGROUPS; i++)
		if (wanted == 0 || (wanted & 1u << i) != 0)
			groups[i].run(&b);
	return (json != NULL ? bench_json(&b, json) : 0);
}
