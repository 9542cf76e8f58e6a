package consumer

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// quiet is how long librdkafka's further warnings of one kind are kept to the
// debug level: an unreachable broker is reported by every connection, again
// and again.
const quiet = 30 * time.Second

// forwardLogs writes librdkafka's own log to ours until the client is gone.
func forwardLogs(events <-chan kafka.LogEvent, gone <-chan struct{}, log *zap.Logger) {
	said := make(map[string]time.Time)
	for {
		var e kafka.LogEvent
		var open bool
		select {
		case e, open = <-events:
		case <-gone:
		}
		if !open {
			return
		}
		level := levelOf(e.Level)
		if level >= zapcore.WarnLevel {
			if time.Since(said[e.Tag]) < quiet {
				level = zapcore.DebugLevel
			} else {
				said[e.Tag] = time.Now()
			}
		}
		log.Check(level, "librdkafka").Write(zap.String("tag", e.Tag), zap.String("text", e.Message))
	}
}

// levelOf maps syslog levels.
func levelOf(syslog int) zapcore.Level {
	switch {
	case syslog <= 3:
		return zapcore.ErrorLevel
	case syslog == 4:
		return zapcore.WarnLevel
	case syslog <= 6:
		return zapcore.InfoLevel
	}
	return zapcore.DebugLevel
}
