/*
 * bench_netns_linux.c - network namespaces of Linux: come, go, are torn down.
 *
 * The clock runs until they are really gone.  Linux does not tell: close(2) of
 * the last descriptor returns at once and a kernel thread does the rest.  But
 * user.max_net_namespaces of an own user namespace bounds how many there are,
 * the dying ones included: unshare(2) fails (ENOSPC) until they are gone.
 * All of it runs in a child with user and network namespaces of its own.
 * Nothing has a name or a mount: all lives as long as descriptors of the child,
 * which dies with its parent.  Neighbours are entered by hand: their table is
 * one for the whole machine, 1,024 entries, permanent ones not counted.
 * Memory is the growth of Slab and Percpu of the whole machine.
 */
#define _GNU_SOURCE 1 /* NOLINT: for setns(2), unshare(2) */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench_netns.h"

#define SERIAL   20
#define PATIENCE (INT64_C(120) * 1000000000)
#define NET      0x0a000000u /* 10.0.0.0/8: leaf i has .1 of the i-th /30 */

/* Linux's part: the child. */
struct child {
	int home; /* the namespace to be in between */
	unsigned n;
	int leaf[NETNS_MAX], tcp[NETNS_MAX], hub[NETNS_MAX];
	int hubns, hubctl, listener;
	struct netns_figures fig;
};

/* Return: false, so that callers can say so, too. */
static bool
sorry(struct child *c, const char *what)
{
	snprintf(c->fig.why, sizeof(c->fig.why), "%s: %s", what,
	    errno != 0 ? strerror(errno) : "not as expected");
	return (false);
}

static bool
put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok =
	    fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return (ok);
}

static bool
limit(unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	return (put_file("/proc/sys/user/max_net_namespaces", text));
}

static int
here(void)
{
	return (open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

/* Into a namespace of our own, where we may do everything. */
static bool
enter(struct child *c)
{
	struct rlimit rl;
	char map[32];

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		return (sorry(c, "getrlimit"));
	rl.rlim_cur = rl.rlim_max;
	errno = 0;
	if (setrlimit(RLIMIT_NOFILE, &rl) != 0 ||
	    rl.rlim_cur < 3 * NETNS_MAX + 64)
		return (sorry(c, "3,064 descriptors"));
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)getuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return (sorry(c, "unshare"));
	if (!put_file("/proc/self/uid_map", map))
		return (sorry(c, "uid_map"));
	if ((c->home = here()) < 0)
		return (sorry(c, "/proc/self/ns/net"));
	return (limit(c->n + 4) || sorry(c, "user.max_net_namespaces"));
}

/* Be in a new namespace, as soon as at most @others exist besides it. */
static bool
fresh(struct child *c, unsigned others)
{
	const struct timespec pause = { 0, 100000 };
	int64_t t = bench_now();

	if (!limit(others + 1))
		return (sorry(c, "user.max_net_namespaces"));
	while (unshare(CLONE_NEWNET) != 0) {
		if (errno != ENOSPC || bench_now() - t > PATIENCE)
			return (sorry(c, "namespaces do not go"));
		nanosleep(&pause, NULL);
	}
	return (true);
}

static bool
go(struct child *c, int ns)
{
	return (setns(ns, CLONE_NEWNET) == 0 || sorry(c, "setns"));
}

/* Nothing is left but @others; and the one that tells so may go, too. */
static bool
gone(struct child *c, unsigned others)
{
	return (fresh(c, others) && go(c, c->home));
}

static bool
up(struct child *c, int s, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return (ioctl(s, SIOCSIFFLAGS, &ifr) == 0 || sorry(c, "ifconfig up"));
}

/* ifconfig lo up where we are. */
static bool
lo_up(struct child *c)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = s >= 0 ? up(c, s, "lo") : sorry(c, "socket");

	if (s >= 0)
		close(s);
	return (ok);
}

/* A namespace with lo up, where we are then.  Return: its descriptor or -1. */
static int
idle_ns(struct child *c)
{
	int ns = -1;

	if (unshare(CLONE_NEWNET) != 0)
		(void)sorry(c, "unshare");
	else if (lo_up(c) && (ns = here()) < 0)
		(void)sorry(c, "/proc/self/ns/net");
	return (ns);
}

/* Bytes of the kernel, machine-wide. */
static double
kernel_memory(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	double kib = 0;
	char line[128];

	if (f == NULL)
		return (0);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Slab:", 5) == 0)
			kib += strtod(line + 5, NULL);
		else if (strncmp(line, "Percpu:", 7) == 0)
			kib += strtod(line + 7, NULL);
	fclose(f);
	return (kib * 1024);
}

static void
best(struct child *c, enum netns_figure what, unsigned n, int64_t t)
{
	double rate = n * 1e9 / (double)(bench_now() - t);

	if (rate > c->fig.f[what])
		c->fig.f[what] = rate;
}

