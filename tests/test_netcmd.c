/*
 * test_netcmd.c - columns of netstat, sockstat and vmstat; live and on file.
 *
 * Header lines and widths are FreeBSD's, written out here; numbers are set in
 * the world's memory, up to the width of their columns and beyond, where a
 * column grows and nothing is cut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/netcmd.h"
#include "src/core/world.h"
#include "tests/lib/tstack.h"
#include "tests/lib/tview.h"
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_pcb.h"

enum { BACKLOG = 7 };

/* Two connections, one of them accepted; a listener, a UDP socket. */
static void
busy(struct st *s)
{
	int a, b, l;

	memset(s, 0, sizeof(*s));
	assert_true(st_open(s, NULL));
	st_setup(s);
	l = st_listen(s, s->phub, 80, BACKLOG);
	assert_int_equal(
	    st_connect(s, s->pcli, ST_HUB, 80, s->phub, l, &a, &b), 0);
	(void)st_send(s, s->pcli, a, 300);
	assert_int_equal(vnetsim_socket(s->w, s->pcli, VNETSIM_UDP, &b), 0);
	assert_int_equal(
	    vnetsim_bind(s->w, s->pcli, b, &(struct vnetsim_addr){ 0, 53 }), 0);
	st_run(s, 300 * ST_MS);
}

/* A command, as its words.  Return: what it prints, freed by the caller; NULL:
 * an error, in *error. */
static char *
text_of(const struct netcmd *where, const char *words, int *error)
{
	char buf[128], *s;
	const char *w[16];
	struct scn_sockstat ss;
	struct scn_netstat ns;
	struct rbuf out = { 0 };
	struct netcmd nc = *where;
	struct getarg ga;
	uint32_t flags;
	int n = 0;

	(void)snprintf(buf, sizeof(buf), "%s", words);
	for (s = strtok(buf, " "); s != NULL; s = strtok(NULL, " "))
		w[n++] = s;
	nc.nc_out = &out;
	getarg_begin(&ga, n - 1, w + 1);
	if (strcmp(w[0], "netstat") == 0) {
		assert_true(netstat_parse(&ns, &ga));
		*error = netstat(&nc, &ns);
	} else if (strcmp(w[0], "sockstat") == 0) {
		assert_true(sockstat_parse(&ss, &ga));
		*error = sockstat(&nc, &ss);
	} else {
		assert_true(vmstat_parse(&flags, &ga));
		*error = vmstat(&nc, flags);
	}
	if (*error != 0) {
		rbuf_free(&out);
		return (NULL);
	}
	s = strdup(rbuf_str(&out));
	assert_non_null(s);
	rbuf_free(&out);
	return (s);
}

static struct netcmd
live(struct st *s, vnetsim_handle jail)
{
	struct netcmd nc = {
		.nc_w = s->w, .nc_v = vnetsim_view_live(s->w), .nc_jail = jail
	};
	struct vnetsim_jail_info ji;

	assert_int_equal(vnetsim_jail_info(s->w, jail, &ji), 0);
	nc.nc_vnet = ji.vnet;
	return (nc);
}

