/*
 * test_tap.c - devices of tap and tun: who has them open, and what waits for
 * whom when interface, process and vnets end in every order.
 */
#include <string.h>
#include <vnetsim/tap.h>
#include "tests/lib/tstack.h"

static struct st s;
static vnetsim_handle a, b, pa, pb, ph;

static void
make(const char *name, vnetsim_handle *jail, vnetsim_handle *proc)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};

	assert_int_equal(vnetsim_jail_create(s.w, &jp, jail), 0);
	assert_int_equal(vnetsim_proc_create(s.w, *jail, "p", proc), 0);
}

/* The host and jails a, b; tap0 of the host, up. */
static int
begin(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "tap";

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_true(st_open(&s, NULL));
	make("a", &a, &pa);
	make("b", &b, &pb);
	assert_int_equal(vnetsim_proc_create(s.w, s.host, "p", &ph), 0);
	assert_int_equal(vnetsim_if_create(s.w, s.host, name), 0);
	assert_string_equal(name, "tap0");
	assert_int_equal(vnetsim_if_up(s.w, s.host, "tap0", true), 0);
	return (0);
}

static int
end(void **state)
{
	(void)state;
	st_close(&s);
	return (0);
}

static int
opened(vnetsim_handle proc)
{
	int fd = -1;

	assert_int_equal(vnetsim_tap_open(s.w, proc, "tap0", &fd), 0);
	return (fd);
}

/* The interface of a jail.  Return: false: it has none of that name. */
static bool
info(vnetsim_handle jail, const char *name, struct vnetsim_ifinfo *ii)
{
	for (uint32_t n = 0; vnetsim_if_next(s.w, jail, n, ii) == 0; n++)
		if (strcmp(ii->name, name) == 0)
			return (true);
	return (false);
}

static bool
has(vnetsim_handle jail, const char *name)
{
	struct vnetsim_ifinfo ii;

	return (info(jail, name, &ii));
}

static void
lend(vnetsim_handle from, vnetsim_handle to)
{
	vnetsim_handle op;

	assert_int_equal(vnetsim_if_vnet(s.w, from, "tap0", to, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
}

static void
one_has_it_open(void **state)
{
	struct vnetsim_ifinfo ii;
	int fd, other;

	(void)state;
	assert_int_equal(vnetsim_tap_open(s.w, ph, "tap1", &fd), VE_NOENT);
	assert_int_equal(vnetsim_tap_open(s.w, ph, "lo0", &fd), VE_NOENT);
	/* of another vnet */
	assert_int_equal(vnetsim_tap_open(s.w, pa, "tap0", &fd), VE_NOENT);
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(ii.linkstate, 1);
	fd = opened(ph);
	assert_int_equal(vnetsim_tap_open(s.w, ph, "tap0", &other), VE_BUSY);
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(ii.linkstate, 2);
	/* another name does not matter to the device */
	assert_int_equal(vnetsim_close(s.w, ph, fd, NULL), 0);
	assert_int_equal(vnetsim_if_ioctl(s.w, s.host, "tap0",
			     &(struct vnetsim_ifreq){
				 .cmd = VNETSIM_IF_NAME, .arg = "wire" }),
	    0);
	fd = opened(ph);
	assert_int_equal(vnetsim_tap_open(s.w, ph, "wire", &other), VE_NOENT);
	/* it is no socket, and a socket is no tap */
	assert_int_equal(vnetsim_listen(s.w, ph, fd, 5), VE_NOTSOCK);
	assert_int_equal(vnetsim_socket(s.w, ph, VNETSIM_UDP, &other), 0);
	assert_int_equal(vnetsim_tap_write(s.w, ph, other, "x", 1), VE_NODEV);
	assert_int_equal(vnetsim_tap_transient(s.w, ph, 17, true), VE_BADF);
	assert_int_equal(st_finish(&s), 0);
}

static void
frames_wait_up_to_the_limit(void **state)
{
	static uint8_t big[VNETSIM_TAP_MRU + 15];
	struct vnetsim_result res;
	struct vnetsim_ifinfo ii;
	vnetsim_handle op;
	unsigned n;
	int fd;

	(void)state;
	fd = opened(ph);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.host, "tap0", 0x0a000001, 24, true), 0);
	/* the announcement is the first; ARP goes once a second */
	for (n = 1; n < VNETSIM_TAP_QUEUE; n++) {
		assert_int_equal(
		    vnetsim_ping(s.w, s.host, 0x0a000001 + n, 8, ST_MS, NULL),
		    0);
		st_run(&s, 2 * ST_MS);
	}
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(ii.odrops, 0);
	assert_int_equal(
	    vnetsim_ping(s.w, s.host, 0x0a0000f0, 8, ST_MS, NULL), 0);
	st_run(&s, 2 * ST_MS);
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(ii.odrops, 1);
	/* a short read loses the rest of its frame, not the next one */
	assert_int_equal(
	    vnetsim_tap_read(s.w, ph, fd, 0, VNETSIM_NONBLOCK, &op), VE_INVAL);
	for (n = 0; n < VNETSIM_TAP_QUEUE; n++) {
		assert_int_equal(vnetsim_tap_read(s.w, ph, fd,
				     n == 0 ? 5 : 2000, VNETSIM_NONBLOCK, &op),
		    0);
		assert_int_equal(vnetsim_op_poll(s.w, op, &res), 0);
		assert_int_equal(res.datalen, n == 0 ? 5 : 42);
		assert_int_equal(vnetsim_op_release(s.w, op), 0);
	}
	assert_int_equal(
	    vnetsim_tap_read(s.w, ph, fd, 2000, VNETSIM_NONBLOCK, &op),
	    VE_AGAIN);
	/* and of a write */
	assert_int_equal(
	    vnetsim_tap_write(s.w, ph, fd, big, sizeof(big) - 1), 0);
	assert_int_equal(
	    vnetsim_tap_write(s.w, ph, fd, big, sizeof(big)), VE_IO);
	assert_int_equal(vnetsim_tap_write(s.w, ph, fd, big, 0), 0);
	/* one that is down takes everything and hears nothing */
	assert_int_equal(vnetsim_if_up(s.w, s.host, "tap0", false), 0);
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(vnetsim_tap_write(s.w, ph, fd, big, sizeof(big)), 0);
	n = (unsigned)ii.ipackets;
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(ii.ipackets, n);
	assert_int_equal(st_finish(&s), 0);
}

