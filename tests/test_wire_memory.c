/*
 * test_wire_memory.c - every allocation fails in turn; the monitor is saved and
 * restored by copying its memory.
 */
#include <stdalign.h>

#include "tests/test_wire.h"

static struct wt t;

/* Uses every table: holes, incarnations, names, findings of every kind. */
static void
rich(void)
{
	static const uint8_t arp[42] = { [12] = 8, [13] = 6 };
	struct wt_side kept[40][2];
	int i;

	wt_play(&t, "aS bSA aA aD10/l aD10 aD10/l aD10/& aD10/r-30 aF bA");
	for (i = 0; i < 40; i++) {
		t.side[0].port = (uint16_t)(2000 + i);
		wt_play(&t, "aS bSA aA");
		if (i % 4 == 0)
			wt_play(&t, "aS bA/k-1 aR/-1");
		memcpy(kept[i], t.side, sizeof(t.side));
	}
	wt_play(&t, "in:farewell/tcp kg");
	for (i = 0; i < 40; i++) {
		memcpy(t.side, kept[i], sizeof(t.side));
		if (i % 4 == 1)
			wt_play(&t, "aR");
		else if (i % 4 == 2)
			wt_play(&t, "aF bA bF aA");
	}
	wt_play(&t, "in: x");
	wt_send(&t, 0, 0, 1, arp, sizeof(arp), VNETSIM_V_SENT, MS);
	wt_send(&t, 0, 1, 0, arp, 12, VNETSIM_V_SENT, MS);
}

struct keys {
	char key[128][VNETSIM_WIREMON_KEY];
	uint32_t port[128];
	size_t n;
};

static void
collect(struct keys *k)
{
	struct vnetsim_wire_finding f;

	k->n = 0;
	for (; vnetsim_wiremon_finding(t.wm, k->n, &f); k->n++) {
		assert_true(k->n < 128);
		snprintf(k->key[k->n], sizeof(k->key[0]), "%s", f.wf_key);
		k->port[k->n] = f.wf_port[0];
	}
}

static bool
has(const struct keys *all, const char *key, uint32_t port)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (all->port[i] == port && strcmp(all->key[i], key) == 0)
			return (true);
	}
	return (false);
}

/* Names may be lost, so kinds and ports are what must agree then. */
static bool
has_kind(const struct keys *all, const char *key, uint32_t port)
{
	size_t i, n = strcspn(key, ":");

	for (i = 0; i < all->n; i++) {
		if (all->port[i] == port && strncmp(all->key[i], key, n) == 0)
			return (true);
	}
	return (false);
}

/*
 * Fails the n-th allocation, once or from then on, for all n: no crash, no
 * leak, no finding that the whole run does not have, and no silence about it.
 */
static void
every_allocation_fails(void **state)
{
	static struct keys whole, part;
	static char straight[sizeof(t.out)];
	long n, total;
	int sticky;
	size_t i;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	rich();
	snprintf(straight, sizeof(straight), "%s", wt_says(&t));
	collect(&whole);
	/* The first, a quarter of the others, ARP, a short frame. */
	assert_int_equal(whole.n, 1 + 10 + 1 + 1);
	total = t.mem.calls;
	assert_true(total > 30);
	wt_stop(&t);
	for (sticky = 0; sticky < 2; sticky++) {
		for (n = 1; n <= total + 1; n++) {
			t.mem.fail_at = n;
			t.mem.sticky = sticky;
			if (!wt_start(&t)) {
				assert_int_equal(n, 1);
				continue;
			}
			rich();
			wt_says(&t);
			collect(&part);
			if (n > total)
				assert_string_equal(t.out, straight);
			else if (strcmp(t.out, straight) != 0)
				assert_non_null(strstr(t.out, " incomplete"));
			for (i = 0; i < part.n; i++)
				assert_true(
				    has(&whole, part.key[i], part.port[i]) ||
				    has_kind(
					&whole, part.key[i], part.port[i]));
			wt_stop(&t);
		}
	}
}

