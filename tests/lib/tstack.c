/*
 * tstack.c - see tstack.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/tstack.h"

static void
hash_bytes(uint64_t *h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		*h = (*h ^ b[i]) * UINT64_C(0x100000001b3);
}

/* To see what happens: VNETSIM_FRAMES=1. */
static void
st_show(const struct vnetsim_wire_event *ev)
{
	const uint8_t *b = ev->we_bytes, *t;
	uint32_t hl;

	if (getenv("VNETSIM_FRAMES") == NULL || ev->we_len < 54 || b[23] != 6)
		return;
	hl = (b[14] & 15u) * 4;
	t = b + 14 + hl;
	fprintf(stderr,
	    "    %14.9f v%u->v%u %u>%u %s%s%s%s seq %u ack %u win %u len %u "
	    "verdict %u %s/%s\n",
	    (double)ev->we_time / 1e9, ev->we_vnet, ev->we_peer,
	    (unsigned)t[0] << 8 | t[1], (unsigned)t[2] << 8 | t[3],
	    (t[13] & 2) != 0 ? "S" : "", (t[13] & 1) != 0 ? "F" : "",
	    (t[13] & 4) != 0 ? "R" : "", (t[13] & 16) != 0 ? "." : "",
	    (unsigned)t[4] << 24 | (unsigned)t[5] << 16 | (unsigned)t[6] << 8 |
		t[7],
	    (unsigned)t[8] << 24 | (unsigned)t[9] << 16 | (unsigned)t[10] << 8 |
		t[11],
	    (unsigned)t[14] << 8 | t[15],
	    ((unsigned)b[16] << 8 | b[17]) - hl - (t[12] >> 4) * 4u,
	    ev->we_verdict, ev->we_phase != NULL ? ev->we_phase : "-",
	    ev->we_step != NULL ? ev->we_step : "-");
}

static void
st_wire(void *ctx, const struct vnetsim_wire_event *ev)
{
	struct st *s = ctx;

	if (ev->we_kind != VNETSIM_WIRE_FRAME)
		return;
	s->nframes++;
	st_show(ev);
	hash_bytes(&s->frames, &ev->we_time, sizeof(ev->we_time));
	hash_bytes(&s->frames, &ev->we_verdict, sizeof(ev->we_verdict));
	hash_bytes(&s->frames, ev->we_bytes, ev->we_len);
	if (ev->we_phase != NULL)
		hash_bytes(&s->frames, ev->we_phase, strlen(ev->we_phase));
}

static bool
st_begin(struct st *s)
{
	s->killed = false;
	s->frames = UINT64_C(0xcbf29ce484222325);
	s->nframes = 0;
	vnetsim_set_wire(s->w, st_wire, s);
	s->host = vnetsim_jail_next(s->w, 0);
	s->hub = s->cli = s->phub = s->pcli = 0;
	return (true);
}

/* VNETSIM_TEST_TIES=reverse: every test, with all ties the other way. */
static const struct vnetsim_config *
st_config(const struct vnetsim_config *cfg, struct vnetsim_config *copy)
{
	const char *ties = getenv("VNETSIM_TEST_TIES");

	if (ties == NULL || strcmp(ties, "reverse") != 0)
		return (cfg);
	memset(copy, 0, sizeof(*copy));
	if (cfg != NULL)
		*copy = *cfg;
	copy->ties = VNETSIM_TIES_REVERSE;
	return (copy);
}

bool
st_open(struct st *s, const struct vnetsim_config *cfg)
{
	struct vnetsim_config copy;
	int error = 0;

	s->w = vnetsim_create(NULL, st_config(cfg, &copy), &error);
	if (s->w == NULL && !s->tolerant)
		fail_msg("vnetsim_create: errno %d", error);
	return (s->w != NULL && st_begin(s));
}

bool
st_again(struct st *s, const struct vnetsim_config *cfg)
{
	struct vnetsim_config copy;
	int error = vnetsim_reset(s->w, st_config(cfg, &copy));

	if (error != 0 && !s->tolerant)
		fail_msg("vnetsim_reset: errno %d", error);
	return (error == 0 && st_begin(s));
}

void
st_close(struct st *s)
{
	vnetsim_destroy(s->w);
	s->w = NULL;
}

static void
st_killnow(struct st *s)
{
	vnetsim_handle jail, op;

	if (s->killed || s->kill_at == 0 || vnetsim_events(s->w) < s->kill_at)
		return;
	jail = vnetsim_jail_find(s->w, s->victim, false);
	if (jail == 0)
		return;
	s->killed = s->tolerant = true;
	assert_int_equal(vnetsim_destroy_vnet(s->w, jail, &op), 0);
	if (op != 0)
		assert_int_equal(vnetsim_op_release(s->w, op), 0);
}

