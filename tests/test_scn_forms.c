/*
 * test_scn_forms.c - what each form becomes: its node, field by field.
 */
#include "sim/scn_link.h"
#include "tests/test_scn.h"

static const struct scn_params any = { .any_names = true };
static struct scn_script *script;

/* The one statement of a text; freed by the next call. */
static const struct scn_stmt *
one(const char *text)
{
	scn_free(script);
	script = scn_test_parse(text, &any);
	assert_int_equal(script->nstmts, 1);
	return (&script->stmts[0]);
}

static int
release(void **state)
{
	(void)state;
	scn_free(script);
	script = NULL;
	return (0);
}

#define A(a, b, c, d)                                                          \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

static void
words_and_place_are_kept(void **state)
{
	const struct scn_stmt *s = one("\n  jexec a  route \\\n get 1.2.3.4");
	char buf[64];

	(void)state;
	assert_int_equal(s->nwords, 5);
	assert_string_equal(s->words[3].s, "get");
	assert_int_equal(s->words[3].line, 3);
	assert_int_equal(s->words[3].col, 2);
	assert_int_equal(s->pos.line, 2);
	assert_int_equal(s->pos.col, 3);
	assert_string_equal(s->pos.file, "t");
	assert_null(s->pos.ctx);
	scn_stmt_format(s, buf, sizeof(buf));
	assert_string_equal(buf, "jexec a route get 1.2.3.4");
}

static void
times(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
		int64_t msl;
	} rows[] = { { "+1ns", 1, 0 }, { "+20ms", 20000000, 0 },
		{ "+1.5s", 1500000000, 0 }, { "+0.001us", 1, 0 },
		{ "+2min", 120000000000, 0 }, { "+0.05min", 3000000000, 0 },
		{ "+2msl", 0, 2 }, { "+0ms", 0, 0 }, { "at 3us", 3000, 0 },
		{ "at 1msl", 0, 1 },
		{ "at 9223372036s", 9223372036000000000, 0 } };
	const struct scn_stmt *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = one(rows[i].text);
		assert_int_equal(
		    s->kind, rows[i].text[0] == '+' ? SCN_ADVANCE : SCN_AT);
		assert_true(s->u.time.ns == rows[i].ns);
		assert_true(s->u.time.msl == rows[i].msl);
	}
	assert_int_equal(one("run")->kind, SCN_RUN);
}

static void
jails(void **state)
{
	const struct scn_jail *j;
	const struct scn_stmt *s;

	(void)state;
	s = one("jail -c vnet name=a.b persist children.max=7 "
		"vnet.interface=epair0a,lo1 vnet.interface=epair1b "
		"close=abort:250ms");
	assert_int_equal(s->kind, SCN_JAIL_CREATE);
	assert_string_equal(s->jail, SCN_HOST);
	j = s->u.jail;
	assert_string_equal(j->name, "a.b");
	assert_true(j->vnet && j->persist);
	assert_int_equal(j->children_max, 7);
	assert_int_equal(j->nifs, 3);
	assert_string_equal(j->ifs[0], "epair0a");
	assert_string_equal(j->ifs[1], "lo1");
	assert_string_equal(j->ifs[2], "epair1b");
	assert_int_equal(j->close.kind, SCN_POLICY_ABORT);
	assert_true(j->close.ns == 250000000);

	j = one("jail -c name=x close=crash")->u.jail;
	assert_false(j->vnet || j->persist);
	assert_int_equal(j->children_max, -1);
	assert_int_equal(j->nifs, 0);
	assert_int_equal(j->close.kind, SCN_POLICY_CRASH);
	j = one("jail -c name=x close=graceful")->u.jail;
	assert_int_equal(j->close.kind, SCN_POLICY_GRACEFUL);
	assert_true(j->close.ns == -1);
	assert_int_equal(
	    one("jail -c name=x")->u.jail->close.kind, SCN_POLICY_NONE);

	s = one("jexec a jexec b jail -r c");
	assert_int_equal(s->kind, SCN_JAIL_REMOVE);
	assert_string_equal(s->jail, "a.b");
	assert_string_equal(s->u.name, "c");
	assert_string_equal(one("jexec 0 jls")->jail, SCN_HOST);
	assert_int_equal(one("jls")->u.jls.flags, 0);
	s = one("jls -d");
	assert_int_equal(s->kind, SCN_JLS);
	assert_int_equal(s->u.jls.flags, JLS_DYING);
	s = one("jls -hn -j c name jid");
	assert_int_equal(s->u.jls.flags, JLS_HEADER | JLS_NAMES);
	assert_string_equal(s->u.jls.jail, "c");
	assert_int_equal(s->u.jls.nparams, 2);
}

