/*
 * test_view.c - a dump shows exactly what the live world showed.
 *
 * The same questions are asked of a live world and of a dump of it; the texts
 * of all answers must be equal, byte for byte, in states that are hard to
 * reach by hand: connections in all states, a lent interface, every event of a
 * teardown, inside an event, after a panic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"
#include "tests/lib/tview.h"

enum { CONNS = 5 };

/* Compare; the text of the live one is the caller's to free, if asked for. */
static void
same(struct vnetsim *w, char **textp)
{
	struct vnetsim_view *v;
	struct tview_file f;
	char why[160] = "";
	char *live, *file;
	size_t i;

	live = tview_text(vnetsim_view_live(w), 64);
	assert_int_equal(tview_dump(w, "test", &f), 0);
	assert_int_equal(f.tf_len, vnetsim_dump_size(w));
	if (vnetsim_view_open(f.tf_bytes, f.tf_len, 0, &v, why, sizeof(why)) !=
	    0)
		fail_msg("open: %s", why);
	file = tview_text(v, 64);
	if (strcmp(live, file) != 0) {
		for (i = 0; live[i] == file[i]; i++)
			;
		for (; i > 0 && live[i - 1] != '\n'; i--)
			;
		fail_msg(
		    "differ:\nlive: %.300s\nfile: %.300s", live + i, file + i);
	}
	vnetsim_view_close(v);
	free(file);
	tview_free(&f);
	if (textp != NULL)
		*textp = live;
	else
		free(live);
}

/* Connections in several states, data on the way, blocked calls. */
static void
busy(struct st *s)
{
	int a[CONNS], b[CONNS], l;
	vnetsim_handle op;

	memset(s, 0, sizeof(*s));
	assert_true(st_open(s, NULL));
	st_setup(s);
	l = st_listen(s, s->phub, 80, CONNS);
	for (int i = 0; i < CONNS; i++)
		assert_int_equal(st_connect(s, s->pcli, ST_HUB, 80, s->phub, l,
				     &a[i], &b[i]),
		    0);
	(void)st_send(s, s->pcli, a[1], 3000);
	(void)st_send(s, s->phub, b[2], 100000);
	(void)ST(s, vnetsim_shutdown(s->w, s->pcli, a[3], VNETSIM_SHUT_WR));
	(void)ST(s, vnetsim_close(s->w, s->phub, b[4], NULL));
	assert_int_equal(
	    vnetsim_accept(s->w, s->phub, l, 0, &b[0], &op), VE_INPROGRESS);
	for (int i = 0; i < 7; i++)
		(void)vnetsim_step(s->w, INT64_MAX);
}

static void
idle(void **state)
{
	struct st s = { 0 };
	struct tview_file f;
	char *text;

	(void)state;
	assert_true(st_open(&s, NULL));
	same(s.w, &text);
	/* the strings come through */
	assert_non_null(strstr(text, "vnet 0 0 alive - 1 "));
	assert_non_null(strstr(text, "jail 0 0 0 0 1 "));
	assert_non_null(strstr(text, "type V_tcp tcp "));
	assert_non_null(strstr(text, "\tpr_name = 0\n"));
	free(text);
	assert_int_equal(tview_dump(s.w, NULL, &f), 0);
	print_message("an idle world takes %zu bytes\n", f.tf_len);
	tview_free(&f);
	st_close(&s);
}

static void
busy_world(void **state)
{
	struct st s;
	char *text;

	(void)state;
	busy(&s);
	same(s.w, &text);
	assert_non_null(strstr(text, "callout tcp.rexmt 2 tcp pending "));
	assert_non_null(strstr(text, "op accept 1 "));
	assert_non_null(strstr(text, "t_state = "));
	assert_null(strstr(text, "(stale)"));
	assert_null(strstr(text, " ?"));
	free(text);
	st_close(&s);
}

/* Every event of a teardown, a lent interface in it. */
static void
every_event_of_a_teardown(void **state)
{
	vnetsim_handle op;
	unsigned n = 0;
	struct st s;

	(void)state;
	busy(&s);
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &op), 0);
	while (vnetsim_step(s.w, INT64_MAX))
		if (++n % 3 == 0)
			same(s.w, NULL);
	assert_true(n > 100);
	st_close(&s);
}

static struct vnetsim *in_world;
static unsigned in_calls;

