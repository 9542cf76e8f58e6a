package inbox

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Returns 1 if the C library has taken the settings.
static int keep_memory(void) {
#ifdef __GLIBC__
	return mallopt(M_ARENA_MAX, 1) && mallopt(M_MMAP_THRESHOLD, 8 << 20) && mallopt(M_TRIM_THRESHOLD, 32 << 20);
#else
	return 0;
#endif
}
*/
import "C"

import "os"

// KeepMemory has the C library keep up to 32 MB of freed memory for librdkafka
// instead of giving it back to the system, and keep it in one place. A fetched
// batch is opened into buffers of some hundred kB that live for milliseconds: left
// alone, the library returns each of them and takes fresh pages for the next, which
// costs as much as opening it does. It is to be called before the first client is
// made, and does nothing where the environment has settings for the allocator or
// the C library is not glibc.
func KeepMemory() (kept bool) {
	for _, name := range []string{"GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"} {
		if os.Getenv(name) != "" {
			return false
		}
	}
	return C.keep_memory() == 1
}