/* The output must have this line. */
static void
has(const struct netcmd *nc, const char *words, const char *line)
{
	char *text, *at;
	size_t len = strlen(line);
	int error;

	text = text_of(nc, words, &error);
	assert_int_equal(error, 0);
	for (at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			break;
	if (at == NULL)
		fail_msg("%s: no line\n'%s' in\n%s", words, line, text);
	free(text);
}

static void
fails(const struct netcmd *nc, const char *words, int want)
{
	int error;

	assert_null(text_of(nc, words, &error));
	assert_int_equal(error, want);
}

/* The first socket of a state in a vnet. */
static struct socket *
socket_in(struct st *s, uint32_t vnet, const char *state)
{
	struct vnetsim_pcb p;
	uint64_t it = 0;

	while (
	    vnetsim_view_pcb_next(vnetsim_view_live(s->w), vnet, &it, &p) == 0)
		if (p.state != NULL && strcmp(p.state, state) == 0)
			return (
			    (struct socket *)(void *)((char *)s->w + p.cookie));
	fail_msg("no socket in state %s", state);
	return (NULL);
}

static void
sockets_have_the_columns_of_netstat(void **state)
{
	struct netcmd hub, cli;
	struct socket *so;
	struct st s;

	(void)state;
	busy(&s);
	hub = live(&s, s.hub);
	cli = live(&s, s.cli);
	has(&hub, "netstat -an",
	    "Active Internet connections (including servers)");
	has(&hub, "netstat -n", "Active Internet connections");
	has(&hub, "netstat -an",
	    "Proto Recv-Q Send-Q Local Address          "
	    "Foreign Address        (state)");
	has(&hub, "netstat -an",
	    "tcp4       0      0 *.80                   "
	    "*.*                    LISTEN");
	has(&cli, "netstat -an -p udp",
	    "udp4       0      0 *.53                   "
	    "*.*                    ");
	so = socket_in(&s, hub.nc_vnet, "ESTABLISHED");
	assert_int_equal(so->so_rcv.sb_ccc, 300);
	so->so_rcv.sb_ccc = 999999;
	so->so_snd.sb_ccc = 1000000;
	((struct inpcb *)so->so_pcb)->inp_laddr = 0xffffffff;
	((struct inpcb *)so->so_pcb)->inp_lport = 65535;
	((struct inpcb *)so->so_pcb)->inp_faddr = 0xdfffffff;
	((struct inpcb *)so->so_pcb)->inp_fport = 65534;
	has(&hub, "netstat -n",
	    "tcp4  999999 1000000 255.255.255.255.65535  "
	    "223.255.255.255.65534  ESTABLISHED");
	so->so_rcv.sb_ccc = 300;
	so->so_snd.sb_ccc = 0;
	so = socket_in(&s, hub.nc_vnet, "LISTEN");
	so->so_qlen = 4000000000;
	so->so_incqlen = 4000000001;
	has(&hub, "netstat -L",
	    "Current listen queue sizes (qlen/incqlen/maxqlen)");
	has(&hub, "netstat -Lan",
	    "Proto Listen                           Local Address         ");
	has(&hub, "netstat -Lan",
	    "tcp4  4000000000/4000000001/7          *.80                   ");
	so->so_qlen = so->so_incqlen = 0;
	fails(&hub, "netstat -an -j nobody", VE_NOENT);
	st_close(&s);
}

static void
interfaces_and_routes_have_the_columns_of_netstat(void **state)
{
	struct vnetsim_object o;
	struct netcmd nc;
	struct ifnet *ifp;
	uint64_t it = 0;
	struct st s;

	(void)state;
	busy(&s);
	nc = live(&s, s.hub);
	has(&nc, "netstat -i",
	    "Name      Mtu Network       Address              "
	    "Ipkts Ierrs Idrop    Opkts Oerrs  Coll");
	has(&nc, "netstat -ibd",
	    "Name      Mtu Network       Address              "
	    "Ipkts Ierrs Idrop     Ibytes    Opkts Oerrs     Obytes  Coll  "
	    "Drop");
	has(&nc, "netstat -I epair0a",
	    "epair0a     - 10.0.0.0/24   10.0.0.1          "
	    "       -     -     -        -     -     - ");
	do
		assert_int_equal(
		    vnetsim_object_next(nc.nc_v, nc.nc_vnet, "ifnet", &it, &o),
		    0);
	while (
	    ((struct ifnet *)(void *)((char *)s.w + o.cookie))->if_xname[0] !=
	    'e');
	ifp = (struct ifnet *)(void *)((char *)s.w + o.cookie);
	ifp->if_data.ifi_ipackets = 99999999;
	ifp->if_data.ifi_ierrors = 100000;
	ifp->if_data.ifi_opackets = 100000000;
	ifp->if_data.ifi_ibytes = 9999999999;
	ifp->if_data.ifi_obytes = UINT64_MAX;
	has(&nc, "netstat -bI epair0a",
	    "epair0a  1500 <Link#2>      02:00:00:00:00:0a 99999999 100000 "
	    "    0 9999999999 100000000     0 18446744073709551615     0 ");
	has(&nc, "netstat -rn", "Routing tables");
	has(&nc, "netstat -rn", "Internet:");
	has(&nc, "netstat -rn",
	    "Destination        Gateway            Flags     Netif Expire");
	has(&nc, "netstat -rnW",
	    "Destination        Gateway            Flags     Mtu    Netif "
	    "Expire");
	has(&nc, "netstat -rn",
	    "10.0.0.0/24        link#2             U       epair0a");
	has(&nc, "netstat -rn",
	    "10.0.0.1           link#2             UH          lo0");
	fails(&nc, "netstat -I epair7a", VE_NXIO);
	fails(&nc, "netstat -rn -F 65535", VE_INVAL);
	st_close(&s);
}

static void
statistics_are_sentences(void **state)
{
	struct netcmd nc;
	struct st s;

	(void)state;
	busy(&s);
	nc = live(&s, s.cli);
	has(&nc, "netstat -s", "tcp:");
	has(&nc, "netstat -s", "\t1 connection request");
	has(&nc, "netstat -s", "\t0 connection accepts");
	has(&nc, "netstat -s", "\t\t1 data packet (300 bytes)");
	has(&nc, "netstat -s", "\t0 embryonic connections dropped");
	has(&nc, "netstat -s", "\t0 syncache entries added");
	has(&nc, "netstat -ss -p tcp", "TCP connection count by state:");
	has(&nc, "netstat -ss -p tcp", "\t1 connection in ESTABLISHED state");
	has(&nc, "netstat -s -p udp", "\t0 delivered");
	has(&nc, "netstat -s -p arp", "\t2 ARP requests sent");
	has(&nc, "netstat -s -p arp", "\t0 ARP replies sent");
	nc = live(&s, s.hub);
	has(&nc, "netstat -ss", "\t1 syncache entry added");
	has(&nc, "netstat -ss", "\t1 ARP reply sent");
	has(&nc, "netstat -ss",
	    "\t\t1 packet (300 bytes) received in-sequence");
	st_close(&s);
}

/* The numbers of a type, set; and as vmstat shows them. */
static void
memory_is_counted_by_type(void **state)
{
	struct vnetsim_memtype mt[VNETSIM_MEMTYPES];
	struct world_mem *wm;
	struct netcmd nc;
	char *text;
	struct st s;
	size_t n, i;
	int error;

	(void)state;
	busy(&s);
	wm = &((struct world *)s.w)->w_mem;
	nc = live(&s, s.host);
	n = vnetsim_view_memory(nc.nc_v, mt, VNETSIM_MEMTYPES);
	for (i = 0; strcmp(mt[i].name, "socket") != 0; i++)
		assert_true(i < n);
	assert_int_equal(mt[i].size, sizeof(struct socket));
	assert_int_equal(mt[i].live, 4); /* listener, both ends, UDP */
	assert_int_equal(mt[i].bytes, 4 * sizeof(struct socket));
	assert_int_equal(mt[i].free, 0);
	assert_int_equal(mt[i].requests, 4);
	assert_int_equal(mt[i].fails, 0);
	assert_int_equal(vnetsim_view_memory(nc.nc_v, mt, 3), 3);
	has(&nc, "vmstat -z",
	    "ITEM                   SIZE  LIMIT     USED     FREE      REQ "
	    "FAIL SLEEP XDOMAIN");
	wm->wm_typestat[i].ts_requests = 123456789;
	wm->wm_typestat[i].ts_fail = 12345;
	assert_true(sizeof(struct socket) < 1000);
	text = text_of(&nc, "vmstat -z", &error);
	assert_non_null(strstr(text, "\nsocket:                 "));
	assert_non_null(strstr(
	    text, ",      0,       4,       0,123456789,12345,   0,   0\n"));
	free(text);
	has(&nc, "vmstat -m", "         Type InUse MemUse Requests  Size(s)");
	has(&nc, "vmstat -m", "      fdtable     2     1K        2  128");
	has(&nc, "netstat -m",
	    "0/0/0 requests for mbufs denied "
	    "(mbufs/clusters/mbuf+clusters)");
	st_close(&s);
}

/* A request that is refused is counted, and a free block is seen. */
static void
refusals_and_free_blocks_are_counted(void **state)
{
	struct vnetsim_memtype mt[VNETSIM_MEMTYPES], *so = NULL;
	struct world_mem *wm;
	struct st s;
	size_t n;
	int fd;

	(void)state;
	busy(&s);
	n = vnetsim_view_memory(vnetsim_view_live(s.w), mt, VNETSIM_MEMTYPES);
	for (size_t i = 0; i < n; i++)
		if (strcmp(mt[i].name, "socket") == 0)
			so = &mt[i];
	assert_non_null(so);
	wm = &((struct world *)s.w)->w_mem;
	wm->wm_failat = wm->wm_nfallible + 1;
	assert_int_equal(
	    vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), VE_NOBUFS);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	assert_int_equal(vnetsim_close(s.w, s.pcli, fd, NULL), 0);
	st_run(&s, ST_S);
	n = vnetsim_view_memory(vnetsim_view_live(s.w), mt, VNETSIM_MEMTYPES);
	assert_int_equal(so->fails, 1);
	assert_int_equal(so->requests, 5);
	assert_int_equal(so->live, 4);
	assert_int_equal(so->free, 1);
	st_close(&s);
}

