#include "CSystemCalls.h"

#ifndef SLUICE_COMMIT
#define SLUICE_COMMIT "unknown"
#endif

const char *build_commit(void) { return SLUICE_COMMIT; }
