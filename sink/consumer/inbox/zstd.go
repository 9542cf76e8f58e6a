//go:build linux && !dynamic

package inbox

// What librdkafka calls ZSTD_decompress is __wrap_ZSTD_decompress in zstd.c.

// #cgo LDFLAGS: -Wl,--wrap=ZSTD_decompress
// #include <stdatomic.h>
// extern atomic_long inbox_contexts, inbox_opened;
// static long contexts(void) { return inbox_contexts; }
// static long opened(void) { return inbox_opened; }
import "C"

// opened counts the batches that were opened, and the contexts there are.
func opened() (batches, contexts int) { return int(C.opened()), int(C.contexts()) }
