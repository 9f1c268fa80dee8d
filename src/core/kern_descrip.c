/*
 * kern_descrip.c - descriptor tables and files.
 *
 * A table is an array of slots, each a typed reference to a file; it starts
 * at the first descriptor with 8 slots and doubles up to PROC_MAXFILES.  A
 * file may be shown by several descriptors, in processes of different jails
 * (fdpass()); it is closed when the last one lets go.  It holds its object
 * and the credential it was opened with, so a passed socket keeps the jail
 * and the vnet of its first owner.
 *
 * A file is charged to the vnet of its credential's prison.  When that vnet
 * was taken down by force while somebody still had the file, its object is
 * gone (the reference was severed): the file then closes without a word.
 *
 * FreeBSD: sys/kern/kern_descrip.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include "src/core/world.h"

#define FD_FIRST 8 /* slots of a new table */

static const struct field file_fields[] = {
	FIELD(struct file, f_ops, FUNC),
	FIELD(struct file, f_obj, REF),
	FIELD(struct file, f_cred, REF),
	FIELD(struct file, f_handle, OPAQUE),
	FIELD(struct file, f_killed, BOOL),
};
const struct uma_zone file_zone = { "file", sizeof(struct file), VNET_MOD_core,
	CORE_Z_FILE, UMA_WORLD, file_fields, nitems(file_fields) };
MALLOC_TYPE(fdtable_zone, core, CORE_Z_FDTABLE, "fdtable", UMA_WORLD);

struct file *
fd_file(const struct proc *p, int fd)
{
	if (fd < 0 || (uint32_t)fd >= p->p_nfd)
		return (NULL);
	return (ref_get(&p->p_fd[fd]));
}

/* A descriptor more, or less, that shows @fp; of any process. */
static void
fd_count(const struct file *fp, int by)
{
	struct vnet *v;

	if (ref_get(&fp->f_obj) == NULL)
		return;
	v = fp->f_ops->fo_vnet(fp);
	mem_mark(v);
	v->v_nfiles += (uint32_t)by;
}

/* Double the table.  Return: 0, VE_MFILE, VE_NOMEM. */
static int
fd_grow(struct proc *p)
{
	struct ref *tab;
	uint32_t n, i;

	n = p->p_nfd == 0 ? FD_FIRST : p->p_nfd * 2;
	if (n > PROC_MAXFILES)
		return (VE_MFILE);
	tab = mem_alloc(
	    &fdtable_zone, n * sizeof(*tab), M_ZERO, uma_owner(p), SITE);
	if (tab == NULL)
		return (VE_NOMEM);
	for (i = 0; i < p->p_nfd; i++)
		if (!ref_empty(&p->p_fd[i]))
			ref_move(&tab[i], &p->p_fd[i]);
	kfree(&fdtable_zone, p->p_fd);
	p->p_fd = tab;
	p->p_nfd = n;
	return (0);
}

/* Lowest free descriptor; there is a slot for it afterwards. */
static int
fd_lowest(struct proc *p, int *fd)
{
	uint32_t i;

	for (i = 0; i < p->p_nfd && !ref_empty(&p->p_fd[i]); i++)
		;
	*fd = (int)i;
	return (i < p->p_nfd ? 0 : fd_grow(p));
}

int
falloc(struct proc *p, const struct fileops *ops, void *obj, int *fd)
{
	struct file *fp;
	int error;

	fp = mem_alloc(&file_zone, sizeof(*fp), M_ZERO, uma_owner(p), SITE);
	if (fp == NULL)
		return (VE_NOMEM);
	error = fd_lowest(p, fd);
	if (error != 0) {
		uma_zfree(&file_zone, fp);
		return (error);
	}
	fp->f_ops = ops;
	ref_take(&fp->f_obj, obj, "f_obj");
	ref_take(&fp->f_cred, ref_get(&p->p_ucred), "f_cred");
	ref_take(&p->p_fd[*fd], fp, "p_fd");
	fd_count(fp, 1);
	return (0);
}

int
fget(struct proc *p, int fd, const struct fileops *ops, void **objp)
{
	struct file *fp;
	void *obj;

	fp = fd_file(p, fd);
	if (fp == NULL)
		return (VE_BADF);
	if (fp->f_ops != ops)
		return (VE_NOTSOCK);
	obj = ref_get(&fp->f_obj);
	if (obj == NULL)
		return (VE_BADF);
	*objp = obj;
	return (0);
}

int
fdpass(struct proc *from, int fd, struct proc *to, int *newfd)
{
	struct file *fp;
	int error;

	fp = fd_file(from, fd);
	if (fp == NULL)
		return (VE_BADF);
	error = fd_lowest(to, newfd);
	if (error != 0)
		return (error);
	ref_take(&to->p_fd[*newfd], fp, "p_fd");
	fd_count(fp, 1);
	return (0);
}

/* The last descriptor has let go. */
static void
file_close(struct file *fp)
{
	struct vnet_frame f;
	struct vnet *v;

	if (ref_get(&fp->f_obj) != NULL) {
		v = fp->f_ops->fo_vnet(fp);
		if (!vnet_enter(&f, v, DOOR_USER, VNET_MOD_socket) &&
		    !vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_socket))
			panic("no door of vnet %s is open", v->v_name);
		fp->f_ops->fo_close(fp);
		vnet_leave(&f);
	}
	if (!ref_empty(&fp->f_obj))
		(void)ref_drop(&fp->f_obj);
	crfree(&fp->f_cred);
	uma_zfree(&file_zone, fp);
}

/*
 * @fd is open; @killed: by SIGKILL.  Whoever waits for passed descriptors of a
 * prison waits on pr_wq.
 */
static void
fd_close(struct proc *p, uint32_t fd, bool killed)
{
	const struct ucred *cr;
	struct prison *pr;
	struct file *fp;

	fp = ref_get(&p->p_fd[fd]);
	cr = fp != NULL ? ref_get(&fp->f_cred) : NULL;
	pr = cr != NULL ? ref_get(&cr->cr_prison) : NULL;
	if (fp != NULL)
		fd_count(fp, -1);
	if (ref_drop(&p->p_fd[fd]) && fp != NULL) {
		fp->f_killed = killed;
		file_close(fp);
	}
	if (pr != NULL)
		wakeup(&pr->pr_wq);
}

int
fdclose(struct proc *p, int fd)
{
	if (fd_file(p, fd) == NULL)
		return (VE_BADF);
	fd_close(p, (uint32_t)fd, false);
	return (0);
}

void
fd_closeall(struct proc *p)
{
	uint32_t i;

	for (i = 0; i < p->p_nfd; i++)
		if (!ref_empty(&p->p_fd[i]))
			fd_close(p, i, p->p_killed);
	kfree(&fdtable_zone, p->p_fd);
	p->p_fd = NULL;
	p->p_nfd = 0;
}