static void
interfaces_come_and_go(void **state)
{
	static const uint8_t mac[2][6] = { { 2, 0, 0, 0, 0, 0x0a },
		{ 0x0e, 0xff, 1, 2, 3, 4 } };
	const struct scn_stmt *s;

	(void)state;
	s = one("ifconfig epair create");
	assert_int_equal(s->kind, SCN_IF_CREATE);
	assert_string_equal(s->u.ifcreate.cloner, "epair");
	assert_int_equal(s->u.ifcreate.unit, -1);
	assert_int_equal(s->u.ifcreate.nmac, 0);
	s = one("ifconfig epair32767 create 02:00:00:00:00:0A e:ff:1:2:3:4");
	assert_int_equal(s->u.ifcreate.unit, 32767);
	assert_int_equal(s->u.ifcreate.nmac, 2);
	assert_memory_equal(s->u.ifcreate.mac, mac, sizeof(mac));
	s = one("ifconfig lo1 create");
	assert_string_equal(s->u.ifcreate.cloner, "lo");
	assert_int_equal(s->u.ifcreate.unit, 1);
	s = one("jexec a ifconfig epair0a destroy");
	assert_int_equal(s->kind, SCN_IF_DESTROY);
	assert_string_equal(s->u.name, "epair0a");
	assert_string_equal(s->jail, "a");
	s = one("ifconfig epair0a vnet a.b");
	assert_int_equal(s->kind, SCN_IF_VNET);
	assert_string_equal(s->u.ifvnet.ifname, "epair0a");
	assert_string_equal(s->u.ifvnet.jail, "a.b");
	assert_int_equal(one("ifconfig epair0a -vnet a")->kind, SCN_IF_UNVNET);
	s = one("ifconfig epair0a");
	assert_int_equal(s->kind, SCN_IF_SHOW);
	assert_string_equal(s->u.name, "epair0a");
	s = one("ifconfig");
	assert_int_equal(s->kind, SCN_IF_SHOW);
	assert_null(s->u.name);
	assert_null(one("ifconfig -a")->u.name);
}

static void
interfaces_are_configured(void **state)
{
	const struct scn_ifconf *f;

	(void)state;
	f = &one("ifconfig epair0a inet 10.1.2.3/24 up")->u.ifconf;
	assert_string_equal(f->ifname, "epair0a");
	assert_int_equal(f->inet, SCN_INET_SET);
	assert_int_equal(f->addr, A(10, 1, 2, 3));
	assert_int_equal(f->prefixlen, 24);
	assert_true(f->up && !f->down);
	assert_int_equal(f->mtu, 0);
	f = &one("ifconfig lo0 127.0.0.1/8")->u.ifconf;
	assert_int_equal(f->inet, SCN_INET_SET);
	assert_int_equal(f->prefixlen, 8);
	f = &one("ifconfig a0 inet 255.255.255.255/32 alias")->u.ifconf;
	assert_int_equal(f->inet, SCN_INET_ALIAS);
	assert_int_equal(f->addr, 0xffffffff);
	f = &one("ifconfig a0 inet 0.0.0.0 -alias down")->u.ifconf;
	assert_int_equal(f->inet, SCN_INET_DELETE);
	assert_int_equal(f->prefixlen, -1);
	assert_true(f->down);
	f = &one("ifconfig a0 inet 1.2.3.4/9 delete")->u.ifconf;
	assert_int_equal(f->inet, SCN_INET_DELETE);
	assert_int_equal(f->prefixlen, 9);
	f = &one("ifconfig a0 mtu 65535")->u.ifconf;
	assert_int_equal(f->mtu, 65535);
	assert_int_equal(f->inet, SCN_INET_NONE);
	f = &one("ifconfig a0 inet 1.2.3.4 netmask 255.255.240.0")->u.ifconf;
	assert_int_equal(f->prefixlen, 20);
	f = &one("ifconfig a0 inet 1.2.3.4 netmask 0xffffff00")->u.ifconf;
	assert_int_equal(f->prefixlen, 24);
}

static void
tables_and_setfib(void **state)
{
	const struct scn_stmt *s;

	(void)state;
	assert_int_equal(one("route flush -fib 65535")->u.route.fib, 65535);
	assert_int_equal(one("route monitor")->u.route.fib, -1);
	assert_int_equal(one("route monitor -fib 3")->kind, SCN_ROUTE_MONITOR);
	assert_int_equal(one("route get 1.2.3.4 -fib 2")->u.route.fib, 2);
	s = one("setfib 0 route get 1.2.3.4");
	assert_int_equal(s->setfib, 1);
	assert_int_equal(s->u.route.fib, -1);
	assert_int_equal(
	    one("setfib -F 65535 ping -c 1 1.1.1.1")->setfib, 65536);
	s = one("setfib 2 netstat -rn");
	assert_int_equal(s->setfib, 3);
	assert_int_equal(s->u.netstat.fib, 2);
}

