/*
 * test_sysctl_docs.c - docs/SYSCTLS.md says of each sysctl of the transports
 * what the stack says: name, default, meaning.
 *
 * `test_sysctl_docs print` prints the rows as they should be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/tstack.h"

#define ROWS 512
#define DOCS VNETSIM_SOURCE_DIR "/docs/SYSCTLS.md"

static char rows[ROWS][256];

/* Is it in the table?  Counters have FreeBSD's names and are not. */
static bool
wanted(const char *name)
{
	static const char *const prefixes[] = { "net.inet.tcp.",
		"net.inet.udp.", "kern.ipc.", "net.inet.ip.portrange." };

	if (strstr(name, ".stats") != NULL)
		return (false);
	for (unsigned i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return (true);
	return (false);
}

/* The table as the stack has it. */
static unsigned
make_rows(void)
{
	const char *name, *descr;
	struct st s = { 0 };
	unsigned k = 0;
	int64_t v;

	assert_true(st_open(&s, NULL));
	for (uint32_t n = 0; vnetsim_sysctl_next(s.w, n, &name, &descr) == 0;
	     n++) {
		if (!wanted(name))
			continue;
		assert_true(k < ROWS);
		assert_int_equal(vnetsim_sysctl_get(s.w, s.host, name, &v), 0);
		snprintf(rows[k++], sizeof(rows[0]), "| `%s` | %lld | %s |",
		    name, (long long)v, descr);
	}
	st_close(&s);
	return (k);
}

static void
each_row_is_there_and_no_other(void **state)
{
	unsigned n = make_rows(), found = 0, bad = 0;
	char line[512];
	FILE *f;

	(void)state;
	f = fopen(DOCS, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		unsigned i = 0;

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "| `", 3) != 0)
			continue;
		while (i < n && strcmp(rows[i], line) != 0)
			i++;
		if (i < n) {
			found++;
			rows[i][0] = '\0';
		} else {
			print_error("not so: %s\n", line);
			bad++;
		}
	}
	(void)fclose(f);
	for (unsigned i = 0; i < n; i++)
		if (rows[i][0] != '\0')
			print_error("missing: %s\n", rows[i]);
	assert_int_equal(bad, 0);
	assert_int_equal(found, n);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_there_and_no_other),
	};

	if (argc > 1 && strcmp(argv[1], "print") == 0) {
		unsigned n = make_rows();

		for (unsigned i = 0; i < n; i++)
			printf("%s\n", rows[i]);
		return (0);
	}
	return (cmocka_run_group_tests_name("sysctl docs", tests, NULL, NULL)
		    ? 1
		    : 0);
}
