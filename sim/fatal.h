/*
 * fatal.h - signals that end the program, told as a panic of the world.
 */
#ifndef SIM_FATAL_H
#define SIM_FATAL_H

struct vnetsim;

/**
 * struct fatal_hooks - who takes over
 * @fh_fatal:	a fatal signal, or AddressSanitizer's report: @w is the world
 *		that the thread worked on, or NULL; @text is a panic's.  Must
 *		not return; async-signal-safe
 * @fh_late:	SIGUSR1: the time is over; the same rules
 * @fh_arg:	passed to both
 */
struct fatal_hooks {
	void (*fh_fatal)(void *arg, struct vnetsim *w, const char *text);
	void (*fh_late)(void *arg, struct vnetsim *w);
	void *fh_arg;
};

void fatal_install(const struct fatal_hooks *hooks);
void fatal_remove(void);
const char *fatal_sanitizer(void);

#endif /* !SIM_FATAL_H */