/* What began while there was no memory is known in part, and not judged. */
static void
missed_the_beginning(void **state)
{
	int i;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	t.mem.fail_at = t.mem.calls + 1;
	t.mem.sticky = true;
	wt_play(&t, "aS bSA aA");
	t.mem.fail_at = 0;
	wt_play(&t, "aD5 bA kg x");
	assert_string_equal(wt_says(&t),
	    "ESTABLISHED/open ESTABLISHED/open abandoned blind b:undecided "
	    "incomplete undecided=1");
	wt_stop(&t);
	/* The record is full: the next incarnation finds no place. */
	assert_true(wt_start(&t));
	for (i = 0; i < 16; i++)
		wt_play(&t, i < 15 ? "aS bSA aA aR" : "aS bSA aA");
	t.mem.fail_at = t.mem.calls + 1;
	t.mem.sticky = true;
	wt_play(&t, "aS/+5");
	t.mem.fail_at = 0;
	wt_play(&t, "kg x");
	assert_non_null(strstr(wt_says(&t),
	    "ESTABLISHED/open ESTABLISHED/open abandoned blind b:undecided "
	    "incomplete undecided=1"));
	wt_stop(&t);
}

/* A world's memory: one arena, nothing else. */
static struct {
	alignas(64) uint8_t bytes[1 << 20];
	size_t used;
} arena, saved;

static void *
arena_alloc(void *ctx, size_t size)
{
	void *p = arena.bytes + arena.used;

	(void)ctx;
	arena.used += (size + 63) & ~(size_t)63;
	assert_true(arena.used <= sizeof(arena.bytes));
	return (p);
}

static void
arena_free(void *ctx, void *p)
{
	(void)ctx;
	(void)p;
}

/* Saved after every word of a run, and run on from there twice. */
static void
saved_and_restored(void **state)
{
	static const char *const words[] = { "aS", "bSA", "aA", "aD100/l",
		"aD100/&", "bA", "kg", "in:farewell/tcp", "aF/&", "bA", "bF/l",
		"in:", "x", ",", ",", ",", ",", ",", ",", "bF/r" };
	static char straight[sizeof(t.out)];
	static struct wt here;
	struct vnetsim_wiremon_mem mem = { arena_alloc, arena_free, NULL };
	size_t stop, i, n = sizeof(words) / sizeof(words[0]);

	(void)state;
	for (stop = 0; stop <= n; stop++) {
		memset(&t.mem, 0, sizeof(t.mem));
		assert_true(wt_start(&t));
		wt_stop(&t);
		memset(&arena, 0, sizeof(arena));
		t.wm = vnetsim_wiremon_create(&mem);
		wt_born(&t, 0, "cli");
		wt_born(&t, 1, "srv");
		for (i = 0; i < stop; i++)
			wt_play(&t, words[i]);
		saved = arena;
		here = t;
		for (i = stop; i < n; i++)
			wt_play(&t, words[i]);
		snprintf(straight, sizeof(straight), "%s", wt_says(&t));
		assert_non_null(strstr(straight, "!stuck"));
		/* Spoil all, restore, go on: the same answers. */
		memset(&arena, 0x5a, sizeof(arena));
		arena = saved;
		t = here;
		for (i = stop; i < n; i++)
			wt_play(&t, words[i]);
		assert_string_equal(wt_says(&t), straight);
	}
}

/* Asking on the way, or feeding the same stream again: the same answers. */
static void
asking_changes_nothing(void **state)
{
	static char straight[sizeof(t.out)];

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	rich();
	snprintf(straight, sizeof(straight), "%s", wt_says(&t));
	wt_stop(&t);
	assert_true(wt_start(&t));
	t.nosy = true;
	rich();
	assert_string_equal(wt_says(&t), straight);
	wt_stop(&t);
	vnetsim_wiremon_destroy(NULL);
}

/* What is under way is released when it has arrived: no growth in time. */
static void
steady_state(void **state)
{
	long calls;
	int i;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	wt_play(&t, "aS bSA aA");
	for (i = 0; i < 100; i++)
		wt_play(&t, "aD100/l aD100 bA aD100/r-100 bA bD1 aA");
	calls = t.mem.calls;
	for (i = 0; i < 5000; i++)
		wt_play(&t, "aD100/l aD100 bA aD100/r-100 bA bD1 aA");
	assert_int_equal(t.mem.calls, calls);
	wt_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(missed_the_beginning),
		cmocka_unit_test(saved_and_restored),
		cmocka_unit_test(asking_changes_nothing),
		cmocka_unit_test(steady_state),
	};

	return (cmocka_run_group_tests_name("wire_memory", tests, NULL, NULL)
		    ? 1
		    : 0);
}