static bool
linux_many(struct child *c)
{
	double memory[NETNS_REPS];
	int64_t t;

	for (int rep = 0; rep < NETNS_REPS; rep++) {
		if (!limit(c->n + 4))
			return (sorry(c, "user.max_net_namespaces"));
		memory[rep] = -kernel_memory();
		t = bench_now();
		for (unsigned i = 0; i < c->n; i++)
			if ((c->leaf[i] = idle_ns(c)) < 0)
				return (false);
		memory[rep] += kernel_memory();
		if (!go(c, c->home))
			return (false);
		for (unsigned i = 0; i < c->n; i++)
			close(c->leaf[i]);
		if (!gone(c, 1))
			return (false);
		best(c, NETNS_MANY, c->n, t);
	}
	c->fig.f[NETNS_MEMORY] = netns_median(memory) / c->n;
	return (true);
}

/* Each begins when the one before it has gone. */
static bool
linux_serially(struct child *c)
{
	int64_t t;

	if (!fresh(c, 1) || !go(c, c->home))
		return (false);
	t = bench_now();
	for (unsigned i = 0; i < SERIAL; i++)
		if (!fresh(c, 1) || !lo_up(c) || !go(c, c->home))
			return (false);
	best(c, NETNS_SERIALLY, SERIAL, t);
	return (true);
}

struct request {
	struct nlmsghdr h;
	struct ifinfomsg i;
	char attrs[256];
};

/* An attribute at the end of a request; nested ones are closed by hand. */
static struct rtattr *
attr(struct request *r, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a =
	    (struct rtattr *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len > 0)
		memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return (a);
}

static void
attr_end(struct request *r, struct rtattr *a)
{
	a->rta_len =
	    (unsigned short)((char *)r + r->h.nlmsg_len - (const char *)a);
}

static void
mac_of(unsigned char mac[6], unsigned i, unsigned char end)
{
	const unsigned char m[6] = { 2, 0, 0, (unsigned char)(i >> 8),
		(unsigned char)i, end };

	memcpy(mac, m, sizeof(m));
}

/* ip link add v0 type veth peer name h@i netns hub */
static bool
veth(struct child *c, unsigned i)
{
	struct request r = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(r.i)),
				 .nlmsg_type = RTM_NEWLINK,
				 .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE |
						NLM_F_EXCL | NLM_F_ACK } };
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[512];
	} answer = { .e.error = -EIO };
	struct rtattr *info, *data, *peer;
	unsigned char mac[6];
	char name[IFNAMSIZ];
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	(void)attr(&r, IFLA_IFNAME, "v0", 3);
	mac_of(mac, i, 1);
	(void)attr(&r, IFLA_ADDRESS, mac, 6);
	info = attr(&r, IFLA_LINKINFO, NULL, 0);
	(void)attr(&r, IFLA_INFO_KIND, "veth", 5);
	data = attr(&r, IFLA_INFO_DATA, NULL, 0);
	peer = attr(&r, VETH_INFO_PEER, &(struct ifinfomsg){ 0 },
	    sizeof(struct ifinfomsg));
	snprintf(name, sizeof(name), "h%u", i);
	(void)attr(&r, IFLA_IFNAME, name, strlen(name) + 1);
	mac_of(mac, i, 2);
	(void)attr(&r, IFLA_ADDRESS, mac, 6);
	(void)attr(&r, IFLA_NET_NS_FD, &c->hubns, sizeof(c->hubns));
	attr_end(&r, peer);
	attr_end(&r, data);
	attr_end(&r, info);
	if (s >= 0 && send(s, &r, r.h.nlmsg_len, 0) > 0)
		(void)recv(s, &answer, sizeof(answer), 0);
	if (s >= 0)
		close(s);
	errno = -answer.e.error;
	return (answer.e.error == 0 || sorry(c, "veth"));
}

/* An address of a /30, up, and its neighbour by hand. */
static bool
address(struct child *c, int s, const char *name, unsigned i, unsigned end)
{
	uint32_t addr = NET + 4 * i;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct arpreq arp = { .arp_flags = ATF_COM | ATF_PERM };
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	sin.sin_addr.s_addr = htonl(addr + end);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	if (ioctl(s, SIOCSIFADDR, &ifr) != 0)
		return (sorry(c, "ifconfig inet"));
	sin.sin_addr.s_addr = htonl(0xfffffffcu);
	memcpy(&ifr.ifr_netmask, &sin, sizeof(sin));
	if (ioctl(s, SIOCSIFNETMASK, &ifr) != 0)
		return (sorry(c, "ifconfig netmask"));
	if (!up(c, s, name))
		return (false);
	sin.sin_addr.s_addr = htonl(addr + 3 - end);
	memcpy(&arp.arp_pa, &sin, sizeof(sin));
	arp.arp_ha.sa_family = ARPHRD_ETHER;
	mac_of(
	    (unsigned char *)arp.arp_ha.sa_data, i, (unsigned char)(3 - end));
	return (ioctl(s, SIOCSARP, &arp) == 0 || sorry(c, "arp -s"));
}

