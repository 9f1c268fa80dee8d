/*
 * tfuzz.h - what fuzz targets that drive whole stacks share.
 *
 * The input is a program: bytes are taken one after the other, and there are
 * zeroes for ever behind them.  At its end the world is finished with all
 * oracles on; a finding that the program does not deserve aborts.
 */
#ifndef TESTS_LIB_TFUZZ_H
#define TESTS_LIB_TFUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include <vnetsim/teardown.h>

#define TF_MS INT64_C(1000000)
#define TF_S  INT64_C(1000000000)

struct tf_in {
	const uint8_t *p;
	size_t left;
};

uint8_t tf_8(struct tf_in *in);
uint16_t tf_16(struct tf_in *in);
/* 0 to @n - 1; @n at most 256. */
unsigned tf_n(struct tf_in *in, unsigned n);
/* A time between 1 ns and about @max, by orders of magnitude. */
int64_t tf_time(struct tf_in *in, int64_t max);

/* Stop here, with the place, if it is not so: a mistake of the target, or a
 * call that answers what it must not. */
#define TF_MUST(x) ((x) ? (void)0 : tf_die(__FILE__, __LINE__, #x))
_Noreturn void tf_die(const char *file, int line, const char *what);

/* Run for @ns, through completions of operations; at most @events. */
void tf_run(struct vnetsim *w, int64_t ns, unsigned events);

/* Run until @op is done, at most @ns, and release it.  0: nothing.
 * Return: its error; VE_INPROGRESS: it is not done, and not released. */
int tf_await(struct vnetsim *w, vnetsim_handle op, int64_t ns);

/*
 * Finish the world, let the survivors settle, audit.  Findings for which
 * @deserved(ctx, f) is true are fine; others are printed, then abort().
 */
void tf_finish(struct vnetsim *w,
    bool (*deserved)(void *ctx, const struct vnetsim_finding *f), void *ctx);

#endif /* !TESTS_LIB_TFUZZ_H */
