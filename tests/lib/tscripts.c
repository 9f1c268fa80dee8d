/*
 * tscripts.c - scripts that several tests of the whole stack run.
 */
#include "tests/lib/tstack.h"

/* One connection, data both ways, closed by the client. */
void
st_script_tcp(struct st *s)
{
	int l, a, b;

	st_setup(s);
	l = st_listen(s, s->phub, 80, 5);
	(void)st_connect(s, s->pcli, ST_HUB, 80, s->phub, l, &a, &b);
	(void)st_send(s, s->pcli, a, 5000);
	st_run(s, 20 * ST_MS);
	(void)st_recv(s, s->phub, b, 10000, 0);
	(void)st_send(s, s->phub, b, 251 * 20);
	st_run(s, 100 * ST_MS);
	(void)st_recv(s, s->pcli, a, 10000, 0);
	(void)ST(s, vnetsim_close(s->w, s->pcli, a, NULL));
	st_run(s, 10 * ST_MS);
	(void)ST(s, vnetsim_close(s->w, s->phub, b, NULL));
	st_run(s, 100 * ST_MS);
}

/* Refused, unanswered and simultaneous opens; a blocked accept. */
void
st_script_opens(struct st *s)
{
	struct vnetsim_addr hub = { ST_HUB, 81 }, none = { ST_HUB + 8, 80 };
	struct vnetsim_addr ha = { 0, 1000 }, ca = { 0, 1001 };
	struct vnetsim_addr hc = { ST_HUB, 1000 }, ch = { ST_CLI, 1001 };
	vnetsim_handle op, ops[3] = { 0 };
	int l, fd, n;

	st_setup(s);
	l = st_listen(s, s->phub, 80, 1);
	(void)ST(s, vnetsim_accept(s->w, s->phub, l, 0, &n, &op));
	(void)ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_TCP, &fd));
	if (ST(s, vnetsim_connect(s->w, s->pcli, fd, &hub, 0, &ops[0])) ==
	    VE_INPROGRESS)
		(void)st_await(s, ops[0], ST_S);
	(void)ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_TCP, &fd));
	(void)ST(s,
	    vnetsim_connect(s->w, s->pcli, fd, &none, VNETSIM_NONBLOCK, &op));
	(void)ST(s, vnetsim_proc_kill(s->w, s->phub));
	(void)ST(s, vnetsim_proc_create(s->w, s->hub, "b", &s->phub));
	(void)ST(s, vnetsim_socket(s->w, s->phub, VNETSIM_TCP, &n));
	(void)ST(s, vnetsim_bind(s->w, s->phub, n, &ha));
	(void)ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_TCP, &fd));
	(void)ST(s, vnetsim_bind(s->w, s->pcli, fd, &ca));
	(void)ST(
	    s, vnetsim_connect(s->w, s->phub, n, &ch, VNETSIM_NONBLOCK, &op));
	(void)ST(
	    s, vnetsim_connect(s->w, s->pcli, fd, &hc, VNETSIM_NONBLOCK, &op));
	st_run(s, 100 * ST_MS);
}

/* Interfaces go home, come back, are destroyed; ping and UDP meanwhile. */
void
st_script_move(struct st *s)
{
	struct vnetsim_addr any = { 0, 53 }, hub = { ST_HUB, 53 };
	vnetsim_handle op, png;
	size_t done;
	int a, b;

	st_setup(s);
	(void)ST(s, vnetsim_socket(s->w, s->phub, VNETSIM_UDP, &a));
	(void)ST(s, vnetsim_bind(s->w, s->phub, a, &any));
	(void)ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_UDP, &b));
	(void)ST(
	    s, vnetsim_send(s->w, s->pcli, b, NULL, 100, &hub, 0, &done, &op));
	(void)ST(s, vnetsim_recv(s->w, s->phub, a, 1000, false, 0, &op));
	(void)ST(s, vnetsim_ping(s->w, s->cli, ST_HUB, 56, ST_S, &png));
	st_run(s, ST_MS);
	if (ST(s, vnetsim_if_reclaim(s->w, s->host, "epair0b", s->cli, &op)) ==
	    0)
		(void)st_await(s, op, ST_S);
	if (ST(s, vnetsim_if_vnet(s->w, s->host, "epair0b", s->cli, &op)) == 0)
		(void)st_await(s, op, ST_S);
	(void)ST(s, vnetsim_if_inet(s->w, s->cli, "epair0b", ST_CLI, 24, true));
	(void)ST(s, vnetsim_ping(s->w, s->cli, ST_HUB, 56, ST_S, &png));
	st_run(s, ST_MS);
	if (ST(s, vnetsim_if_destroy(s->w, s->hub, "epair0a", &op)) == 0)
		(void)st_await(s, op, ST_S);
	st_run(s, 2 * ST_S);
}

/* A slow wire that loses frames; situations of all kinds; nested jails. */
void
st_script_loss(struct st *s)
{
	struct vnetsim_link_params lp = { .delay = 5 * ST_MS,
		.rate = 10000000,
		.queue = 20,
		.loss = 150000 };
	struct vnetsim_jail_params jp = {
		.name = "cli.kid", .vnet = true, .persist = true
	};
	int l, a[4] = { 0 }, b[4] = { 0 }, end;
	vnetsim_handle link, kid, proc = 0, op;

	st_setup(s);
	(void)ST(s, vnetsim_jail_create(s->w, &jp, &kid));
	jp.name = "hub.slave";
	jp.vnet = false;
	if (ST(s, vnetsim_jail_create(s->w, &jp, &kid)) == 0)
		(void)ST(s, vnetsim_proc_create(s->w, kid, "x", &proc));
	l = st_listen(s, proc, 80, 5);
	link = vnetsim_link_find(s->w, "epair0", &end);
	(void)ST(s, vnetsim_link_set(s->w, link, 0, &lp));
	(void)ST(s, vnetsim_link_set(s->w, link, 1, &lp));
	s->tolerant = true;
	for (int i = 0; i < 4; i++) {
		(void)st_connect(s, s->pcli, ST_HUB, 80, proc, l, &a[i], &b[i]);
		st_run(s, ST_S);
		if (b[i] < 0)
			(void)ST(s, vnetsim_accept(s->w, proc, l,
					VNETSIM_NONBLOCK, &b[i], &op));
		(void)st_send(s, s->pcli, a[i], 251 * 40);
		(void)st_send(s, proc, b[i], 251 * 40);
	}
	(void)ST(s, vnetsim_shutdown(s->w, s->pcli, a[0], VNETSIM_SHUT_WR));
	(void)ST(s, vnetsim_close(s->w, proc, b[1], NULL));
	(void)ST(s,
	    vnetsim_setsockopt(s->w, s->pcli, a[2], VNETSIM_SO_LINGER, ST_S));
	(void)ST(s, vnetsim_close(s->w, s->pcli, a[2], &op));
	st_run(s, 2 * ST_S);
	(void)ST(s, vnetsim_close(s->w, s->pcli, a[1], NULL));
	(void)ST(s, vnetsim_close(s->w, s->pcli, a[0], NULL));
	st_run(s, 70 * ST_S);
}