static void
routes_and_neighbours(void **state)
{
	const struct scn_stmt *s;

	(void)state;
	s = one("route -n add -net 10.1.2.3/8 10.0.0.1");
	assert_int_equal(s->kind, SCN_ROUTE_ADD);
	assert_int_equal(s->u.route.dst, A(10, 0, 0, 0));
	assert_int_equal(s->u.route.prefixlen, 8);
	assert_true(s->u.route.has_gw);
	assert_int_equal(s->u.route.gw, A(10, 0, 0, 1));
	assert_null(s->u.route.ifname);
	s = one("route add default -interface lo0");
	assert_int_equal(s->u.route.dst, 0);
	assert_int_equal(s->u.route.prefixlen, 0);
	assert_false(s->u.route.has_gw);
	assert_string_equal(s->u.route.ifname, "lo0");
	assert_int_equal(
	    one("route add 1.2.3.4 1.1.1.1")->u.route.prefixlen, 32);
	s = one("route add 1.2.3.4/0 1.1.1.1");
	assert_int_equal(s->u.route.dst, 0);
	s = one("route delete 1.2.3.0/24");
	assert_int_equal(s->kind, SCN_ROUTE_DELETE);
	assert_false(s->u.route.has_gw);
	assert_true(one("route del -host 1.2.3.4 9.9.9.9")->u.route.has_gw);
	assert_int_equal(one("route get 1.2.3.4")->kind, SCN_ROUTE_GET);
	s = one("route add -blackhole 1.2.3.0/24 127.0.0.1");
	assert_true(s->u.route.blackhole && !s->u.route.reject);
	s = one("route add 1.2.3.0/24 127.0.0.1 -reject -mtu 72");
	assert_true(s->u.route.reject && !s->u.route.blackhole);
	assert_int_equal(s->u.route.mtu, 72);
	s = one("route change 1.2.3.0/24 -mtu 65535");
	assert_int_equal(s->kind, SCN_ROUTE_CHANGE);
	assert_false(s->u.route.has_gw);
	assert_int_equal(s->u.route.mtu, 65535);
	assert_true(one("route change default 1.1.1.1")->u.route.has_gw);
	assert_int_equal(one("route flush")->kind, SCN_ROUTE_FLUSH);

	s = one("arp -an");
	assert_int_equal(s->kind, SCN_ARP_LIST);
	assert_false(s->u.arp.has_addr);
	s = one("arp -n 1.2.3.4");
	assert_int_equal(s->kind, SCN_ARP_LIST);
	assert_int_equal(s->u.arp.addr, A(1, 2, 3, 4));
	s = one("arp -d 1.2.3.4");
	assert_int_equal(s->kind, SCN_ARP_DELETE);
	assert_true(s->u.arp.has_addr);
	assert_false(one("arp -d -a")->u.arp.has_addr);
	s = one("arp -s 1.2.3.4 2:0:0:0:0:ff");
	assert_int_equal(s->kind, SCN_ARP_SET);
	assert_int_equal(s->u.arp.mac[5], 0xff);
}

static void
small_commands(void **state)
{
	const struct scn_stmt *s;

	(void)state;
	s = one("sysctl -n net.inet.tcp.msl");
	assert_int_equal(s->kind, SCN_SYSCTL_GET);
	assert_string_equal(s->u.sysctl.name, "net.inet.tcp.msl");
	assert_null(s->u.sysctl.value);
	assert_true(s->u.sysctl.bare);
	s = one("sysctl \"kern.hostname=a b\"");
	assert_int_equal(s->kind, SCN_SYSCTL_SET);
	assert_string_equal(s->u.sysctl.name, "kern.hostname");
	assert_string_equal(s->u.sysctl.value, "a b");
	assert_int_equal(one("netstat")->u.netstat.flags, 0);
	s = one("netstat -an -p tcp");
	assert_int_equal(s->kind, SCN_NETSTAT);
	assert_int_equal(s->u.netstat.flags, SCN_NETSTAT_ALL | SCN_NETSTAT_NUM);
	assert_string_equal(s->u.netstat.proto, "tcp");
	assert_int_equal(one("netstat -rn")->u.netstat.flags,
	    SCN_NETSTAT_ROUTE | SCN_NETSTAT_NUM);
	assert_int_equal(one("netstat -s")->u.netstat.flags, SCN_NETSTAT_STATS);
	assert_int_equal(one("netstat -i")->u.netstat.flags, SCN_NETSTAT_IF);
	assert_int_equal(one("netstat -m")->u.netstat.flags, SCN_NETSTAT_MBUF);
	s = one("ping -c 3 -i 0.5 -s 0 1.2.3.4");
	assert_int_equal(s->kind, SCN_PING);
	assert_int_equal(s->u.ping->count, 3);
	assert_int_equal(s->u.ping->wait_ns, 500000000);
	assert_int_equal(s->u.ping->size, 0);
	assert_int_equal(s->u.ping->timeout_ns, -1);
	s = one("ping -t 2 1.2.3.4");
	assert_int_equal(s->u.ping->count, -1);
	assert_true(s->u.ping->timeout_ns == 2000000000);
	assert_int_equal(s->u.ping->size, 56);
	s = one("tcpdrop 1.1.1.1 1 2.2.2.2 65535");
	assert_int_equal(s->kind, SCN_TCPDROP);
	assert_int_equal(s->u.tcpdrop.faddr, A(2, 2, 2, 2));
	assert_int_equal(s->u.tcpdrop.fport, 65535);
}

