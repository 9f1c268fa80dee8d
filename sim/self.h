/*
 * self.h - where this program lies.
 *
 * For a debugger that runs it again, and for the modules beside it.
 */
#ifndef SIM_SELF_H
#define SIM_SELF_H

#include <stdbool.h>
#include <stddef.h>

bool self_path(char *buf, size_t size);

#endif /* !SIM_SELF_H */
