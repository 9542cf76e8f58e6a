//go:build linux && !dynamic

package inbox

// The two functions of zstd that librdkafka calls become those of zstd.c.

// #cgo LDFLAGS: -Wl,--wrap=ZSTD_decompress -Wl,--wrap=ZSTD_getFrameContentSize
// #include <stdatomic.h>
// extern atomic_long inbox_openers, inbox_opened, inbox_tried;
// static long openers(void) { return inbox_openers; }
// static long opened(void) { return inbox_opened; }
// static long tried(void) { return inbox_tried; }
import "C"

// opened counts the batches that were opened, how often it was tried, and the
// threads that have a context for it.
func opened() (batches, tried, openers int) { return int(C.opened()), int(C.tried()), int(C.openers()) }