/* Inside an event: a frame is on its way. */
static void
on_wire(void *ctx, const struct vnetsim_wire_event *ev)
{
	(void)ctx;
	(void)ev;
	if (in_calls++ % 5 == 0)
		same(in_world, NULL);
}

static void
inside_an_event(void **state)
{
	struct st s;
	char *text;

	(void)state;
	busy(&s);
	in_world = s.w;
	in_calls = 0;
	vnetsim_set_wire(s.w, on_wire, NULL);
	st_run(&s, ST_S);
	assert_true(in_calls > 10);
	vnetsim_set_wire(s.w, NULL, NULL);
	same(s.w, &text);
	free(text);
	st_close(&s);
}

static jmp_buf out_of_panic;

static void
test_panic(void *ctx, const char *text)
{
	(void)ctx;
	assert_non_null(strstr(text, "planted"));
	longjmp(out_of_panic, 1);
}

static void
panic_in_wire(void *ctx, const struct vnetsim_wire_event *ev)
{
	(void)ctx;
	if (ev->we_kind == VNETSIM_WIRE_FRAME)
		panic("planted");
}

static void
after_a_panic(void **state)
{
	struct vnetsim_host host = *vnetsim_host_posix();
	struct vnetsim_view_info info;
	struct st s;
	char *text;

	(void)state;
	busy(&s);
	host.panic = test_panic;
	((struct world *)(void *)s.w)->w_host = &host;
	vnetsim_set_wire(s.w, panic_in_wire, NULL);
	if (setjmp(out_of_panic) == 0) {
		st_run(&s, ST_S);
		fail_msg("no panic");
	}
	same(s.w, &text);
	vnetsim_view_info(vnetsim_view_live(s.w), &info);
	assert_true(info.inside);
	assert_non_null(info.door);
	assert_non_null(info.module);
	assert_string_not_equal(info.vname, "");
	free(text);
	st_close(&s);
}

/* Every object can be found by the name that fields print. */
static void
objects_by_name(void **state)
{
	const struct vnetsim_view *v;
	struct vnetsim_object o, p;
	unsigned n = 0;
	struct st s;

	(void)state;
	busy(&s);
	v = vnetsim_view_live(s.w);
	for (uint32_t vnet = 0; vnet < 3; vnet++)
		for (uint64_t it = 0;
		     vnetsim_object_next(v, vnet, NULL, &it, &o) == 0; n++) {
			assert_int_equal(vnetsim_object_find(v, o.type,
					     o.birth_vnet, o.serial, &p),
			    0);
			assert_int_equal(o.cookie, p.cookie);
			assert_int_equal(o.vnet, p.vnet);
		}
	assert_true(n > 200);
	assert_int_equal(
	    vnetsim_object_find(v, "tcpcb", 1, 999999, &p), VE_NOENT);
	assert_int_equal(vnetsim_object_find(v, "tcpcb", 77, 1, &p), VE_NOENT);
	assert_int_equal(vnetsim_object_find(v, "nothing", 1, 1, &p), VE_NOENT);
	st_close(&s);
}

static int
refuse_after(void *ctx, const void *p, size_t n)
{
	size_t *left = ctx;

	(void)p;
	if (n > *left)
		return (VE_NOSPC);
	*left -= n;
	return (0);
}

/* A dump that cannot be written says so. */
static void
write_errors(void **state)
{
	struct st s = { 0 };
	uint64_t size;
	size_t left;

	(void)state;
	assert_true(st_open(&s, NULL));
	size = vnetsim_dump_size(s.w);
	left = size;
	assert_int_equal(vnetsim_dump(s.w, "x", refuse_after, &left), 0);
	assert_int_equal(left, 0);
	for (uint64_t n = 0; n < size; n += 1 + size / 50) {
		left = n;
		assert_int_equal(
		    vnetsim_dump(s.w, "x", refuse_after, &left), VE_NOSPC);
	}
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle),
		cmocka_unit_test(busy_world),
		cmocka_unit_test(every_event_of_a_teardown),
		cmocka_unit_test(inside_an_event),
		cmocka_unit_test(after_a_panic),
		cmocka_unit_test(objects_by_name),
		cmocka_unit_test(write_errors),
	};

	return (cmocka_run_group_tests_name("view", tests, NULL, NULL) ? 1 : 0);
}
