package batch

// chunkSize is the arena's unit: large enough to be rare, small enough that a
// quiet table costs little.
const chunkSize = 64 << 10

// arena holds the texts of a batch. What it hands out stays where it is until
// reset, so keys can be indexed in place.
type arena struct {
	chunks [][]byte
	used   int // chunks in use; the last of them is being filled
}

// copy returns a copy of text that lives until reset.
func (a *arena) copy(text []byte) []byte {
	if a.used == 0 || len(a.chunks[a.used-1])+len(text) > cap(a.chunks[a.used-1]) {
		a.grow(len(text))
	}
	chunk := &a.chunks[a.used-1]
	start := len(*chunk)
	*chunk = append(*chunk, text...)
	return (*chunk)[start:len(*chunk):len(*chunk)]
}

// grow starts another chunk: one kept from an earlier batch if it is large
// enough.
func (a *arena) grow(need int) {
	if a.used == len(a.chunks) || cap(a.chunks[a.used]) < need {
		a.chunks = append(a.chunks[:a.used], make([]byte, 0, max(chunkSize, need)))
	}
	a.chunks[a.used] = a.chunks[a.used][:0]
	a.used++
}

// reset gives all texts up.
func (a *arena) reset() { a.used = 0 }
