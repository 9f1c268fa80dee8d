/*
 * test_ip_opt_out.c - IP_OPTIONS: what is refused, what goes out, what comes
 * back with an answer; requests of ICMP that a raw socket asks.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "tests/lib/tstack.h"

#define HLEN 20

static int
set(struct st *s, int fd, const uint8_t *opt, size_t len)
{
	return (vnetsim_setipoptions(s->w, s->pcli, fd, opt, len));
}

static size_t
get(struct st *s, int fd, uint8_t *buf)
{
	size_t len;

	assert_int_equal(vnetsim_getipoptions(s->w, s->pcli, fd, buf, &len), 0);
	return (len);
}

static int
begin(struct st *s)
{
	int fd;

	assert_true(st_open(s, NULL));
	st_setup(s);
	assert_int_equal(vnetsim_rawsocket(s->w, s->pcli, 1, &fd), 0);
	return (fd);
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

static void
options_are_checked(void **state)
{
	static const uint8_t rr[] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	struct st s = { 0 };
	uint8_t o[48], b[48];
	int fd;

	(void)state;
	fd = begin(&s);
	assert_int_equal(get(&s, fd, b), 0);
	memset(o, 1, sizeof(o));
	assert_int_equal(set(&s, fd, o, 3), VE_INVAL);
	assert_int_equal(set(&s, fd, o, 44), VE_INVAL);
	assert_int_equal(set(&s, fd, o, 48), VE_INVAL);
	assert_int_equal(set(&s, fd, o, 40), 0);
	assert_int_equal(get(&s, fd, b), 44);
	assert_memory_equal(b + 4, o, 40);
	/* what is refused changes nothing */
	o[0] = 7;
	o[1] = 1;
	assert_int_equal(set(&s, fd, o, 4), VE_INVAL);
	o[1] = 5;
	assert_int_equal(set(&s, fd, o, 4), VE_INVAL);
	o[3] = 7;
	o[0] = o[1] = o[2] = 1;
	assert_int_equal(set(&s, fd, o, 4), VE_INVAL);
	assert_int_equal(get(&s, fd, b), 44);
	assert_int_equal(set(&s, fd, rr, sizeof(rr)), 0);
	assert_int_equal(get(&s, fd, b), 12);
	assert_int_equal(b[0] | b[1] | b[2] | b[3], 0);
	assert_memory_equal(b + 4, rr, sizeof(rr));
	assert_int_equal(set(&s, fd, NULL, 0), 0);
	assert_int_equal(get(&s, fd, b), 0);
	assert_int_equal(vnetsim_setipoptions(s.w, s.pcli, 99, rr, 4), VE_BADF);
	finish(&s);
}

/* The first hop leaves the option; ten addresses are as many as there can be.*/
static void
source_routes_lose_their_first_hop(void **state)
{
	uint8_t o[44] = { 131, 43, 4 }, b[48];
	struct st s = { 0 };
	int fd;

	(void)state;
	fd = begin(&s);
	for (int i = 0; i < 40; i++)
		o[3 + i] = (uint8_t)(i / 4 + 1);
	assert_int_equal(set(&s, fd, o, 44), 0);
	assert_int_equal(get(&s, fd, b), 44);
	assert_int_equal(b[0], 1);
	assert_int_equal(b[4], 131);
	assert_int_equal(b[5], 39);
	assert_int_equal(b[6], 4);
	assert_int_equal(b[7], 2);
	assert_int_equal(b[4 + 38], 10);
	assert_int_equal(b[4 + 39], 0);
	/* behind another option */
	o[0] = 1;
	o[1] = 137;
	o[2] = 7;
	o[3] = 4;
	memset(o + 4, 9, 4);
	assert_int_equal(set(&s, fd, o, 8), 0);
	assert_int_equal(get(&s, fd, b), 8);
	assert_int_equal(b[0], 9);
	assert_int_equal(b[5], 137);
	assert_int_equal(b[6], 3);
	/* without any address */
	o[2] = 3;
	assert_int_equal(set(&s, fd, o, 4), VE_INVAL);
	finish(&s);
}