static void
impairments(void **state)
{
	const struct scn_link *l;
	const struct scn_stmt *s;

	(void)state;
	l = one("link e0 dup 7ppm corrupt 0.5ppm reorder 10% by 3ms")->u.link;
	assert_int_equal(
	    l->what, SCN_LINK_DUP | SCN_LINK_CORRUPT | SCN_LINK_REORDER);
	assert_int_equal(l->dup_ppb, 7000);
	assert_int_equal(l->corrupt_ppb, 500);
	assert_int_equal(l->reorder_ppb, 100000000);
	assert_int_equal(l->hold_ns, 3000000);
	assert_int_equal(l->holdn, 0);
	l = one("link e0 reorder 1000000ppm by 1000 delay 1ms")->u.link;
	assert_int_equal(l->what, SCN_LINK_DELAY | SCN_LINK_REORDER);
	assert_int_equal(l->reorder_ppb, 1000000000);
	assert_int_equal(l->hold_ns, 0);
	assert_int_equal(l->holdn, 1000);
	assert_int_equal(one("link e0 reorder 1%")->u.link->holdn, 1);
	s = one("link epair0b corrupt next 2 of fin");
	assert_int_equal(s->kind, SCN_LINK_CORRUPT_NEXT);
	assert_int_equal(s->u.link->nframes, 2);
	assert_int_equal(s->u.link->cls, SCN_CLS_FIN);
	s = one("link epair0b reorder next 1000000 by 1ns");
	assert_int_equal(s->kind, SCN_LINK_REORDER_NEXT);
	assert_int_equal(s->u.link->nframes, 1000000);
	assert_int_equal(s->u.link->cls, SCN_CLS_ANY);
	assert_int_equal(s->u.link->hold_ns, 1);
	assert_int_equal(one("link epair0b reorder next 1")->u.link->holdn, 1);
}

static void
links(void **state)
{
	const struct scn_link *l;
	const struct scn_stmt *s;

	(void)state;
	l = one("link epair12 delay 5ms rate 10mbps queue 50 loss 1% dup 0.5")
		->u.link;
	assert_string_equal(l->name, "epair12");
	assert_int_equal(l->end, SCN_END_BOTH);
	assert_int_equal(l->what, 0x1f);
	assert_int_equal(l->delay_ns, 5000000);
	assert_int_equal(l->rate_bps, 10000000);
	assert_int_equal(l->queue, 50);
	assert_int_equal(l->loss_ppb, 10000000);
	assert_int_equal(l->dup_ppb, 500000000);
	l = one("link epair0b loss 100%")->u.link;
	assert_string_equal(l->name, "epair0");
	assert_string_equal(l->ifname, "epair0b");
	assert_int_equal(l->end, SCN_END_B);
	assert_int_equal(l->what, SCN_LINK_LOSS);
	assert_int_equal(l->loss_ppb, 1000000000);
	assert_int_equal(one("link e0 loss 0.000000001")->u.link->loss_ppb, 1);
	assert_int_equal(one("link e0 rate unlimited")->u.link->rate_bps, 0);
	assert_int_equal(one("link e0 rate 0.5kbit")->u.link->rate_bps, 500);
	s = one("link epair0a drop 3 of fin");
	assert_int_equal(s->kind, SCN_LINK_DROP);
	assert_int_equal(s->u.link->end, SCN_END_A);
	assert_int_equal(s->u.link->nframes, 3);
	assert_int_equal(s->u.link->cls, SCN_CLS_FIN);
	assert_int_equal(one("link epair0a drop 1")->u.link->cls, SCN_CLS_ANY);
	assert_int_equal(
	    one("link epair0a drop 1 of arp")->u.link->cls, SCN_CLS_ARP);
	assert_int_equal(
	    one("link epair0a drop 1 of tcp")->u.link->cls, SCN_CLS_TCP);
	assert_int_equal(one("link epair0 cut")->kind, SCN_LINK_CUT);
	assert_int_equal(one("link epair0 join")->kind, SCN_LINK_JOIN);
	assert_int_equal(one("link epair0 tap")->kind, SCN_LINK_TAP);
}

