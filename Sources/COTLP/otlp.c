#include "otlp.h"
