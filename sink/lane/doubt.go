package lane

import (
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

// doubt is a column of a topic that may have values which are not the store's.
type doubt struct{ topic, column string }

// watched returns an encoder that counts values which may not be the store's,
// and says so once for a column of each topic whose rows it encodes. Only columns
// that can have such values pay for it.
func (p *planner) watched(f *debezium.Field, encode literal.Encoder) literal.Encoder {
	may, why := schema.Doubt(f)
	if may == nil {
		return encode
	}
	column := f.Name
	return func(dst []byte, v *debezium.Value) ([]byte, error) {
		if may(v) {
			p.doubtful.Inc()
			if of := (doubt{p.last.topic, column}); !p.doubted[of] {
				p.doubted[of] = true
				p.log.Warn("a value may not be the store's; it is written as it came",
					zap.String("topic", of.topic), zap.String("column", of.column), zap.String("why", why))
			}
		}
		return encode(dst, v)
	}
}