static void
who_acts(void **state)
{
	static const struct {
		const char *text;
		const char *jail;
		const char *proc;
	} rows[] = { { "a close x", "a", "a" }, { "a.b close x", "a.b", "a.b" },
		{ "a:w close x", "a", "w" }, { ":w close x", "0", "w" },
		{ "0:w close x", "0", "w" }, { "0 close x", "0", "0" },
		{ "close x", "0", "0" }, { "x = socket tcp", "0", "0" },
		{ "a x = socket tcp", "a", "a" },
		{ "a-b:w x = socket tcp", "a-b", "w" } };
	const struct scn_stmt *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = one(rows[i].text);
		assert_string_equal(s->jail, rows[i].jail);
		assert_string_equal(s->proc, rows[i].proc);
	}
	s = one("a kill w");
	assert_int_equal(s->kind, SCN_KILL);
	assert_string_equal(s->jail, "a");
	assert_string_equal(s->u.name, "w");
	assert_null(s->proc);
	s = one("kill a.b:w");
	assert_string_equal(s->jail, "a.b");
	assert_string_equal(s->u.name, "w");
	assert_string_equal(one("kill w")->jail, SCN_HOST);
	assert_string_equal(one("kill :w")->jail, SCN_HOST);
	assert_string_equal(one("a.b kill a.b")->u.name, "a.b");
}

static void
sockets_are_made(void **state)
{
	const struct scn_sock *so;

	(void)state;
	so =
	    one("a c = connect tcp 1.2.3.4 80 from 5.6.7.8:9 nonblock")->u.sock;
	assert_string_equal(so->result, "c");
	assert_null(so->sock);
	assert_int_equal(so->proto, SCN_TCP);
	assert_int_equal(so->faddr, A(1, 2, 3, 4));
	assert_int_equal(so->fport, 80);
	assert_true(so->from && so->nonblock);
	assert_int_equal(so->laddr, A(5, 6, 7, 8));
	assert_int_equal(so->lport, 9);
	so = one("c = connect udp 1.2.3.4 80 from :9")->u.sock;
	assert_int_equal(so->proto, SCN_UDP);
	assert_int_equal(so->laddr, 0);
	assert_int_equal(so->lport, 9);
	so = one("c = connect tcp 1.2.3.4 80 from 5.6.7.8")->u.sock;
	assert_true(so->from);
	assert_int_equal(so->lport, 0);
	assert_false(one("c = connect tcp 1.2.3.4 80")->u.sock->from);
	so = one("connect c 1.2.3.4 80 nonblock")->u.sock;
	assert_string_equal(so->sock, "c");
	assert_null(so->result);
	assert_true(so->nonblock);
	so = one("s = listen tcp 1.2.3.4 80 backlog 0")->u.sock;
	assert_int_equal(so->laddr, A(1, 2, 3, 4));
	assert_int_equal(so->lport, 80);
	assert_int_equal(so->backlog, 0);
	so = one("s = listen tcp 0")->u.sock;
	assert_int_equal(so->laddr, 0);
	assert_int_equal(so->backlog, -1);
	so = one("listen s backlog 65535")->u.sock;
	assert_string_equal(so->sock, "s");
	assert_int_equal(so->backlog, 65535);
	so = one("n = accept s nonblock")->u.sock;
	assert_string_equal(so->result, "n");
	assert_string_equal(so->sock, "s");
	assert_true(so->nonblock);
	so = one("n = recvfd a.b s")->u.sock;
	assert_string_equal(so->result, "n");
	assert_string_equal(so->fromjail, "a.b");
	assert_string_equal(so->sock, "s");
	so = one("u = bind udp 1.2.3.4 53")->u.sock;
	assert_int_equal(so->proto, SCN_UDP);
	assert_int_equal(so->lport, 53);
	assert_string_equal(one("bind u 53")->u.sock->sock, "u");
	assert_int_equal(one("t = socket udp")->u.sock->proto, SCN_UDP);
}

