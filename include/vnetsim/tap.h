/*
 * tap.h - devices of tap and tun interfaces: a process is their wire.
 *
 * vnetsim_if_create() makes the interface ("tap", "tun3"); a process opens its
 * device, reads what the stack sends, writes what shall come in, one frame (a
 * tun: one IPv4 packet) per call.  vnetsim_close() and vnetsim_fdpass() of
 * socket.h work on the descriptor as on others.
 *
 * The device is found under the name with which the interface was made, in the
 * vnet that made it and in the one where it is.  One descriptor may show it,
 * or several after vnetsim_fdpass().  The last close takes the interface down
 * and its addresses away.  An interface whose device is open is not destroyed
 * before it is closed.
 */
#ifndef VNETSIM_TAP_H
#define VNETSIM_TAP_H

#include <vnetsim/socket.h>

#define VNETSIM_TAP_QUEUE 50    /* frames that wait for a reader, at most */
#define VNETSIM_TAP_MRU   65535 /* of a write, without Ethernet header */

/**
 * vnetsim_tap_open() - open(2) of /dev/tapN
 * @w:		world
 * @proc:	process; its vnet has, or made, the interface
 * @name:	of the device
 * @fd:		out: descriptor
 *
 * Return:	0; VE_NOENT: no such device; VE_BUSY: it is open already, or
 *		being destroyed, or the process is blocked; VE_SRCH: no such
 *		process; VE_NETDOWN: its vnet is dying; VE_MFILE; VE_NOMEM.
 */
int vnetsim_tap_open(
    struct vnetsim *w, vnetsim_handle proc, const char *name, int *fd);

/**
 * vnetsim_tap_read() - read(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @len:	at most so many bytes of the next frame; its rest is lost
 * @flags:	VNETSIM_NONBLOCK
 * @op:		out, released by the caller; its data are the bytes, with their
 *		real sums
 *
 * Return:	0: the operation is done; VE_INPROGRESS; VE_AGAIN: nothing to
 *		read; VE_NOBUFS; VE_INVAL: no length; VE_SRCH; VE_BADF;
 *		VE_NODEV: another kind of descriptor; VE_NETDOWN: the vnet of
 *		the interface is dying; VE_BUSY.
 */
int vnetsim_tap_read(struct vnetsim *w, vnetsim_handle proc, int fd, size_t len,
    int flags, vnetsim_handle *op);

/**
 * vnetsim_tap_write() - write(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @data:	a frame; copied
 * @len:	its length
 *
 * What the stack thinks of the frame is not told: as on a wire.
 * Return:	0; VE_IO: beyond VNETSIM_TAP_MRU; VE_NOBUFS; VE_SRCH; VE_BADF;
 *		VE_NODEV; VE_NETDOWN; VE_BUSY.
 */
int vnetsim_tap_write(struct vnetsim *w, vnetsim_handle proc, int fd,
    const void *data, size_t len);

/**
 * vnetsim_tap_transient() - ioctl(2) TAPSTRANSIENT: the last close destroys it
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @on:		or not; an open begins without
 *
 * Return:	0; VE_SRCH; VE_BADF; VE_NODEV; VE_NETDOWN; VE_BUSY.
 */
int vnetsim_tap_transient(
    struct vnetsim *w, vnetsim_handle proc, int fd, bool on);

#endif /* !VNETSIM_TAP_H */
