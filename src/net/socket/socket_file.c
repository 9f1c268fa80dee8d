/*
 * socket_file.c - descriptors of sockets.
 *
 * The last descriptor of a file closes the socket: the file's reference goes
 * first, then soclose() decides who else needs it.  A file closed by SIGKILL
 * marks its socket (so_killed); protocols then follow the close policy.
 *
 * The wait that SO_LINGER asks for is the closing process's: socket_close()
 * makes it an op, which holds the socket.  A killed process waits for nothing.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

static void
socket_fo_close(struct file *fp)
{
	struct socket *so = ref_get(&fp->f_obj);

	(void)ref_drop(&fp->f_obj);
	so->so_killed = fp->f_killed;
	(void)soclose(so);
}

static struct vnet *
socket_fo_vnet(const struct file *fp)
{
	const struct socket *so = ref_get(&fp->f_obj);

	return (so->so_vnet);
}

const struct fileops socket_fileops = {
	.fo_name = "socket",
	.fo_close = socket_fo_close,
	.fo_vnet = socket_fo_vnet,
};

static void
linger_init(struct op *op, void *arg)
{
	ref_take(&op->op_ref[0], arg, "op_ref");
}

int
socket_close(struct proc *p, int fd, struct op **opp)
{
	struct socket *so;
	struct file *fp;
	void *obj;
	int error;

	*opp = NULL;
	error = fget(p, fd, &socket_fileops, &obj);
	fp = fd_file(p, fd);
	/* a file whose socket was taken away with its vnet can be closed */
	if (fp == NULL)
		return (error);
	so = error == 0 ? obj : NULL;
	/* without memory for the wait there is none */
	if (so != NULL && ref_count(fp) == 1 && !so_dead(so) &&
	    (so->so_options & SO_LINGER) != 0 && so->so_linger > 0 &&
	    (so->so_state & SS_ISCONNECTED) != 0)
		*opp = op_start(&so_close_op, so->so_vnet, linger_init, so);
	return (fdclose(p, fd));
}