static void
sockets_are_used(void **state)
{
	const struct scn_sock *so;

	(void)state;
	so = one("send c 1000 to 1.2.3.4 5 nonblock")->u.sock;
	assert_string_equal(so->sock, "c");
	assert_int_equal(so->count, 1000);
	assert_null(so->text);
	assert_true(so->to && so->nonblock);
	assert_int_equal(so->faddr, A(1, 2, 3, 4));
	assert_int_equal(so->fport, 5);
	so = one("send c \"a b\\n\\x41;#$((1+1))\"")->u.sock;
	assert_string_equal(so->text, "a b\nA;#2");
	assert_int_equal(so->count, 8);
	assert_false(so->to);
	assert_int_equal(one("recv c all")->u.sock->count, -1);
	so = one("recv c 0 nonblock")->u.sock;
	assert_int_equal(so->count, 0);
	assert_true(so->nonblock);
	assert_int_equal(one("close c")->kind, SCN_CLOSE);
	assert_int_equal(one("shutdown c rd")->u.sock->how, SCN_SHUT_RD);
	assert_int_equal(one("shutdown c wr")->u.sock->how, SCN_SHUT_WR);
	assert_int_equal(one("shutdown c rdwr")->u.sock->how, SCN_SHUT_RDWR);
	so = one("linger c on 0")->u.sock;
	assert_true(so->on);
	assert_int_equal(so->linger_ns, 0);
	assert_true(one("linger c on 5s")->u.sock->linger_ns == 5000000000);
	assert_true(one("linger c on 5")->u.sock->linger_ns == 5000000000);
	assert_false(one("linger c off")->u.sock->on);
	so = one("setsockopt c TCP_NODELAY on")->u.sock;
	assert_string_equal(so->optname, "TCP_NODELAY");
	assert_int_equal(so->level, 6);
	assert_int_equal(so->opt, 1);
	assert_int_equal(so->value, 1);
	so = one("setsockopt c SO_RCVBUF 4096")->u.sock;
	assert_int_equal(so->level, 0xffff);
	assert_int_equal(so->opt, 0x1002);
	assert_int_equal(so->value, 4096);
	assert_int_equal(
	    one("setsockopt c SO_KEEPALIVE off")->u.sock->value, 0);
}

static const struct scn_claim *
claim(const char *text)
{
	const struct scn_stmt *s = one(text);

	assert_true(s->kind == SCN_EXPECT || s->kind == SCN_UNTIL);
	return (s->u.claim);
}

static void
claims_about_sockets(void **state)
{
	const struct scn_claim *cl;

	(void)state;
	cl = claim("expect a c state CLOSED|TIME_WAIT within 2msl");
	assert_int_equal(cl->kind, SCN_CL_STATE);
	assert_string_equal(cl->jail, "a");
	assert_string_equal(cl->name, "c");
	assert_int_equal(
	    cl->states, 1u << SCN_TCPS_CLOSED | 1u << SCN_TCPS_TIME_WAIT);
	assert_true(cl->has_within);
	assert_int_equal(cl->within.msl, 2);
	cl = claim("expect c state LISTEN");
	assert_string_equal(cl->jail, SCN_HOST);
	assert_false(cl->has_within);
	assert_int_equal(claim("expect a c error ECONNRESET")->error, 54);
	assert_int_equal(claim("expect a c error EWOULDBLOCK")->error, 35);
	cl = claim("expect a c error none");
	assert_int_equal(cl->kind, SCN_CL_ERROR);
	assert_int_equal(cl->error, 0);
	cl = claim("expect a c received 10");
	assert_int_equal(cl->op, SCN_EQ);
	assert_int_equal(cl->n, 10);
	cl = claim("expect a c received >= 10");
	assert_int_equal(cl->kind, SCN_CL_RECEIVED);
	assert_int_equal(cl->op, SCN_GE);
	assert_int_equal(claim("expect a c eof")->kind, SCN_CL_EOF);
	assert_int_equal(claim("expect a c done")->kind, SCN_CL_DONE);
	assert_int_equal(claim("expect a c blocked")->kind, SCN_CL_BLOCKED);
	cl = claim("expect a c failed ETIMEDOUT");
	assert_int_equal(cl->kind, SCN_CL_FAILED);
	assert_int_equal(cl->error, 60);
}