static void
destroy_waits_for_the_last_close(void **state)
{
	struct vnetsim_result res;
	vnetsim_handle op, rd;
	int fd, passed, other;

	(void)state;
	fd = opened(ph);
	assert_int_equal(vnetsim_fdpass(s.w, ph, fd, pa, &passed), 0);
	assert_int_equal(
	    vnetsim_tap_read(s.w, pa, passed, 100, 0, &rd), VE_INPROGRESS);
	assert_int_equal(vnetsim_if_destroy(s.w, s.host, "tap0", &op), 0);
	/* as long as it takes: a user's wait is no finding */
	st_run(&s, 1000 * ST_S);
	assert_int_equal(vnetsim_op_poll(s.w, op, &res), VE_INPROGRESS);
	assert_true(has(s.host, "tap0"));
	assert_int_equal(vnetsim_tap_open(s.w, ph, "tap0", &other), VE_BUSY);
	assert_int_equal(
	    vnetsim_if_destroy(s.w, s.host, "tap0", NULL), VE_BUSY);
	assert_int_equal(vnetsim_close(s.w, ph, fd, NULL), 0);
	st_run(&s, ST_S);
	assert_int_equal(vnetsim_op_poll(s.w, op, &res), VE_INPROGRESS);
	/* the other one dies in its read */
	assert_int_equal(vnetsim_proc_kill(s.w, pa), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(st_await(&s, rd, ST_S), VE_INTR);
	assert_false(has(s.host, "tap0"));
	assert_int_equal(st_finish(&s), 0);
}

static void
transient_ones_go_with_their_close(void **state)
{
	int fd;

	(void)state;
	fd = opened(ph);
	assert_int_equal(vnetsim_tap_transient(s.w, ph, fd, true), 0);
	assert_int_equal(vnetsim_tap_transient(s.w, ph, fd, false), 0);
	assert_int_equal(vnetsim_close(s.w, ph, fd, NULL), 0);
	st_run(&s, ST_S);
	assert_true(has(s.host, "tap0"));
	/* in the vnet where it is by then; no address is left */
	fd = opened(ph);
	assert_int_equal(vnetsim_tap_transient(s.w, ph, fd, true), 0);
	lend(s.host, a);
	assert_int_equal(
	    vnetsim_if_inet(s.w, a, "tap0", 0x0a000001, 24, true), 0);
	assert_int_equal(vnetsim_close(s.w, ph, fd, NULL), 0);
	st_run(&s, ST_S);
	assert_false(has(a, "tap0"));
	assert_false(has(s.host, "tap0"));
	assert_int_equal(st_finish(&s), 0);
}

/* The interface goes to a, a reader of the host waits all the time. */
static void
a_reader_follows_its_interface(void **state)
{
	struct vnetsim_result res;
	vnetsim_handle rd;
	int fd;

	(void)state;
	fd = opened(ph);
	assert_int_equal(
	    vnetsim_tap_read(s.w, ph, fd, 100, 0, &rd), VE_INPROGRESS);
	lend(s.host, a);
	assert_int_equal(
	    vnetsim_tap_write(s.w, ph, fd, "x", 1), VE_BUSY); /* blocked */
	assert_int_equal(vnetsim_op_poll(s.w, rd, &res), VE_INPROGRESS);
	assert_int_equal(
	    vnetsim_if_inet(s.w, a, "tap0", 0x0a000001, 24, true), 0);
	assert_int_equal(st_wait(&s, rd, ST_S, &res), 0);
	assert_int_equal(res.datalen, 42);
	assert_int_equal(vnetsim_op_release(s.w, rd), 0);
	/* it waits again while a dies: the interface comes home, open */
	assert_int_equal(
	    vnetsim_tap_read(s.w, ph, fd, 100, 0, &rd), VE_INPROGRESS);
	assert_int_equal(st_remove(&s, "a", 100 * ST_S), 0);
	assert_true(has(s.host, "tap0"));
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.host, "tap0", 0x0a000002, 24, true), 0);
	assert_int_equal(st_await(&s, rd, ST_S), 0);
	assert_int_equal(st_finish(&s), 0);
}

