/*
 * test_scn.h - what the tests of the scenario parser share.
 */
#ifndef TESTS_TEST_SCN_H
#define TESTS_TEST_SCN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scn.h"

struct scn_test_file {
	const char *path;
	const char *text;
};

/* Files that exist for a test, ended by one without a path. */
struct scn_test_files {
	const struct scn_test_file *v;
	unsigned reads;
};

static inline const char *
scn_test_read(void *arg, const char *path, char *buf, size_t *len)
{
	struct scn_test_files *files = arg;
	const struct scn_test_file *p;

	for (p = files->v; p->path != NULL; p++)
		if (strcmp(p->path, path) == 0) {
			*len = strlen(p->text);
			memcpy(buf, p->text, *len);
			files->reads++;
			return (NULL);
		}
	return ("No such file or directory");
}

/* Parses text that must be right; prints the errors if it is not. */
static inline struct scn_script *
scn_test_parse(const char *text, const struct scn_params *params)
{
	struct scn_script *script;
	struct scn_errors *errors;
	char buf[1024];
	size_t i;

	if (scn_parse_text("t", text, strlen(text), params, &script, &errors) !=
	    SCN_OK) {
		for (i = 0; errors != NULL && i < errors->n; i++) {
			scn_error_format(&errors->v[i], buf, sizeof(buf));
			print_error("%s", buf);
		}
		fail_msg("the text has errors: %s", text);
	}
	assert_null(errors);
	assert_non_null(script);
	return (script);
}

/* Parses text that must be wrong. */
static inline struct scn_errors *
scn_test_bad(const char *text, const struct scn_params *params)
{
	struct scn_script *script;
	struct scn_errors *errors;

	if (scn_parse_text("t", text, strlen(text), params, &script, &errors) !=
	    SCN_BAD)
		fail_msg("no error found in: %s", text);
	assert_null(script);
	assert_non_null(errors);
	assert_true(errors->n > 0);
	return (errors);
}

/* The n-th error is where and what "L:C: message" says. */
static inline void
scn_test_error(const struct scn_errors *errors, size_t n, const char *want)
{
	char buf[1024];
	const struct scn_error *e;

	assert_true(n < errors->n);
	e = &errors->v[n];
	snprintf(buf, sizeof(buf), "%u:%u: %s", (unsigned)e->pos.line,
	    (unsigned)e->pos.col, e->message);
	assert_string_equal(buf, want);
}

/* One error, and nothing else. */
static inline void
scn_test_one(
    const char *text, const struct scn_params *params, const char *want)
{
	struct scn_errors *errors = scn_test_bad(text, params);

	if (errors->n != 1)
		print_error("second error: %s\n", errors->v[1].message);
	assert_int_equal(errors->n, 1);
	assert_int_equal(errors->more, 0);
	scn_test_error(errors, 0, want);
	scn_errors_free(errors);
}

static inline char *
scn_test_slurp(const char *name)
{
	char path[512], *buf;
	size_t len;
	FILE *fp;

	snprintf(path, sizeof(path), "%s/%s", VNETSIM_SOURCE_DIR, name);
	fp = fopen(path, "rb");
	if (fp == NULL)
		fail_msg("cannot open %s", path);
	buf = malloc(SCN_FILE_MAX + 1);
	assert_non_null(buf);
	len = fread(buf, 1, SCN_FILE_MAX, fp);
	fclose(fp);
	buf[len] = '\0';
	return (buf);
}

#endif /* TESTS_TEST_SCN_H */