static void
claims_about_the_world(void **state)
{
	static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=" };
	const struct scn_claim *cl;
	char text[64];
	int i;

	(void)state;
	cl = claim("until a inpcb udp != 2");
	assert_int_equal(cl->kind, SCN_CL_INPCB);
	assert_int_equal(cl->proto, SCN_UDP);
	assert_int_equal(cl->op, SCN_NE);
	assert_string_equal(claim("expect inpcb tcp 0")->jail, SCN_HOST);
	assert_int_equal(claim("expect a gone")->kind, SCN_CL_GONE);
	assert_int_equal(claim("expect a dying")->kind, SCN_CL_DYING);
	assert_int_equal(claim("expect 0 alive")->kind, SCN_CL_ALIVE);
	cl = claim("expect ledger 0 3");
	assert_int_equal(cl->kind, SCN_CL_LEDGER);
	assert_string_equal(cl->jail, SCN_HOST);
	assert_int_equal(cl->n, 3);
	assert_int_equal(claim("expect leaks 0")->kind, SCN_CL_LEAKS);
	for (i = 0; i < 6; i++) {
		snprintf(text, sizeof(text), "expect findings %s -1", ops[i]);
		cl = claim(text);
		assert_int_equal(cl->kind, SCN_CL_FINDINGS);
		assert_int_equal(cl->op, i);
		assert_int_equal(cl->n, -1);
	}
	cl = claim("expect peers closed 20 by rst 1 by fin 19");
	assert_int_equal(cl->kind, SCN_CL_PEERS);
	assert_int_equal(cl->n, 20);
	assert_int_equal(cl->by_fin, 19);
	assert_int_equal(cl->by_rst, 1);
	assert_int_equal(claim("expect peers closed 2")->by_fin, -1);
	cl = claim("expect outcome a reset 2 finned 1 within 1s");
	assert_int_equal(cl->kind, SCN_CL_OUTCOME);
	assert_int_equal(cl->finned, 1);
	assert_int_equal(cl->reset, 2);
	assert_int_equal(cl->abandoned, -1);
	assert_true(cl->has_within);
	cl = claim("expect stat a tcp.tcps_rexmttimeo > 1");
	assert_int_equal(cl->kind, SCN_CL_STAT);
	assert_string_equal(cl->name, "tcp.tcps_rexmttimeo");
	assert_int_equal(cl->op, SCN_GT);
	cl = claim("expect sysctl a net.inet.ip.ttl 64");
	assert_int_equal(cl->kind, SCN_CL_SYSCTL);
	assert_string_equal(cl->name, "net.inet.ip.ttl");
	assert_string_equal(cl->text, "64");
}

static void
claims_about_commands(void **state)
{
	const struct scn_claim *cl;

	(void)state;
	cl = claim("expect fails EADDRINUSE a:w s = listen tcp 80");
	assert_int_equal(cl->kind, SCN_CL_FAILS);
	assert_int_equal(cl->error, 48);
	assert_int_equal(cl->cmd->kind, SCN_LISTEN);
	assert_string_equal(cl->cmd->jail, "a");
	assert_string_equal(cl->cmd->proc, "w");
	assert_int_equal(cl->cmd->pos.col, 25);
	assert_int_equal(cl->cmd->nwords, 6);
	cl = claim("expect fails ENXIO jexec a ifconfig epair9a up");
	assert_int_equal(cl->cmd->kind, SCN_IF_CONF);
	assert_string_equal(cl->cmd->jail, "a");
	assert_int_equal(
	    claim("expect fails ENOENT link epair9 cut")->cmd->kind,
	    SCN_LINK_CUT);
	cl = claim("expect output \"a b\" jexec a netstat -an");
	assert_int_equal(cl->kind, SCN_CL_OUTPUT);
	assert_false(cl->no);
	assert_string_equal(cl->text, "a b");
	assert_int_equal(cl->cmd->kind, SCN_NETSTAT);
	cl = claim("expect no output x jls");
	assert_true(cl->no);
	assert_string_equal(cl->text, "x");
}

static void
packets(void **state)
{
	const struct scn_claim *cl;
	const struct scn_packet *k;

	(void)state;
	cl = claim("expect packet epair0a within 1s "
		   "> F. 1001:1001(0) ack 1 win *");
	assert_int_equal(cl->kind, SCN_CL_PACKET);
	assert_false(cl->no);
	assert_true(cl->within.ns == 1000000000);
	k = cl->packet;
	assert_string_equal(k->ifname, "epair0a");
	assert_string_equal(k->link, "epair0");
	assert_int_equal(k->end, SCN_END_A);
	assert_true(k->out);
	assert_int_equal(k->flags, SCN_TH_FIN | SCN_TH_ACK);
	assert_false(k->any_flags);
	assert_true(!k->seq.any && !k->end_seq.any && !k->len.any);
	assert_int_equal(k->seq.v, 1001);
	assert_int_equal(k->end_seq.v, 1001);
	assert_int_equal(k->len.v, 0);
	assert_true(!k->ack.any && k->ack.v == 1);
	assert_true(k->win.any && k->urg.any && k->sport.any);
	assert_false(k->has_opts);

	k = claim("expect no packet epair0b < 80 > * SRP.UEW *:5(4) urg 3")
		->packet;
	assert_true(script->stmts[0].u.claim->no);
	assert_false(k->out);
	assert_int_equal(k->end, SCN_END_B);
	assert_int_equal(k->flags, 0xfe);
	assert_true(!k->sport.any && k->sport.v == 80 && k->dport.any);
	assert_true(k->seq.any && k->end_seq.v == 5 && k->len.v == 4);
	assert_int_equal(k->urg.v, 3);
	k = claim("expect packet epair0a > tcp * ...")->packet;
	assert_true(k->any_flags && k->seq.any);
	k = claim("expect packet epair0a > - * win 7")->packet;
	assert_true(!k->any_flags && k->flags == 0 && k->win.v == 7);
	k = claim("expect packet epair0a > . 4294967295:9(10)")->packet;
	assert_int_equal(k->end_seq.v, 9);
	cl = claim("expect packet epair0a > R within 3msl");
	assert_int_equal(cl->within.msl, 3);
}

