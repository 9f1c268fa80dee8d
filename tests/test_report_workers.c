/*
 * test_report_workers.c - workers that answer, panic, crash, exit and hang.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/workers.h"

#define NJOBS 40

/* What each job is to do. */
enum what { ANSWER, PANIC, CRASH, LEAVE, HANG };

struct test {
	enum what what[NJOBS];
	bool more; /* add a job once */
	unsigned results;
	enum workers_end end[NJOBS + 1];
	int code[NJOBS + 1];
	unsigned seen[NJOBS + 1];
	size_t bytes;
};

static void
run(void *ctx, struct worker *wk, unsigned job, struct rbuf *out)
{
	struct test *t = ctx;
	const struct vnetsim_host *h = worker_host(wk);
	volatile bool forever = true;

	worker_note(wk, "noted");
	switch (job < NJOBS ? t->what[job] : ANSWER) {
	case PANIC:
		h->panic(h->ctx, "panic: on purpose\n");
		break;
	case CRASH:
		(void)signal(SIGABRT, SIG_DFL);
		abort();
	case LEAVE:
		_exit(9);
	case HANG:
		while (forever)
			(void)pause();
		break;
	default:
		break;
	}
	for (unsigned i = 0; i < 1000 * (job + 1); i++)
		rbuf_add(out, "%c", 'a' + (int)(job % 26));
}

static void
done(void *ctx, struct workers *ws, const struct workers_result *res)
{
	struct test *t = ctx;

	t->results++;
	t->seen[res->wr_job]++;
	t->end[res->wr_job] = res->wr_end;
	t->code[res->wr_job] = res->wr_code;
	t->bytes += res->wr_len;
	if (res->wr_end == WORKERS_OK && res->wr_len > 0)
		assert_int_equal(res->wr_text[res->wr_len - 1],
		    'a' + (int)(res->wr_job % 26));
	if (res->wr_end == WORKERS_PANIC) {
		assert_string_equal(res->wr_panic, "panic: on purpose\n");
		assert_string_equal(res->wr_note, "noted");
	}
	if (t->more) {
		t->more = false;
		workers_add(ws, NJOBS);
	}
}

static int
go(struct test *t, unsigned n, unsigned timeout)
{
	struct workers_params wp = { .wp_n = n,
		.wp_njobs = NJOBS,
		.wp_timeout = timeout,
		.wp_run = run,
		.wp_done = done,
		.wp_ctx = t };

	return (workers_run(&wp));
}

static void
every_job_is_answered_once(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= 3; n++) {
		struct test t = { .more = true };

		assert_int_equal(go(&t, n, 0), 0);
		assert_int_equal(t.results, NJOBS + 1);
		for (unsigned i = 0; i <= NJOBS; i++) {
			assert_int_equal(t.seen[i], 1);
			assert_int_equal(t.end[i], WORKERS_OK);
		}
		assert_int_equal(t.bytes, 1000 * (NJOBS + 1) * (NJOBS + 2) / 2);
	}
}

static void
a_worker_that_dies_harms_no_other(void **state)
{
	struct test t = {
		.what = { [3] = PANIC, [7] = CRASH, [8] = LEAVE, [39] = PANIC }
	};

	(void)state;
	assert_int_equal(go(&t, 2, 0), 0);
	assert_int_equal(t.results, NJOBS);
	for (unsigned i = 0; i < NJOBS; i++) {
		assert_int_equal(t.seen[i], 1);
		assert_int_equal(t.end[i], i == 3 || i == 39 ? WORKERS_PANIC
					   : i == 7          ? WORKERS_CRASH
					   : i == 8          ? WORKERS_EXIT
							     : WORKERS_OK);
	}
	assert_int_equal(t.code[7], SIGABRT);
	assert_int_equal(t.code[8], 9);
}

static void
a_late_worker_is_killed(void **state)
{
	struct test t = { .what = { [1] = HANG } };

	(void)state;
	assert_int_equal(go(&t, 2, 1), 0);
	assert_int_equal(t.results, NJOBS);
	assert_int_equal(t.end[1], WORKERS_TIMEOUT);
	assert_int_equal(t.end[2], WORKERS_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_is_answered_once),
		cmocka_unit_test(a_worker_that_dies_harms_no_other),
		cmocka_unit_test(a_late_worker_is_killed),
	};

	if (workers_library() == NULL) {
		print_message("SKIPPED: built without libevent\n");
		return (77);
	}
	return (
	    cmocka_run_group_tests_name("workers", tests, NULL, NULL) ? 1 : 0);
}