/* Ask and read the answer.  Return: its length, -1: none. */
static int
ask(struct st *s, int fd, const uint8_t *req, size_t len, uint8_t *buf)
{
	struct vnetsim_addr to = { ST_HUB, 0 };
	struct vnetsim_result res;
	vnetsim_handle op;
	size_t done;
	int n;

	assert_int_equal(vnetsim_send(s->w, s->pcli, fd, req, len, &to,
			     VNETSIM_NONBLOCK, &done, &op),
	    0);
	st_run(s, ST_S);
	if (vnetsim_recv(
		s->w, s->pcli, fd, 200, false, VNETSIM_NONBLOCK, &op) != 0)
		return (-1);
	assert_int_equal(vnetsim_op_poll(s->w, op, &res), 0);
	n = (int)res.datalen;
	memcpy(buf, res.data, res.datalen);
	assert_int_equal(vnetsim_op_release(s->w, op), 0);
	return (n);
}

static void
hub(struct st *s, const char *name, int64_t v)
{
	assert_int_equal(vnetsim_sysctl_set(s->w, s->hub, name, v), 0);
}

static const uint8_t echo[] = { 8, 0, 0xf7, 0xfd, 0, 1, 0, 1 };

static void
answers_carry_records_on(void **state)
{
	static const uint8_t rr[40] = { 7, 39, 4 };
	static const uint8_t ts[8] = { 68, 8, 5, 0 };
	struct st s = { 0 };
	uint8_t b[200];
	int fd;

	(void)state;
	fd = begin(&s);
	assert_int_equal(set(&s, fd, rr, sizeof(rr)), 0);
	assert_int_equal(ask(&s, fd, echo, sizeof(echo), b), 60 + 8);
	assert_int_equal(b[0], 0x4f);
	/* the hub when it came, we when it came back */
	assert_int_equal(b[HLEN + 2], 12);
	assert_int_equal(b[HLEN + 3 + 3], 1);
	assert_int_equal(b[HLEN + 7 + 3], 2);
	/* room for one time: the second one is counted as missing */
	assert_int_equal(set(&s, fd, ts, sizeof(ts)), 0);
	assert_int_equal(ask(&s, fd, echo, sizeof(echo), b), 28 + 8);
	assert_int_equal(b[HLEN + 2], 9);
	assert_int_equal(b[HLEN + 3], 0x10);
	/* options that are not looked at are not answered */
	hub(&s, "net.inet.ip.process_options", 0);
	assert_int_equal(ask(&s, fd, echo, sizeof(echo), b), 20 + 8);
	finish(&s);
}

static void
requests(void **state)
{
	static const uint8_t tstamp[20] = { 13, 0, 0xf2, 0xfd, 0, 1, 0, 1 };
	static const uint8_t mask[12] = { 17, 0, 0xee, 0xfd, 0, 1, 0, 1 };
	struct st s = { 0 };
	uint8_t b[200];
	uint32_t t;
	int fd;

	(void)state;
	fd = begin(&s);
	st_run(&s, 5 * ST_S);
	assert_int_equal(ask(&s, fd, tstamp, sizeof(tstamp), b), HLEN + 20);
	assert_int_equal(b[HLEN], 14);
	t = (uint32_t)b[HLEN + 14] << 8 | b[HLEN + 15];
	assert_in_range(t, 5000, 7000);
	assert_memory_equal(b + HLEN + 12, b + HLEN + 16, 4);
	/* 19 bytes are too few */
	assert_int_equal(ask(&s, fd, tstamp, 19, b), -1);
	hub(&s, "net.inet.icmp.tstamprepl", 0);
	assert_int_equal(ask(&s, fd, tstamp, sizeof(tstamp), b), -1);
	assert_int_equal(ask(&s, fd, mask, sizeof(mask), b), -1);
	hub(&s, "net.inet.icmp.maskrepl", 1);
	assert_int_equal(ask(&s, fd, mask, sizeof(mask), b), HLEN + 12);
	assert_int_equal(b[HLEN], 18);
	assert_memory_equal(b + HLEN + 8, "\xff\xff\xff\0", 4);
	hub(&s, "net.inet.icmp.maskfake", 0xffff0000);
	assert_int_equal(ask(&s, fd, mask, sizeof(mask), b), HLEN + 12);
	assert_memory_equal(b + HLEN + 8, "\xff\xff\0\0", 4);
	assert_int_equal(ask(&s, fd, mask, 11, b), -1);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(source_routes_lose_their_first_hop),
		cmocka_unit_test(answers_carry_records_on),
		cmocka_unit_test(requests),
	};

	return (cmocka_run_group_tests_name("options out", tests, NULL, NULL)
		    ? 1
		    : 0);
}
