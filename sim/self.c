/*
 * self.c - the file of this program, as the operating system knows it.
 *
 * Not argv[0], which a shell may have searched for.  Where there is neither
 * /proc/self/exe nor a call of macOS, nobody knows.
 */
#include "sim/self.h"

#include <stdint.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

/**
 * self_path() - the file of this program
 * @buf:	out
 * @size:	its bytes; a longer path is not told
 *
 * Return:	true; false: nobody knows.
 */
bool
self_path(char *buf, size_t size)
{
#ifdef __APPLE__
	uint32_t n = (uint32_t)size;

	return (_NSGetExecutablePath(buf, &n) == 0);
#else
	ssize_t n = readlink("/proc/self/exe", buf, size);

	if (n <= 0 || (size_t)n >= size)
		return (false);
	buf[n] = '\0';
	return (true);
#endif
}
