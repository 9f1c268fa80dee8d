/*
 * errno.h - FreeBSD's error numbers, under names that no host has.
 *
 * The simulated kernel answers with FreeBSD's numbers on every host, so that a
 * scenario, a report and a saved world mean the same everywhere.  The prefix
 * is VE_ where FreeBSD writes E; the values are those of sys/errno.h.
 */
#ifndef VNETSIM_ERRNO_H
#define VNETSIM_ERRNO_H

#define VNETSIM_ERRNO_LIST(X)                                                  \
	X(PERM, 1, "Operation not permitted")                                  \
	X(NOENT, 2, "No such file or directory")                               \
	X(SRCH, 3, "No such process")                                          \
	X(INTR, 4, "Interrupted system call")                                  \
	X(IO, 5, "Input/output error")                                         \
	X(NXIO, 6, "Device not configured")                                    \
	X(2BIG, 7, "Argument list too long")                                   \
	X(NOEXEC, 8, "Exec format error")                                      \
	X(BADF, 9, "Bad file descriptor")                                      \
	X(NOMEM, 12, "Cannot allocate memory")                                 \
	X(ACCES, 13, "Permission denied")                                      \
	X(FAULT, 14, "Bad address")                                            \
	X(BUSY, 16, "Device busy")                                             \
	X(EXIST, 17, "File exists")                                            \
	X(NODEV, 19, "Operation not supported by device")                      \
	X(INVAL, 22, "Invalid argument")                                       \
	X(NFILE, 23, "Too many open files in system")                          \
	X(MFILE, 24, "Too many open files")                                    \
	X(FBIG, 27, "File too large")                                          \
	X(NOSPC, 28, "No space left on device")                                \
	X(PIPE, 32, "Broken pipe")                                             \
	X(DOM, 33, "Numerical argument out of domain")                         \
	X(RANGE, 34, "Result too large")                                       \
	X(AGAIN, 35, "Resource temporarily unavailable")                       \
	X(INPROGRESS, 36, "Operation now in progress")                         \
	X(ALREADY, 37, "Operation already in progress")                        \
	X(NOTSOCK, 38, "Socket operation on non-socket")                       \
	X(DESTADDRREQ, 39, "Destination address required")                     \
	X(MSGSIZE, 40, "Message too long")                                     \
	X(PROTOTYPE, 41, "Protocol wrong type for socket")                     \
	X(NOPROTOOPT, 42, "Protocol not available")                            \
	X(PROTONOSUPPORT, 43, "Protocol not supported")                        \
	X(OPNOTSUPP, 45, "Operation not supported")                            \
	X(AFNOSUPPORT, 47, "Address family not supported by protocol family")  \
	X(ADDRINUSE, 48, "Address already in use")                             \
	X(ADDRNOTAVAIL, 49, "Can't assign requested address")                  \
	X(NETDOWN, 50, "Network is down")                                      \
	X(NETUNREACH, 51, "Network is unreachable")                            \
	X(NETRESET, 52, "Network dropped connection on reset")                 \
	X(CONNABORTED, 53, "Software caused connection abort")                 \
	X(CONNRESET, 54, "Connection reset by peer")                           \
	X(NOBUFS, 55, "No buffer space available")                             \
	X(ISCONN, 56, "Socket is already connected")                           \
	X(NOTCONN, 57, "Socket is not connected")                              \
	X(SHUTDOWN, 58, "Can't send after socket shutdown")                    \
	X(TIMEDOUT, 60, "Operation timed out")                                 \
	X(CONNREFUSED, 61, "Connection refused")                               \
	X(NAMETOOLONG, 63, "File name too long")                               \
	X(HOSTDOWN, 64, "Host is down")                                        \
	X(HOSTUNREACH, 65, "No route to host")                                 \
	X(NOTEMPTY, 66, "Directory not empty")                                 \
	X(PROCLIM, 67, "Too many processes")                                   \
	X(NOLCK, 77, "No locks available")                                     \
	X(NOSYS, 78, "Function not implemented")                               \
	X(FTYPE, 79, "Inappropriate file type or format")                      \
	X(OVERFLOW, 84, "Value too large to be stored in data type")           \
	X(CANCELED, 85, "Operation canceled")                                  \
	X(PROTO, 92, "Protocol error")                                         \
	X(NOTCAPABLE, 93, "Capabilities insufficient")

enum vnetsim_errno {
	VE_OK = 0,
#define X(n, v, t) VE_##n = v,
	VNETSIM_ERRNO_LIST(X)
#undef X
	    VE_WOULDBLOCK = VE_AGAIN,
};

/**
 * vnetsim_errname() - FreeBSD's name of an error number
 * @error:	a VE_ value
 *
 * Return:	"ECONNRESET" and the like; "0" for 0; "E?" for an unknown one.
 *		The string is constant.
 */
const char *vnetsim_errname(int error);

/**
 * vnetsim_strerror() - FreeBSD's sentence for an error number
 * @error:	a VE_ value
 *
 * Return:	a constant string, as strerror(3) of FreeBSD words it.
 */
const char *vnetsim_strerror(int error);

/**
 * vnetsim_errno_parse() - the number for a name
 * @name:	"ECONNRESET" or "EWOULDBLOCK"
 *
 * Return:	the VE_ value, or -1 if no such name.
 */
int vnetsim_errno_parse(const char *name);

#endif /* !VNETSIM_ERRNO_H */
