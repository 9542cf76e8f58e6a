package sink

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Logger returns the log the settings ask for, on standard error.
func (c *Config) Logger() (*zap.Logger, error) {
	z := zap.NewProductionConfig()
	z.Level = zap.NewAtomicLevelAt(c.level)
	z.Encoding = c.LogFormat
	z.Sampling = nil // nothing is logged per row
	z.DisableStacktrace = true
	z.EncoderConfig.EncodeTime = zapcore.ISO8601TimeEncoder
	z.EncoderConfig.TimeKey = "time"
	z.EncoderConfig.MessageKey = "message"
	log, err := z.Build()
	if err != nil {
		return nil, fmt.Errorf("making the log: %w", err)
	}
	return log, nil
}