/* A leaf with its wire; the socket of its connection is not connected yet. */
static bool
leaf(struct child *c, unsigned i)
{
	char name[IFNAMSIZ];
	bool ok;
	int s;

	if ((c->leaf[i] = idle_ns(c)) < 0 || !veth(c, i))
		return (false);
	snprintf(name, sizeof(name), "h%u", i);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ok = address(c, s, "v0", i, 1) && address(c, c->hubctl, name, i, 2);
	close(s);
	c->tcp[i] =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return (ok && (c->tcp[i] >= 0 || sorry(c, "socket")));
}

/*
 * The hub: a namespace, and a listening socket in it.  A FIN that comes to a
 * leaf that is gone is sent again for minutes, and keeps the hub's namespace;
 * one retry is enough.  No figure waits for that.
 */
static bool
hub(struct child *c)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(80) };
	const struct timeval patience = { 30, 0 };

	if ((c->hubns = idle_ns(c)) < 0)
		return (false);
	if (!put_file("/proc/sys/net/ipv4/tcp_orphan_retries", "1"))
		return (sorry(c, "tcp_orphan_retries"));
	c->hubctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	c->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->hubctl < 0 || c->listener < 0 ||
	    setsockopt(c->listener, SOL_SOCKET, SO_RCVTIMEO, &patience,
		sizeof(patience)) != 0 ||
	    bind(c->listener, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    listen(c->listener, NETNS_MAX) != 0)
		return (sorry(c, "hub"));
	return (true);
}

/* Carrier comes a moment after "up"; a SYN before that costs a second, which
 * is not measured. */
static bool
connect_all(struct child *c)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(80) };

	for (unsigned i = 0; i < c->n; i++) {
		sin.sin_addr.s_addr = htonl(NET + 4 * i + 2);
		if (connect(c->tcp[i], (struct sockaddr *)&sin, sizeof(sin)) !=
			0 &&
		    errno != EINPROGRESS)
			return (sorry(c, "connect"));
	}
	/* Sockets have the patience of their listener. */
	for (unsigned i = 0; i < c->n; i++)
		if ((c->hub[i] = accept(c->listener, NULL, NULL)) < 0)
			return (sorry(c, "accept"));
	return (true);
}

static bool
linux_torn(struct child *c)
{
	char byte;
	int64_t t;

	if (!limit(c->n + 4))
		return (sorry(c, "user.max_net_namespaces"));
	if (!hub(c))
		return (false);
	for (unsigned i = 0; i < c->n; i++)
		if (!leaf(c, i))
			return (false);
	if (!connect_all(c) || !go(c, c->home))
		return (false);
	t = bench_now();
	for (unsigned i = 0; i < c->n; i++) {
		close(c->tcp[i]);
		close(c->leaf[i]);
	}
	for (unsigned i = 0; i < c->n; i++) {
		if (recv(c->hub[i], &byte, 1, 0) != 0)
			return (sorry(c, "no end of file at the hub"));
		close(c->hub[i]);
	}
	if (!gone(c, 2))
		return (false);
	best(c, NETNS_TORN, c->n, t);
	close(c->hubns);
	close(c->hubctl);
	close(c->listener);
	return (gone(c, 1));
}

static void
child(unsigned n, pid_t parent, int out)
{
	static struct child c;
	ssize_t got;
	bool ok;

	c.n = n;
	ok = enter(&c);
	/* not before unshare(2): new credentials forget it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	ok = ok && linux_many(&c) && linux_serially(&c);
	for (int rep = 0; ok && rep < NETNS_REPS; rep++)
		ok = linux_torn(&c);
	got = write(out, &c.fig, sizeof(c.fig));
	_exit(got == (ssize_t)sizeof(c.fig) ? 0 : 1);
}

void
netns_linux(unsigned n, struct netns_figures *fig)
{
	ssize_t got = -1;
	int fd[2], status;
	pid_t pid, parent = getpid();

	memset(fig, 0, sizeof(*fig));
	if (pipe(fd) == 0) {
		pid = fork();
		if (pid == 0)
			child(n, parent, fd[1]);
		close(fd[1]);
		if (pid > 0) {
			do
				got = read(fd[0], fig, sizeof(*fig));
			while (got < 0 && errno == EINTR);
			(void)waitpid(pid, &status, 0);
		}
		close(fd[0]);
	}
	if (got != (ssize_t)sizeof(*fig)) {
		memset(fig, 0, sizeof(*fig));
		snprintf(fig->why, sizeof(fig->why), "its process ended early");
	}
}
