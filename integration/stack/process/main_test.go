package process

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// parentEnv makes the test's own program the parent in TestParent: it says how
// that parent is to end.
const parentEnv = "TRIBUTARY_TEST_PARENT"

func TestMain(m *testing.M) {
	if end := os.Getenv(parentEnv); end != "" {
		beParent(end)
		return
	}
	goleak.VerifyTestMain(m)
}

// beParent starts a child, prints its pid, and ends as told by end.
func beParent(end string) {
	p := New(Command{
		Name: "child", Argv: []string{"/bin/sleep", "1000"}, Log: os.DevNull,
		Detach: end == "detached", Ready: func(context.Context) error { return nil },
	})
	if err := p.Start(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(p.Pid())
	switch end {
	case "panic":
		panic("the child must not outlive this")
	case "panic elsewhere":
		go func() { panic("the child must not outlive this") }()
		select {}
	case "killed":
		<-time.After(time.Hour)
	}
}
