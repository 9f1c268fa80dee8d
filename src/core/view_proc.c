/*
 * view_proc.c - processes and their descriptors.
 *
 * Jails come from the world's list, processes from their jail's, descriptors
 * from the process's table.  Each element is an object of the right type, or
 * it is not looked at; each link points back, or the list ends there.
 */
#include <vnetsim/netview.h>
#include "src/core/memory_var.h"

/* A live object of a zone of core.  Return: false: it is something else. */
static bool
is_a(const struct vnetsim_view *v, uint64_t at, uint8_t local, size_t size)
{
	struct view_obj o;

	return (at != 0 && view_obj(v, at, &o) &&
		o.vo_zone.uz_mod == VNET_MOD_core &&
		o.vo_zone.uz_local == local && o.vo_bytes >= size);
}

/* What a slot refers to.  Return: its address; 0: nothing. */
static uint64_t
ref_target(const struct vnetsim_view *v, uint64_t slot)
{
	struct ref r;

	if (!view_read(v, slot, &r, sizeof(r)) || r.r_obj == 0)
		return (0);
	return (view_dir(v)->dd_world + ((uint64_t)r.r_obj << 3));
}

/* The next process of the jail.  Return: false: no more. */
static bool
proc_next(const struct vnetsim_view *v, struct vnetsim_fd_iter *it)
{
	uint64_t link, at;

	link = it->proc == 0 ? it->prison + offsetof(struct prison, pr_procs)
			     : it->proc + offsetof(struct proc, p_link);
	at = view_ptr(v, link);
	if (!is_a(v, at, CORE_Z_PROC, sizeof(struct proc)) ||
	    view_ptr(v, at + offsetof(struct proc, p_link.le_prev)) != link)
		return (false);
	it->proc = at;
	it->fd = 0;
	return (true);
}

/* The next descriptor of the process.  Return: false: no more. */
static bool
fd_next(const struct vnetsim_view *v, struct vnetsim_fd_iter *it,
    struct vnetsim_fd *fd)
{
	uint64_t tab, file, obj;
	uint32_t n;

	tab = view_ptr(v, it->proc + offsetof(struct proc, p_fd));
	if (!view_read(
		v, it->proc + offsetof(struct proc, p_nfd), &n, sizeof(n)))
		return (false);
	while (it->fd < n && it->fd < PROC_MAXFILES) {
		fd->fd = (int)it->fd++;
		file =
		    ref_target(v, tab + (uint64_t)fd->fd * sizeof(struct ref));
		if (!is_a(v, file, CORE_Z_FILE, sizeof(struct file)))
			continue;
		obj = ref_target(v, file + offsetof(struct file, f_obj));
		if (obj == 0)
			continue;
		fd->socket = view_cookie(view_dir(v), obj, -1);
		return (true);
	}
	return (false);
}

static void
proc_fill(const struct vnetsim_view *v, const struct vnetsim_fd_iter *it,
    struct vnetsim_fd *fd)
{
	int32_t n;

	(void)view_read(
	    v, it->proc + offsetof(struct proc, p_pid), &n, sizeof(n));
	fd->pid = n;
	(void)view_read(
	    v, it->prison + offsetof(struct prison, pr_id), &n, sizeof(n));
	fd->jid = n;
	view_name(v, it->prison + offsetof(struct prison, pr_name), fd->jail,
	    sizeof(fd->jail));
	view_name(v, it->proc + offsetof(struct proc, p_name), fd->command,
	    sizeof(fd->command));
}

int
vnetsim_view_fd_next(const struct vnetsim_view *v, struct vnetsim_fd_iter *it,
    struct vnetsim_fd *fd)
{
	struct vnetsim_jail_info ji;

	(void)view_begin(v);
	memset(fd, 0, sizeof(*fd));
	for (;;) {
		if (it->proc != 0 && fd_next(v, it, fd))
			break;
		if (it->in && proc_next(v, it))
			continue;
		if (vnetsim_view_jail_next(v, &it->prison, &ji) != 0)
			return (VE_NOENT);
		it->in = true;
		it->proc = 0;
	}
	proc_fill(v, it, fd);
	return (0);
}
