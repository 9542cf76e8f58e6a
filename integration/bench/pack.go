package main

import (
	"bytes"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"
)

// packer compresses batches as Kafka's own producer does: with zstd at its
// default level, without the checksum that this client would add (the batch has
// one) and that every consumer would have to compute.
type packer struct{ encoder *zstd.Encoder }

func newPacker() (*packer, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true))
	return &packer{encoder: encoder}, err
}

// Compress implements [kgo.Compressor].
func (p *packer) Compress(dst *bytes.Buffer, batch []byte, _ ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	return p.encoder.EncodeAll(batch, dst.AvailableBuffer()), kgo.CodecZstd
}