static void
sockstat_names_owners(void **state)
{
	struct netcmd nc;
	struct st s;
	int fd;

	(void)state;
	busy(&s);
	nc = live(&s, s.hub);
	has(&nc, "sockstat",
	    "USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         "
	    "FOREIGN ADDRESS      ");
	has(&nc, "sockstat -s",
	    "USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         "
	    "FOREIGN ADDRESS       PATH STATE   CONN STATE  ");
	has(&nc, "sockstat -l",
	    "root     hub        1     0  tcp4   *:80                  *:*");
	/* whoever has it: a descriptor of the other jail's process */
	assert_int_equal(vnetsim_fdpass(s.w, s.phub, 0, s.pcli, &fd), 0);
	has(&nc, "sockstat -4 -l -P tcp -p 1-79,80",
	    "root     cli        2     2  tcp4   *:80                  *:*");
	assert_int_equal(vnetsim_close(s.w, s.pcli, fd, NULL), 0);
	nc = live(&s, s.cli);
	has(&nc, "sockstat -P udp",
	    "root     cli        2     1  udp4   *:53                  *:*");
	nc = live(&s, s.host);
	has(&nc, "sockstat -j hub -P tcp -l",
	    "root     hub        1     0  tcp4   *:80                  *:*");
	fails(&nc, "sockstat -j nobody", VE_NOENT);
	st_close(&s);
}