static void
packet_options(void **state)
{
	const struct scn_packet *k;

	(void)state;
	k = claim("expect packet epair0a > S 0:0(0) <mss 1460,nop, wscale 7 ,"
		  "sackOK,TS val 1 ecr *,sack 1:2 3:*,eol>")
		->packet;
	assert_true(k->has_opts && !k->opts_more);
	assert_int_equal(k->nopts, 7);
	assert_int_equal(k->opts[0].kind, SCN_OPT_MSS);
	assert_int_equal(k->opts[0].nv, 1);
	assert_int_equal(k->opts[0].v[0].v, 1460);
	assert_int_equal(k->opts[1].kind, SCN_OPT_NOP);
	assert_int_equal(k->opts[2].kind, SCN_OPT_WSCALE);
	assert_int_equal(k->opts[2].v[0].v, 7);
	assert_int_equal(k->opts[3].kind, SCN_OPT_SACKOK);
	assert_int_equal(k->opts[4].kind, SCN_OPT_TS);
	assert_int_equal(k->opts[4].v[0].v, 1);
	assert_true(k->opts[4].v[1].any);
	assert_int_equal(k->opts[5].kind, SCN_OPT_SACK);
	assert_int_equal(k->opts[5].nv, 4);
	assert_int_equal(k->opts[5].v[2].v, 3);
	assert_true(k->opts[5].v[3].any);
	assert_int_equal(k->opts[6].kind, SCN_OPT_EOL);
	k = claim("expect packet epair0a > S <mss *, ...> win 1")->packet;
	assert_true(k->opts_more && k->nopts == 1 && k->opts[0].v[0].any);
	assert_int_equal(k->win.v, 1);
	k = claim("expect packet epair0a > S <>")->packet;
	assert_true(k->has_opts && k->nopts == 0 && !k->opts_more);
	k = claim("expect packet epair0a > S <...>")->packet;
	assert_true(k->has_opts && k->nopts == 0 && k->opts_more);
}

static void
names_of_numbers(void **state)
{
	int i;

	(void)state;
	assert_int_equal(scn_errno_parse("EPERM"), 1);
	assert_int_equal(scn_errno_parse("ECONNREFUSED"), 61);
	assert_int_equal(scn_errno_parse("econnrefused"), 0);
	assert_int_equal(scn_errno_parse(""), 0);
	assert_string_equal(scn_errno_name(35), "EAGAIN");
	assert_null(scn_errno_name(0));
	for (i = 1; i < 128; i++)
		if (scn_errno_name(i) != NULL)
			assert_int_equal(scn_errno_parse(scn_errno_name(i)), i);
	assert_string_equal(
	    scn_tcp_state_name(SCN_TCPS_SYN_RECEIVED), "SYN_RCVD");
	assert_string_equal(
	    scn_tcp_state_name(SCN_TCPS_TIME_WAIT), "TIME_WAIT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(words_and_place_are_kept, release),
		cmocka_unit_test_teardown(times, release),
		cmocka_unit_test_teardown(jails, release),
		cmocka_unit_test_teardown(interfaces_come_and_go, release),
		cmocka_unit_test_teardown(interfaces_are_configured, release),
		cmocka_unit_test_teardown(tables_and_setfib, release),
		cmocka_unit_test_teardown(routes_and_neighbours, release),
		cmocka_unit_test_teardown(small_commands, release),
		cmocka_unit_test_teardown(links, release),
		cmocka_unit_test_teardown(impairments, release),
		cmocka_unit_test_teardown(who_acts, release),
		cmocka_unit_test_teardown(sockets_are_made, release),
		cmocka_unit_test_teardown(sockets_are_used, release),
		cmocka_unit_test_teardown(claims_about_sockets, release),
		cmocka_unit_test_teardown(claims_about_the_world, release),
		cmocka_unit_test_teardown(claims_about_commands, release),
		cmocka_unit_test_teardown(packets, release),
		cmocka_unit_test_teardown(packet_options, release),
		cmocka_unit_test_teardown(names_of_numbers, release),
	};

	return (cmocka_run_group_tests_name("scn_forms", tests, NULL, NULL)
		    ? 1
		    : 0);
}
