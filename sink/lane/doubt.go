package lane

import (
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

// watched returns an encoder that counts values which may not be the store's,
// and says so once for a column of a topic. Only columns that can have such
// values pay for it.
func (p *planner) watched(f *debezium.Field, encode literal.Encoder) literal.Encoder {
	may, why := schema.Doubt(f)
	if may == nil {
		return encode
	}
	name, said := f.Name, make(map[string]bool)
	return func(dst []byte, v *debezium.Value) ([]byte, error) {
		if may(v) {
			p.doubtful.Inc()
			if topic := p.last.topic; !said[topic] {
				said[topic] = true
				p.log.Warn("a value may not be the store's; it is written as it came",
					zap.String("topic", topic), zap.String("column", name), zap.String("why", why))
			}
		}
		return encode(dst, v)
	}
}