/* To find out what a failed call has changed: VNETSIM_DUMP=FILE. */
static void
st_dump(struct st *s, const char *suffix)
{
	const char *base = getenv("VNETSIM_DUMP"), *name;
	struct vnetsim_object o;
	char path[256], buf[256];
	FILE *f;

	if (base == NULL)
		return;
	snprintf(path, sizeof(path), "%s.%s", base, suffix);
	f = fopen(path, "w");
	assert_non_null(f);
	for (uint32_t v = 0; v < 8; v++) {
		uint32_t vnet = v == 7 ? VNETSIM_NOVNET : v;

		for (uint64_t it = 0;
		     vnetsim_object_next(
			 vnetsim_view_live(s->w), vnet, NULL, &it, &o) == 0;) {
			fprintf(f, "%s#%llu vnet %u/%u %s\n", o.type,
			    (unsigned long long)o.serial, o.vnet, o.birth_vnet,
			    o.birth);
			for (unsigned n = 0;
			     vnetsim_field(vnetsim_view_live(s->w), &o, n,
				 &name, buf, sizeof(buf)) == 0;
			     n++)
				fprintf(
				    f, "    %s.%s = %s\n", o.type, name, buf);
		}
	}
	(void)fclose(f);
}

int
st_check(struct st *s, const char *what, int error)
{
	bool fine = error == 0 || error == VE_INPROGRESS;

	if (!fine && !s->tolerant)
		fail_msg("%s: errno %d", what, error);
	st_killnow(s);
	return (error);
}

void
st_before(struct st *s)
{
	if (!s->hashing)
		return;
	s->hash = vnetsim_hash(s->w, false);
	if (s->changed == 0)
		st_dump(s, "before");
}

int
st_after(struct st *s, const char *what, int error)
{
	/* a pending error is reported once: that changes the socket */
	bool fine =
	    error == 0 || error == VE_INPROGRESS || error == VE_CONNRESET;

	if (!fine && s->hashing && vnetsim_hash(s->w, false) != s->hash) {
		if (s->changed++ == 0)
			st_dump(s, "after");
		s->changer = what;
	}
	return (st_check(s, what, error));
}

bool
st_step(struct st *s, int64_t until)
{
	bool ran = vnetsim_step(s->w, until);

	st_killnow(s);
	return (ran);
}

void
st_run(struct st *s, int64_t ns)
{
	int64_t until = vnetsim_now(s->w) + ns;

	while (st_step(s, until))
		;
}

int
st_wait(struct st *s, vnetsim_handle op, int64_t ns, struct vnetsim_result *res)
{
	int64_t until = vnetsim_now(s->w) + ns;
	int error;

	for (;;) {
		error = vnetsim_op_poll(s->w, op, res);
		if (error != VE_INPROGRESS)
			return (error != 0 ? error : res->error);
		if (!st_step(s, until))
			return (VE_INPROGRESS);
	}
}

int
st_await(struct st *s, vnetsim_handle op, int64_t ns)
{
	struct vnetsim_result res;
	int error = st_wait(s, op, ns, &res);

	(void)vnetsim_op_release(s->w, op);
	return (error);
}

static void
st_jail(
    struct st *s, const char *name, vnetsim_handle *jail, vnetsim_handle *proc)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true, .children_max = 4
	};

	if (ST(s, vnetsim_jail_create(s->w, &jp, jail)) == 0)
		(void)ST(s, vnetsim_proc_create(s->w, *jail, name, proc));
}

static void
st_if(struct st *s, vnetsim_handle jail, const char *name, uint32_t addr)
{
	vnetsim_handle op = 0;

	if (ST(s, vnetsim_if_vnet(s->w, s->host, name, jail, &op)) == 0)
		(void)st_check(s, "move", st_await(s, op, 10 * ST_S));
	(void)ST(s, vnetsim_if_inet(s->w, jail, name, addr, 24, true));
	(void)ST(s, vnetsim_if_up(s->w, jail, name, true));
	(void)ST(s, vnetsim_if_inet(s->w, jail, "lo0", 0x7f000001, 8, true));
}

void
st_setup(struct st *s)
{
	char name[VNETSIM_IFNAMSIZ] = "epair";

	st_jail(s, "hub", &s->hub, &s->phub);
	st_jail(s, "cli", &s->cli, &s->pcli);
	(void)ST(s, vnetsim_if_create(s->w, s->host, name));
	st_if(s, s->hub, "epair0a", ST_HUB);
	st_if(s, s->cli, "epair0b", ST_CLI);
}

int
st_listen(struct st *s, vnetsim_handle proc, uint16_t port, int backlog)
{
	struct vnetsim_addr a = { 0, port };
	int fd = -1;

	if (ST(s, vnetsim_socket(s->w, proc, VNETSIM_TCP, &fd)) != 0)
		return (-1);
	(void)ST(s, vnetsim_bind(s->w, proc, fd, &a));
	(void)ST(s, vnetsim_listen(s->w, proc, fd, backlog));
	return (fd);
}

