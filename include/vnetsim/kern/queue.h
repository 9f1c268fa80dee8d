/*
 * queue.h - intrusive lists, with FreeBSD's names.
 *
 * An own implementation of the subset the stack uses: hosts differ in what
 * their <sys/queue.h> has, and src/ may not include it.  Elements link to each
 * other by plain pointers, which a saved world keeps valid.
 *
 * LIST: doubly linked, O(1) removal without the head.  TAILQ: the same with a
 * tail.  STAILQ: singly linked with a tail, O(1) insertion at both ends.
 */
#ifndef VNETSIM_KERN_QUEUE_H
#define VNETSIM_KERN_QUEUE_H

#include <stddef.h>

#define LIST_HEAD(name, type)                                                  \
	struct name {                                                          \
		struct type *lh_first;                                         \
	}
#define LIST_ENTRY(type)                                                       \
	struct {                                                               \
		struct type *le_next;                                          \
		struct type **le_prev;                                         \
	}
#define LIST_INIT(h)    ((void)((h)->lh_first = NULL))
#define LIST_EMPTY(h)   ((h)->lh_first == NULL)
#define LIST_FIRST(h)   ((h)->lh_first)
#define LIST_NEXT(e, f) ((e)->f.le_next)
#define LIST_FOREACH(v, h, f)                                                  \
	for ((v) = LIST_FIRST(h); (v) != NULL; (v) = LIST_NEXT(v, f))
#define LIST_FOREACH_SAFE(v, h, f, t)                                          \
	for ((v) = LIST_FIRST(h); (v) != NULL && ((t) = LIST_NEXT(v, f), 1);   \
	     (v) = (t))
#define LIST_INSERT_HEAD(h, e, f)                                              \
	do {                                                                   \
		(e)->f.le_next = (h)->lh_first;                                \
		if ((e)->f.le_next != NULL)                                    \
			(e)->f.le_next->f.le_prev = &(e)->f.le_next;           \
		(h)->lh_first = (e);                                           \
		(e)->f.le_prev = &(h)->lh_first;                               \
	} while (0)
#define LIST_INSERT_AFTER(at, e, f)                                            \
	do {                                                                   \
		(e)->f.le_next = (at)->f.le_next;                              \
		if ((e)->f.le_next != NULL)                                    \
			(e)->f.le_next->f.le_prev = &(e)->f.le_next;           \
		(at)->f.le_next = (e);                                         \
		(e)->f.le_prev = &(at)->f.le_next;                             \
	} while (0)
#define LIST_REMOVE(e, f)                                                      \
	do {                                                                   \
		if ((e)->f.le_next != NULL)                                    \
			(e)->f.le_next->f.le_prev = (e)->f.le_prev;            \
		*(e)->f.le_prev = (e)->f.le_next;                              \
	} while (0)

#define STAILQ_HEAD(name, type)                                                \
	struct name {                                                          \
		struct type *stqh_first;                                       \
		struct type **stqh_last;                                       \
	}
#define STAILQ_ENTRY(type)                                                     \
	struct {                                                               \
		struct type *stqe_next;                                        \
	}
#define STAILQ_INIT(h)                                                         \
	do {                                                                   \
		(h)->stqh_first = NULL;                                        \
		(h)->stqh_last = &(h)->stqh_first;                             \
	} while (0)
#define STAILQ_EMPTY(h)   ((h)->stqh_first == NULL)
#define STAILQ_FIRST(h)   ((h)->stqh_first)
#define STAILQ_NEXT(e, f) ((e)->f.stqe_next)
#define STAILQ_FOREACH(v, h, f)                                                \
	for ((v) = STAILQ_FIRST(h); (v) != NULL; (v) = STAILQ_NEXT(v, f))
#define STAILQ_FOREACH_SAFE(v, h, f, t)                                        \
	for ((v) = STAILQ_FIRST(h);                                            \
	     (v) != NULL && ((t) = STAILQ_NEXT(v, f), 1); (v) = (t))
#define STAILQ_INSERT_HEAD(h, e, f)                                            \
	do {                                                                   \
		(e)->f.stqe_next = (h)->stqh_first;                            \
		if ((e)->f.stqe_next == NULL)                                  \
			(h)->stqh_last = &(e)->f.stqe_next;                    \
		(h)->stqh_first = (e);                                         \
	} while (0)
