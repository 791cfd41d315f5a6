#ifndef CSYSTEMCALLS_H
#define CSYSTEMCALLS_H

/// The processor cores that the process is bound to (sched_setaffinity(2)); 0 if the system does not say.
int bound_cores(void);

/// Has the C library take memory from the system and give it back by fixed sizes, instead of by the largest piece that
/// was ever freed: 32 MiB and more go back at once, and the free end of a heap as soon as it is 16 MiB long.
void fix_memory_thresholds(void);

/// Has the C library give memory that was freed back to the system, as far as it can.
void give_back_freed_memory(void);

/// How much memory parts of the program have of the C library, and how much the library has of the system for that; 0
/// if it does not say.
void heap_bytes(unsigned long *used, unsigned long *taken);

/// Has the system forget which pages of program code are in use; those that are come back when they are run.
void let_go_of_code(void);

/// The number of the kind of file system that a path lies on (statfs(2)); 0 if the system does not say.
long file_system_kind(const char *path);

/// Makes the pipe that signals are written to. Returns -1 and sets `errno` if there is none to be had.
int begin_watching_signals(void);

/// Has a signal come out of `next_signal` instead of doing what it does by default; with `even_if_ignored` also if
/// whoever started the process has it ignored.
void watch_signal(int number, int even_if_ignored);

/// Has the signals that are watched do again what they did before, those too that have come meanwhile.
void forget_signals(void);

/// Ignores a signal, unless somebody else in the process handles it.
void ignore_signal(int number);

/// The number of the next signal that is watched; 0 if none has come for so long. Less than 0 waits for ever.
int next_signal(int milliseconds);

/// Sees that nothing else takes the place of a standard stream that is missing, and that the process ends with code 1
/// and a word on standard error if what was printed could not be written.
void prepare_standard_streams(void);

/// The commit that the program was built of, as the build was told (SLUICE_COMMIT); "unknown" if it was not.
const char *build_commit(void);

#endif
