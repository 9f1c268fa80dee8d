/*
 * net_api_sockfd.c - the public interface of sockets: poll, IP options.
 */
#include <string.h>
#include <vnetsim/socket.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip_options.h"
#include "src/net/net_api.h"

/* The socket behind a descriptor, through door USER.  api_end() is due. */
static int
sockfd_begin(struct vnetsim *w, struct api_call *c, const char *name,
    vnetsim_handle proc, int fd, struct proc **pp, struct socket **sop)
{
	struct proc *p;
	void *obj;
	int error;

	(void)api_begin(w, c, name);
	p = handle_lookup(HANDLE_PROC, proc);
	if (p == NULL)
		return (VE_SRCH);
	if (p->p_op != NULL)
		return (VE_BUSY);
	error = fget(p, fd, &socket_fileops, &obj);
	if (error != 0)
		return (error);
	*pp = p;
	*sop = obj;
	if (!vnet_enter(
		&c->ac_frame, (*sop)->so_vnet, DOOR_USER, VNET_MOD_socket))
		return (VE_NETDOWN);
	c->ac_in = true;
	return (0);
}

int
vnetsim_poll_wait(struct vnetsim *w, vnetsim_handle proc, int fd,
    int64_t timeout, vnetsim_handle *op)
{
	struct api_call c;
	struct socket *so;
	struct op *kop = NULL;
	struct proc *p;
	int error = sockfd_begin(w, &c, "poll", proc, fd, &p, &so);

	*op = 0;
	if (error != 0)
		return (api_end(&c, error));
	error = so_pollin(so, timeout, &kop);
	if (kop != NULL) {
		p->p_op = kop;
		kop->op_slot = &p->p_op;
		api_op(kop, op);
	}
	return (api_end(&c, error));
}

int
vnetsim_setipoptions(struct vnetsim *w, vnetsim_handle proc, int fd,
    const void *opts, size_t len)
{
	struct api_call c;
	struct socket *so;
	struct proc *p;
	int error = sockfd_begin(w, &c, "setsockopt", proc, fd, &p, &so);

	if (error == 0 && so->so_pcb == NULL)
		error = VE_CONNABORTED;
	if (error == 0 && len > UINT8_MAX)
		error = VE_INVAL;
	if (error == 0)
		error = ip_pcbopts(so->so_pcb, opts, (uint32_t)len);
	return (api_end(&c, error));
}

int
vnetsim_getipoptions(
    struct vnetsim *w, vnetsim_handle proc, int fd, void *buf, size_t *len)
{
	const struct ipoption *o = NULL;
	const struct inpcb *inp;
	struct api_call c;
	struct socket *so;
	struct proc *p;
	int error = sockfd_begin(w, &c, "getsockopt", proc, fd, &p, &so);

	*len = 0;
	if (error == 0) {
		inp = so->so_pcb;
		error = inp == NULL ? VE_CONNABORTED : 0;
		o = inp == NULL ? NULL : inp->inp_options;
	}
	if (o != NULL) {
		be32enc(buf, o->ipopt_dst);
		memcpy((uint8_t *)buf + 4, o->ipopt_list, o->ipopt_len);
		*len = o->ipopt_len + 4u;
	}
	return (api_end(&c, error));
}