#define STAILQ_INSERT_TAIL(h, e, f)                                            \
	do {                                                                   \
		(e)->f.stqe_next = NULL;                                       \
		*(h)->stqh_last = (e);                                         \
		(h)->stqh_last = &(e)->f.stqe_next;                            \
	} while (0)
#define STAILQ_REMOVE_HEAD(h, f)                                               \
	do {                                                                   \
		(h)->stqh_first = (h)->stqh_first->f.stqe_next;                \
		if ((h)->stqh_first == NULL)                                   \
			(h)->stqh_last = &(h)->stqh_first;                     \
	} while (0)
#define STAILQ_REMOVE(h, e, type, f)                                           \
	do {                                                                   \
		struct type **stqp_ = &(h)->stqh_first;                        \
		while (*stqp_ != (e))                                          \
			stqp_ = &(*stqp_)->f.stqe_next;                        \
		*stqp_ = (e)->f.stqe_next;                                     \
		if (*stqp_ == NULL)                                            \
			(h)->stqh_last = stqp_;                                \
	} while (0)

#define TAILQ_HEAD(name, type)                                                 \
	struct name {                                                          \
		struct type *tqh_first;                                        \
		struct type **tqh_last;                                        \
	}
#define TAILQ_ENTRY(type)                                                      \
	struct {                                                               \
		struct type *tqe_next;                                         \
		struct type **tqe_prev;                                        \
	}
#define TAILQ_INIT(h)                                                          \
	do {                                                                   \
		(h)->tqh_first = NULL;                                         \
		(h)->tqh_last = &(h)->tqh_first;                               \
	} while (0)
#define TAILQ_EMPTY(h)   ((h)->tqh_first == NULL)
#define TAILQ_FIRST(h)   ((h)->tqh_first)
#define TAILQ_NEXT(e, f) ((e)->f.tqe_next)
#define TAILQ_FOREACH(v, h, f)                                                 \
	for ((v) = TAILQ_FIRST(h); (v) != NULL; (v) = TAILQ_NEXT(v, f))
#define TAILQ_FOREACH_SAFE(v, h, f, t)                                         \
	for ((v) = TAILQ_FIRST(h); (v) != NULL && ((t) = TAILQ_NEXT(v, f), 1); \
	     (v) = (t))
#define TAILQ_INSERT_HEAD(h, e, f)                                             \
	do {                                                                   \
		(e)->f.tqe_next = (h)->tqh_first;                              \
		if ((e)->f.tqe_next != NULL)                                   \
			(e)->f.tqe_next->f.tqe_prev = &(e)->f.tqe_next;        \
		else                                                           \
			(h)->tqh_last = &(e)->f.tqe_next;                      \
		(h)->tqh_first = (e);                                          \
		(e)->f.tqe_prev = &(h)->tqh_first;                             \
	} while (0)
#define TAILQ_INSERT_TAIL(h, e, f)                                             \
	do {                                                                   \
		(e)->f.tqe_next = NULL;                                        \
		(e)->f.tqe_prev = (h)->tqh_last;                               \
		*(h)->tqh_last = (e);                                          \
		(h)->tqh_last = &(e)->f.tqe_next;                              \
	} while (0)
#define TAILQ_INSERT_BEFORE(at, e, f)                                          \
	do {                                                                   \
		(e)->f.tqe_prev = (at)->f.tqe_prev;                            \
		(e)->f.tqe_next = (at);                                        \
		*(at)->f.tqe_prev = (e);                                       \
		(at)->f.tqe_prev = &(e)->f.tqe_next;                           \
	} while (0)
#define TAILQ_REMOVE(h, e, f)                                                  \
	do {                                                                   \
		if ((e)->f.tqe_next != NULL)                                   \
			(e)->f.tqe_next->f.tqe_prev = (e)->f.tqe_prev;         \
		else                                                           \
			(h)->tqh_last = (e)->f.tqe_prev;                       \
		*(e)->f.tqe_prev = (e)->f.tqe_next;                            \
	} while (0)

#endif /* !VNETSIM_KERN_QUEUE_H */