/* Made by a, lent to b, opened by b: a ends, and b does not close. */
static void
a_home_that_ends_names_who_has_it_open(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "tap7";
	vnetsim_handle op;
	int fd;

	(void)state;
	assert_int_equal(vnetsim_if_create(s.w, a, name), 0);
	assert_int_equal(vnetsim_if_vnet(s.w, a, "tap7", b, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(vnetsim_tap_open(s.w, pb, "tap7", &fd), 0);
	assert_int_equal(vnetsim_jail_remove(s.w, a, &op), 0);
	/* in time: nothing is wrong */
	st_run(&s, 60 * ST_S);
	assert_int_equal(st_findings(&s, NULL, NULL), 0);
	assert_int_equal(vnetsim_close(s.w, pb, fd, NULL), 0);
	assert_int_equal(st_await(&s, op, 100 * ST_S), 0);
	assert_false(has(b, "tap7"));
	assert_int_equal(st_finish(&s), 0);
}

static void
and_a_finding_says_so(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "tap7";
	struct vnetsim_finding f;
	vnetsim_handle op;
	int fd;

	(void)state;
	assert_int_equal(vnetsim_if_create(s.w, a, name), 0);
	assert_int_equal(vnetsim_if_vnet(s.w, a, "tap7", b, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(vnetsim_tap_open(s.w, pb, "tap7", &fd), 0);
	assert_int_equal(vnetsim_jail_remove(s.w, a, NULL), 0);
	st_run(&s, 600 * ST_S);
	/* the wait for it, and for it as one of all that a made */
	assert_int_equal(st_findings(&s, "liveness", NULL), 2);
	assert_int_equal(vnetsim_finding(s.w, 0, &f), 0);
	assert_non_null(strstr(f.text, "open"));
	assert_non_null(strstr(f.holders[0], "f_obj"));
	assert_true(st_finish(&s) > 0);
}

/* A descriptor pins the jail of who opened it, wherever it is. */
static void
a_descriptor_pins_its_first_owner(void **state)
{
	vnetsim_handle op;
	struct vnetsim_result res;
	int fd, passed;

	(void)state;
	lend(s.host, a);
	fd = opened(pa);
	assert_int_equal(vnetsim_fdpass(s.w, pa, fd, pb, &passed), 0);
	assert_int_equal(vnetsim_jail_remove(s.w, a, &op), 0);
	st_run(&s, 500 * ST_S);
	assert_int_equal(vnetsim_op_poll(s.w, op, &res), VE_INPROGRESS);
	assert_int_equal(vnetsim_close(s.w, pb, passed, NULL), 0);
	assert_int_equal(st_await(&s, op, 100 * ST_S), 0);
	assert_true(has(s.host, "tap0"));
	assert_int_equal(st_finish(&s), 0);
}

static void
up_on_open_is_for_taps(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "tun";
	struct vnetsim_ifinfo ii;
	int fd;

	(void)state;
	assert_int_equal(vnetsim_if_create(s.w, s.host, name), 0);
	assert_int_equal(vnetsim_if_up(s.w, s.host, "tap0", false), 0);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.host, "net.link.tap.up_on_open", 1), 0);
	fd = opened(ph);
	assert_int_equal(vnetsim_tap_open(s.w, ph, "tun0", &fd), 0);
	assert_true(info(s.host, "tap0", &ii));
	assert_int_equal(ii.flags & 1, 1);
	assert_true(info(s.host, "tun0", &ii));
	assert_int_equal(ii.flags & 1, 0);
	assert_int_equal(st_finish(&s), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_has_it_open, begin, end),
		cmocka_unit_test_setup_teardown(
		    frames_wait_up_to_the_limit, begin, end),
		cmocka_unit_test_setup_teardown(
		    destroy_waits_for_the_last_close, begin, end),
		cmocka_unit_test_setup_teardown(
		    transient_ones_go_with_their_close, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_reader_follows_its_interface, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_home_that_ends_names_who_has_it_open, begin, end),
		cmocka_unit_test_setup_teardown(
		    and_a_finding_says_so, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_descriptor_pins_its_first_owner, begin, end),
		cmocka_unit_test_setup_teardown(
		    up_on_open_is_for_taps, begin, end),
	};

	return (cmocka_run_group_tests_name("tap and tun", tests, NULL, NULL)
		    ? 1
		    : 0);
}
