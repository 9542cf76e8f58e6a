package stack

import (
	"cmp"
	"slices"

	"tributary/integration/stack/process"
)

// A Part is what can be said about one process of a stack.
type Part struct {
	Name    string // "kafka", "connect-1", or a server's name
	Addr    string // where it listens
	Client  string // how to open a client on it, for a shell
	Log     string
	Pid     int           // 0 if it was stopped in order
	Running bool          // false with a Pid: it died
	Usage   process.Usage // of a running one
}

// Parts lists the stack's processes, those of a detached stack that have died
// among them.
func (s *Stack) Parts() []Part {
	all := s.site.record.all()
	slices.SortFunc(all, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.Kind.rank(), b.Kind.rank()), cmp.Compare(a.Name, b.Name))
	})
	var parts []Part
	for _, recorded := range all {
		p := Part{
			Name: recorded.Name, Addr: address(recorded.Ports[0]), Client: recorded.client(),
			Log: recorded.Command.Log, Pid: recorded.ID.Pid, Running: recorded.ID.Running(),
		}
		if usage, err := recorded.ID.Usage(); err == nil && p.Running {
			p.Usage = usage
		}
		parts = append(parts, p)
	}
	return parts
}

// rank puts parts into the order in which people think of them.
func (k kind) rank() int {
	return slices.Index([]kind{kindKafka, kindConnect, kindRegistry, kindMySQL}, k)
}

func (p part) client() string {
	at := address(p.Ports[0])
	switch p.Kind {
	case kindKafka:
		return shellQuote((&Broker{dir: p.Command.Dir}).Tool()) + " kafka-topics --list"
	case kindConnect:
		return "curl -s " + shellQuote("http://"+at+"/connectors?expand=status")
	case kindRegistry:
		return "curl -s http://" + at + "/apis/ccompat/v7/subjects"
	default:
		return shellQuote((&MySQL{dir: p.Command.Dir}).Client())
	}
}
