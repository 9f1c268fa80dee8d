/*
 * embed.c - vnetsim inside another program: two jails, a connection, the end.
 *
 * Nothing here blocks: a call that has to wait names an operation, and time
 * passes only where finish() lets it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include <vnetsim/teardown.h>

#define SERVER UINT32_C(0x0a000001) /* 10.0.0.1 */
#define CLIENT UINT32_C(0x0a000002)

/* A call must succeed; if it began an operation, time runs until its end. */
static void
finish(struct vnetsim *w, const char *call, int error, vnetsim_handle *op)
{
	struct vnetsim_result res = { .error = VE_INPROGRESS };

	if ((error == 0 || error == VE_INPROGRESS) && op != NULL && *op != 0) {
		while (vnetsim_op_poll(w, *op, &res) != 0 &&
		       vnetsim_step(w, VNETSIM_FOREVER))
			continue;
		error = res.error;
		(void)vnetsim_op_release(w, *op);
	}
	if (error != 0) {
		(void)fprintf(stderr, "%s: error %d\n", call, error);
		exit(EXIT_FAILURE);
	}
}

#define OK(call, op) finish(w, #call, (call), (op))

/* A jail with a vnet, an interface, an address, and a process. */
static vnetsim_handle
jail(struct vnetsim *w, const char *name, const char *ifname, uint32_t addr,
    vnetsim_handle *proc)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};
	vnetsim_handle host = vnetsim_jail_next(w, 0), jid, op;

	OK(vnetsim_jail_create(w, &jp, &jid), NULL);
	OK(vnetsim_if_vnet(w, host, ifname, jid, &op), &op);
	OK(vnetsim_if_inet(w, jid, ifname, addr, 24, true), NULL);
	OK(vnetsim_if_up(w, jid, ifname, true), NULL);
	OK(vnetsim_proc_create(w, jid, name, proc), NULL);
	return (jid);
}

int
main(void)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	vnetsim_handle server, sproc, cproc, op = 0;
	struct vnetsim_addr web = { SERVER, 80 };
	char ifname[VNETSIM_IFNAMSIZ] = "epair0";
	struct vnetsim_outcomes out;
	struct vnetsim_sockinfo si;
	int lfd, fd;

	if (w == NULL)
		return (EXIT_FAILURE);
	OK(vnetsim_if_create(w, vnetsim_jail_next(w, 0), ifname), NULL);
	server = jail(w, "server", "epair0a", SERVER, &sproc);
	(void)jail(w, "client", "epair0b", CLIENT, &cproc);
	OK(vnetsim_socket(w, sproc, VNETSIM_TCP, &lfd), NULL);
	OK(vnetsim_bind(w, sproc, lfd, &web), NULL);
	OK(vnetsim_listen(w, sproc, lfd, 5), NULL);
	OK(vnetsim_socket(w, cproc, VNETSIM_TCP, &fd), NULL);
	OK(vnetsim_connect(w, cproc, fd, &web, 0, &op), &op);
	OK(vnetsim_sockinfo(w, cproc, fd, &si), NULL);
	(void)printf("connected: the client is %s\n", si.state);

	OK(vnetsim_jail_remove(w, server, &op), &op);
	OK(vnetsim_sockinfo(w, cproc, fd, &si), NULL);
	(void)printf("the server is gone: the client is %s\n", si.state);

	OK(vnetsim_finish(w, &op), &op);
	while (vnetsim_settled(w) != 0 && vnetsim_step(w, vnetsim_settled(w)))
		continue;
	OK(vnetsim_outcomes(w, VNETSIM_NOVNET, true, &out), NULL);
	(void)printf("%u of %u peers closed, %u findings\n",
	    out.peers_fin + out.peers_rst, out.peers, vnetsim_audit(w));
	vnetsim_destroy(w);
	return (EXIT_SUCCESS);
}
