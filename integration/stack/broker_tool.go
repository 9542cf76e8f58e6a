package stack

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

// newClusterID makes an id as Kafka's own tool does: a random UUID in URL-safe
// base64 without padding.
func newClusterID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	id[0] &= 0x7f    // or it may begin with a dash and be taken for an option
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// Tool is a script that runs Kafka's console tools against this broker, named
// as in Kafka's own distribution: "kafka-topics --list".
func (b *Broker) Tool() string { return filepath.Join(b.dir, "tool") }

const toolScript = `#!/bin/sh
# Kafka's console tools for this broker: tool <name> [options]
name=$1
[ $# -gt 0 ] && shift
p=org.apache.kafka.tools
case "$name" in
kafka-topics) class=$p.TopicCommand ;;
kafka-console-consumer) class=$p.consumer.ConsoleConsumer ;;
kafka-console-producer) class=$p.ConsoleProducer ;;
kafka-consumer-groups) class=$p.consumer.group.ConsumerGroupCommand ;;
kafka-configs) class=kafka.admin.ConfigCommand ;;
kafka-get-offsets) class=$p.GetOffsetShell ;;
kafka-log-dirs) class=$p.LogDirsCommand ;;
*) echo "usage: $0 kafka-topics|kafka-console-consumer|kafka-console-producer|kafka-consumer-groups|kafka-configs|kafka-get-offsets|kafka-log-dirs [options]" >&2; exit 2 ;;
esac
exec %s -Xmx256m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp %s $class --bootstrap-server %s "$@"
`

func (b *Broker) writeTool(jvm jvm) error {
	script := fmt.Sprintf(toolScript, shellQuote(jvm.java), shellQuote(jvm.classPath), b.Addr())
	if err := os.WriteFile(b.Tool(), []byte(script), 0o755); err != nil {
		return fmt.Errorf("writing the script for Kafka's tools: %w", err)
	}
	return nil
}
