//go:build linux && !dynamic

// librdkafka opens each batch with ZSTD_decompress, which makes a context and
// throws it away. A new context asks the processor what it can do, twice, and in a
// virtual machine that question (CPUID) goes to the host: 7 µs and more each time,
// a fifth of the sink's CPU where batches hold a dozen events. And Java's producer
// does not write how large a batch is when it is open, so that librdkafka tries
// with twice its size, then six times, then eighteen times, and opens it in vain
// until there is room enough.
//
// The linker has librdkafka call what is below instead; see zstd.go. Every thread
// keeps the context it made, some 160 kB, until it ends, and goes by how much the
// last batch grew.

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

typedef struct ZSTD_DCtx_s ZSTD_DCtx;
ZSTD_DCtx *ZSTD_createDCtx(void);
size_t ZSTD_freeDCtx(ZSTD_DCtx *);
size_t ZSTD_decompressDCtx(ZSTD_DCtx *, void *, size_t, const void *, size_t);
unsigned ZSTD_isError(size_t);
size_t __real_ZSTD_decompress(void *, size_t, const void *, size_t);
unsigned long long __real_ZSTD_getFrameContentSize(const void *, size_t);

static const unsigned long long unknown = -1ULL; // ZSTD_CONTENTSIZE_UNKNOWN

// What a thread keeps.
typedef struct {
	ZSTD_DCtx *context;
	double growth; // of the last batch; 0 before the first
} opener_t;

atomic_long inbox_openers, inbox_opened, inbox_tried; // for tests

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int has_key;

static void end_opener(void *opener) {
	ZSTD_freeDCtx(((opener_t *)opener)->context);
	free(opener);
	inbox_openers--;
}

static void make_key(void) { has_key = pthread_key_create(&key, end_opener) == 0; }

// The thread's own, NULL if there is no memory for one.
static opener_t *own_opener(void) {
	pthread_once(&once, make_key);
	if (!has_key)
		return NULL;
	opener_t *o = pthread_getspecific(key);
	if (o || !(o = calloc(1, sizeof *o)))
		return o;
	o->context = ZSTD_createDCtx();
	if (!o->context || pthread_setspecific(key, o) != 0) {
		ZSTD_freeDCtx(o->context);
		free(o);
		return NULL;
	}
	inbox_openers++;
	return o;
}

// Where the size is not known it is a guess with a quarter to spare. Large batches
// are left to librdkafka, which must not be led beyond its bound.
unsigned long long __wrap_ZSTD_getFrameContentSize(const void *src, size_t size) {
	unsigned long long known = __real_ZSTD_getFrameContentSize(src, size);
	opener_t *o = known == unknown ? own_opener() : NULL;
	if (!o || o->growth == 0)
		return known;
	double guess = (double)size * o->growth * 1.25;
	return guess < 8 << 20 ? (unsigned long long)guess : known;
}

size_t __wrap_ZSTD_decompress(void *dst, size_t room, const void *src, size_t size) {
	opener_t *o = own_opener();
	if (!o)
		return __real_ZSTD_decompress(dst, room, src, size);
	inbox_tried++;
	size_t opened = ZSTD_decompressDCtx(o->context, dst, room, src, size);
	if (!ZSTD_isError(opened) && size > 0) {
		inbox_opened++;
		o->growth = (double)opened / (double)size;
	}
	return opened;
}
