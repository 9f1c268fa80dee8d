/*
 * kprintf.h - the formatter with a va_list, for panic() and finding_add().
 */
#ifndef SRC_CORE_KPRINTF_H
#define SRC_CORE_KPRINTF_H

#include <stdarg.h>
#include <stddef.h>
#include <vnetsim/kern/kdefs.h>

/* As ksnprintf(). */
size_t kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
    __printflike(3, 0);

#endif /* !SRC_CORE_KPRINTF_H */
