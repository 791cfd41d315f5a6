#ifndef CSYSTEMCALLS_H
#define CSYSTEMCALLS_H

/// The processor cores that the process is bound to (sched_setaffinity(2)); 0 if the system does not say.
int bound_cores(void);

/// Has the C library take memory from the system and give it back by fixed sizes, instead of by the largest piece that
/// was ever freed: 32 MiB and more go back at once, and the free end of a heap as soon as it is 16 MiB long.
void fix_memory_thresholds(void);

/// Has the C library give memory that was freed back to the system, as far as it can.
void give_back_freed_memory(void);

/// Has the system forget which pages of program code are in use; those that are come back when they are run.
void let_go_of_code(void);

#endif