int
st_connect(struct st *s, vnetsim_handle pa, uint32_t addr, uint16_t port,
    vnetsim_handle pb, int lfd, int *a, int *b)
{
	struct vnetsim_addr to = { addr, port };
	vnetsim_handle op = 0;
	int error;

	*a = *b = -1;
	error = ST(s, vnetsim_socket(s->w, pa, VNETSIM_TCP, a));
	if (error != 0)
		return (error);
	error = ST(s, vnetsim_connect(s->w, pa, *a, &to, 0, &op));
	if (error == VE_INPROGRESS)
		error = st_check(s, "connect", st_await(s, op, 100 * ST_S));
	if (error != 0)
		return (error);
	/* the last ACK of the handshake may still be on the wire */
	st_run(s, 5 * ST_MS);
	return (ST(s, vnetsim_accept(s->w, pb, lfd, VNETSIM_NONBLOCK, b, &op)));
}

size_t
st_send(struct st *s, vnetsim_handle proc, int fd, size_t len)
{
	vnetsim_handle op;
	size_t done = 0;
	int error = ST(s, vnetsim_send(s->w, proc, fd, NULL, len, NULL,
			      VNETSIM_NONBLOCK, &done, &op));

	return (error == 0 ? done : 0);
}

int64_t
st_recv(struct st *s, vnetsim_handle proc, int fd, size_t len, size_t off)
{
	bool tolerant = s->tolerant;
	struct vnetsim_result res;
	vnetsim_handle op;
	int64_t n = -1;

	s->tolerant = true;
	if (ST(s, vnetsim_recv(s->w, proc, fd, len, false, VNETSIM_NONBLOCK,
		      &op)) == 0) {
		assert_int_equal(vnetsim_op_poll(s->w, op, &res), 0);
		n = res.value;
		assert_int_equal((size_t)n, res.datalen);
		for (size_t i = 0; i < res.datalen; i++)
			assert_int_equal(
			    ((const uint8_t *)res.data)[i], (off + i) % 251);
		(void)vnetsim_op_release(s->w, op);
	}
	s->tolerant = tolerant || s->killed;
	return (n);
}

const char *
st_state(struct st *s, vnetsim_handle proc, int fd)
{
	struct vnetsim_sockinfo info;

	if (vnetsim_sockinfo(s->w, proc, fd, &info) != 0 || info.state == NULL)
		return ("");
	return (info.state);
}

int
st_remove(struct st *s, const char *jail, int64_t ns)
{
	vnetsim_handle op = 0, h = vnetsim_jail_find(s->w, jail, false);

	if (ST(s, vnetsim_jail_remove(s->w, h, &op)) != 0)
		return (VE_SRCH);
	return (st_await(s, op, ns));
}

unsigned
st_finish(struct st *s)
{
	vnetsim_handle op;
	int64_t until;

	assert_int_equal(vnetsim_finish(s->w, &op), 0);
	(void)st_await(s, op, 100000 * ST_S);
	until = vnetsim_settled(s->w);
	while (until != 0 && vnetsim_step(s->w, until))
		;
	return (vnetsim_audit(s->w));
}

void
st_print(struct st *s)
{
	struct vnetsim_finding f;

	for (unsigned n = 0; vnetsim_finding(s->w, n, &f) == 0; n++) {
		fprintf(stderr,
		    "  %u. %s/%s x%u t=%lld ev=%llu vnet %s, module %s, phase "
		    "%s, step %s: %s\n",
		    n + 1, f.oracle, f.kind, f.count, (long long)f.time,
		    (unsigned long long)f.event, f.vname,
		    f.module != NULL ? f.module : "-", f.phase,
		    f.step != NULL ? f.step : "-", f.text);
		if (f.object != NULL)
			fprintf(stderr, "       %s#%llu born at %s\n", f.object,
			    (unsigned long long)f.serial,
			    f.birth != NULL ? f.birth : "?");
		for (int i = 0; i < 4 && f.holders[i] != NULL; i++)
			fprintf(stderr, "       held by %s\n", f.holders[i]);
	}
}

unsigned
st_findings(struct st *s, const char *oracle, const char *kind)
{
	struct vnetsim_finding f;
	unsigned found = 0;

	for (unsigned n = 0; vnetsim_finding(s->w, n, &f) == 0; n++)
		if ((oracle == NULL || strcmp(f.oracle, oracle) == 0) &&
		    (kind == NULL || strcmp(f.kind, kind) == 0))
			found++;
	return (found);
}

unsigned
st_findings_of(struct st *s, const char *module)
{
	struct vnetsim_finding f;
	unsigned found = 0;

	for (unsigned n = 0; vnetsim_finding(s->w, n, &f) == 0; n++)
		if (f.module != NULL && strcmp(f.module, module) == 0)
			found++;
	return (found);
}
