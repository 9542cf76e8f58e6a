//go:build linux && !dynamic

// librdkafka opens each batch with ZSTD_decompress, which makes a context and
// throws it away. A new context asks the processor what it can do, twice, and in a
// virtual machine that question (CPUID) goes to the host: 7 µs and more each time,
// a fifth of the sink's CPU where batches hold a dozen events. The linker has
// librdkafka call what is below instead; see zstd.go. Every thread keeps the
// context it made, some 160 kB, until it ends.

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

typedef struct ZSTD_DCtx_s ZSTD_DCtx;
ZSTD_DCtx *ZSTD_createDCtx(void);
size_t ZSTD_freeDCtx(ZSTD_DCtx *);
size_t ZSTD_decompressDCtx(ZSTD_DCtx *, void *, size_t, const void *, size_t);
size_t __real_ZSTD_decompress(void *, size_t, const void *, size_t);

atomic_long inbox_contexts, inbox_opened; // for tests

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int has_key;

static void end_context(void *context) {
	ZSTD_freeDCtx(context);
	inbox_contexts--;
}

static void make_key(void) { has_key = pthread_key_create(&key, end_context) == 0; }

static ZSTD_DCtx *own_context(void) {
	pthread_once(&once, make_key);
	if (!has_key)
		return NULL;
	ZSTD_DCtx *context = pthread_getspecific(key);
	if (context || !(context = ZSTD_createDCtx()))
		return context;
	if (pthread_setspecific(key, context) != 0) {
		ZSTD_freeDCtx(context);
		return NULL;
	}
	inbox_contexts++;
	return context;
}

size_t __wrap_ZSTD_decompress(void *dst, size_t room, const void *src, size_t size) {
	ZSTD_DCtx *context = own_context();
	if (!context)
		return __real_ZSTD_decompress(dst, room, src, size);
	inbox_opened++;
	return ZSTD_decompressDCtx(context, dst, room, src, size);
}