/* What does not need a running world is the same of a dump. */
static void
a_dump_says_the_same(void **state)
{
	static const char *const same[] = { "netstat -an -j hub",
		"netstat -Lan -j hub", "netstat -an -j cli", "netstat -s",
		"netstat -s -j cli", "netstat -ss -j hub", "netstat -m",
		"sockstat -j hub", "sockstat -s -j cli", "vmstat -z",
		"vmstat -m" };
	struct vnetsim_view *v;
	struct netcmd nc, file;
	struct tview_file f;
	char why[160], *a, *b;
	struct st s;
	int error;

	(void)state;
	busy(&s);
	nc = live(&s, s.host);
	assert_int_equal(tview_dump(s.w, "test", &f), 0);
	assert_int_equal(
	    vnetsim_view_open(f.tf_bytes, f.tf_len, 0, &v, why, sizeof(why)),
	    0);
	file = (struct netcmd){ .nc_v = v };
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		a = text_of(&nc, same[i], &error);
		assert_int_equal(error, 0);
		b = text_of(&file, same[i], &error);
		assert_int_equal(error, 0);
		assert_string_equal(a, b);
		assert_true(strlen(a) > 40);
		free(a);
		free(b);
	}
	fails(&file, "netstat -i", VE_OPNOTSUPP);
	fails(&file, "netstat -rn", VE_OPNOTSUPP);
	fails(&file, "netstat -an -j nobody", VE_NOENT);
	vnetsim_view_close(v);
	tview_free(&f);
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_have_the_columns_of_netstat),
		cmocka_unit_test(
		    interfaces_and_routes_have_the_columns_of_netstat),
		cmocka_unit_test(statistics_are_sentences),
		cmocka_unit_test(memory_is_counted_by_type),
		cmocka_unit_test(refusals_and_free_blocks_are_counted),
		cmocka_unit_test(sockstat_names_owners),
		cmocka_unit_test(a_dump_says_the_same),
	};

	return (
	    cmocka_run_group_tests_name("netcmd", tests, NULL, NULL) ? 1 : 0);
}
