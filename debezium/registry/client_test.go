package registry

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"tributary/debezium"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const keySchema = `{"type":"record","name":"Key","fields":[{"name":"id","type":"int"}]}`

// server plays a registry. Its answers are by path.
type server struct {
	mu      sync.Mutex
	answers map[string]reply
	seen    []*http.Request
	frozen  map[string]bool // hosts that take requests and do not answer
}

type reply struct {
	status int
	body   string
	err    error
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r)
	if s.frozen[r.URL.Host] {
		s.mu.Unlock()
		<-r.Context().Done()
		s.mu.Lock()
		return nil, r.Context().Err()
	}
	a, ok := s.answers[r.URL.RequestURI()]
	switch {
	case !ok:
		a = reply{status: http.StatusNotFound, body: `{"error_code":40403,"message":"Schema 9 not found"}`}
	case a.err != nil:
		return nil, a.err
	}
	return &http.Response{
		StatusCode: a.status, Status: fmt.Sprint(a.status, " ", http.StatusText(a.status)),
		Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

func (s *server) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *server) set(path string, a reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = a
}

// wrapped is the answer of Confluent's interface.
func wrapped(schema string) reply {
	text, _ := json.Marshal(map[string]any{"schema": schema, "references": []any{}})
	return reply{status: http.StatusOK, body: string(text)}
}

// run runs a client of the server in a bubble of its own time.
func run(t *testing.T, s *server, c Config, body func(t *testing.T, client *Client)) {
	synctest.Test(t, func(t *testing.T) {
		if c.URLs == nil {
			c.URLs = []string{"http://registry:8081/"}
		}
		if c.IDBytes == 0 {
			c.IDBytes = 4
		}
		c.transport = s
		client, err := New(c)
		require.NoError(t, err)
		// A client that never finds what it is asked for would otherwise ask for
		// ever, years in a minute, and the server remembers each request.
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		done := make(chan struct{})
		go func() {
			client.Run(ctx)
			close(done)
		}()
		body(t, client)
		cancel()
		<-done
	})
}

var message = []byte("\x00\x00\x00\x00\x07\x02")

func TestOneRequestForEachID(t *testing.T) {
	s := &server{answers: map[string]reply{"/schemas/ids/7": wrapped(keySchema)}}
	run(t, s, Config{User: "reader", Password: "secret"}, func(t *testing.T, c *Client) {
		s.mu.Lock() // the registry takes its time
		for range 100 {
			_, err := c.Schema(message)
			require.ErrorIs(t, err, debezium.ErrSchemaAwaited)
		}
		require.Equal(t, 1, c.State().Wanted)
		s.mu.Unlock()
		synctest.Wait()
		first, err := c.Schema(message)
		require.NoError(t, err)
		again, err := c.Await(t.Context(), []byte("\x00\x00\x00\x00\x07\x04"))
		require.NoError(t, err)
		require.Same(t, first, again)
		require.Equal(t, 1, s.requests())
		user, password, _ := s.seen[0].BasicAuth()
		require.Equal(t, []string{"reader", "secret"}, []string{user, password})
		state := c.State()
		require.Equal(t, State{Known: 1, Requests: map[Outcome]uint64{
			Found: 1, Unreadable: 0, Unknown: 0, Refused: 0, Unreachable: 0,
		}}, state)

		s2, rest, err := debezium.NewReaderWith(c).Cut(message)
		require.NoError(t, err)
		var k debezium.Key
		require.NoError(t, s2.DecodeKey(rest, &k))
		require.Equal(t, int64(1), k.Row[0].Int)
	})
}

// While the registry is away, what is known serves, what is not waits, and the
// registry is not asked without pause. Then all is as before.
func TestAway(t *testing.T) {
	refused := reply{err: errors.New("connection refused")}
	s := &server{answers: map[string]reply{"/schemas/ids/7": wrapped(keySchema), "/schemas/ids/8": refused}}
	core, logs := observer.New(zap.InfoLevel)
	run(t, s, Config{Log: zap.New(core)}, func(t *testing.T, c *Client) {
		_, err := c.Await(t.Context(), message)
		require.NoError(t, err)
		other := []byte("\x00\x00\x00\x00\x08\x02")
		began := time.Now()
		limited, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err = c.Await(limited, other)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = c.Schema(message)
		require.NoError(t, err)
		state := c.State()
		require.Equal(t, 1, state.Wanted)
		require.ErrorContains(t, state.Trouble, "connection refused")
		require.Equal(t, began, state.AwaySince)
		require.Less(t, s.requests(), 500, "in an hour")
		require.Greater(t, s.requests(), 200, "in an hour")

		s.set("/schemas/ids/8", wrapped(keySchema))
		_, err = c.Await(t.Context(), other)
		require.NoError(t, err)
		require.Less(t, time.Since(began)-time.Hour, 16*time.Second)
		require.NoError(t, c.State().Trouble)
	})
	require.Equal(t, 2, logs.Len(), "once when it goes, once when it comes")
}

// Only what registries say of a schema makes it unknown, and not at once.
func TestUnknown(t *testing.T) {
	s := &server{answers: map[string]reply{}}
	run(t, s, Config{}, func(t *testing.T, c *Client) {
		began := time.Now()
		_, err := c.Await(t.Context(), message)
		require.ErrorIs(t, err, debezium.ErrUnknownSchema)
		require.Equal(t, 2500*time.Millisecond, time.Since(began))
		_, err = c.Schema(message)
		require.ErrorIs(t, err, debezium.ErrUnknownSchema)
		require.Equal(t, 3, s.requests())

		forgotten := time.NewTimer(time.Minute)
		<-forgotten.C
		s.set("/schemas/ids/7", wrapped(keySchema)) // restored
		_, err = c.Await(t.Context(), message)
		require.NoError(t, err)
	})
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name  string
		reply reply
		want  Outcome
	}{
		{"schema", wrapped(keySchema), Found},
		{"no schema at all", wrapped(`{"type":"record"}`), Unreadable},
		{"other kind", reply{200, `{"schema":"{}","schemaType":"PROTOBUF"}`, nil}, Unreadable},
		{"references", reply{200, `{"schema":"{}","references":[{"name":"a"}]}`, nil}, Unreadable},
		{"web page", reply{200, `<html>welcome</html>`, nil}, Unreachable},
		{"other service", reply{200, `{"status":"ok"}`, nil}, Unreachable},
		{"unknown", reply{404, `{"error_code":40403,"message":"Schema not found"}`, nil}, Unknown},
		{"wrong path", reply{404, `{"error_code":404,"message":"HTTP 404 Not Found"}`, nil}, Unreachable},
		{"wrong path, Apicurio", reply{404, `{"error_code":404,"name":"NotFoundException"}`, nil}, Unreachable},
		{"proxy", reply{404, `<html>not found</html>`, nil}, Unreachable},
		{"unauthorized", reply{401, ``, nil}, Refused},
		{"forbidden", reply{403, `{"error_code":40301}`, nil}, Refused},
		{"error", reply{500, `{"error_code":50001}`, nil}, Unreachable},
		{"too large", reply{200, strings.Repeat(" ", 2*debezium.MaxSchema+1), nil}, Unreadable},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &server{answers: map[string]reply{"/schemas/ids/7": test.reply}}
			client, err := New(Config{URLs: []string{"http://registry:8081"}, IDBytes: 4, transport: s})
			require.NoError(t, err)
			_, err = client.fetch(t.Context(), client.endpoints[0], message[:5], 7)
			require.Equal(t, test.want, outcomeOf(err), "%v", err)
			if err != nil && test.want != Found {
				require.NotEmpty(t, Hint(err))
			}
		})
	}
}

// Apicurio's own interface numbers texts and versions of artifacts apart.
func TestApicurio(t *testing.T) {
	s := &server{answers: map[string]reply{
		"/apis/registry/v2/ids/contentIds/7": {status: 200, body: keySchema},
		"/apis/registry/v2/ids/globalIds/7":  {status: 200, body: keySchema},
		"/apis/registry/v2/ids/contentIds/8": {status: 200, body: "<html>"},
		"/apis/registry/v2/ids/contentIds/9": {status: 404, body: `{"error_code":404,"name":"ContentNotFoundException"}`},
	}}
	for _, test := range []struct {
		bytes   int
		kind    IDKind
		message string
		path    string
	}{
		{4, "", "\x00\x00\x00\x00\x07", "contentIds"},
		{4, GlobalID, "\x00\x00\x00\x00\x07", "globalIds"},
		{8, "", "\x00\x00\x00\x00\x00\x00\x00\x00\x07", "globalIds"},
		{8, ContentID, "\x00\x00\x00\x00\x00\x00\x00\x00\x07", "contentIds"},
	} {
		config := Config{URLs: []string{"https://r/apis/registry/v2"}, IDBytes: test.bytes, IDKind: test.kind, Token: "t"}
		run(t, s, config, func(t *testing.T, c *Client) {
			schema, err := c.Await(t.Context(), []byte(test.message+"\x02"))
			require.NoError(t, err)
			require.Equal(t, test.message+"\x02", string(schema.Join([]byte{2})))
			last := s.seen[len(s.seen)-1]
			require.Contains(t, last.URL.Path, test.path)
			require.Equal(t, "Bearer t", last.Header.Get("Authorization"))
			_, err = c.Schema([]byte(test.message[:3]))
			require.ErrorIs(t, err, debezium.ErrNoID)
			_, err = c.Schema([]byte("\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
			require.ErrorIs(t, err, debezium.ErrUnknownSchema)
		})
	}
	client, err := New(Config{URLs: []string{"https://r/apis/registry/v2"}, IDBytes: 4, transport: s})
	require.NoError(t, err)
	_, err = client.fetch(t.Context(), client.endpoints[0], message[:5], 8)
	require.Equal(t, Unreachable, outcomeOf(err))
	_, err = client.fetch(t.Context(), client.endpoints[0], message[:5], 9)
	require.Equal(t, Unknown, outcomeOf(err))
}

// One of several addresses is enough.
func TestSeveralAddresses(t *testing.T) {
	s := &server{answers: map[string]reply{"/down/schemas/ids/7": {err: errors.New("down")}, "/up/schemas/ids/7": wrapped(keySchema)}}
	run(t, s, Config{URLs: []string{"http://a/down", "http://b/up"}}, func(t *testing.T, c *Client) {
		_, err := c.Await(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, 2, s.requests())
	})
}

// It is enough for many questions at a time as well, be the other address frozen.
func TestFrozenAddress(t *testing.T) {
	s := &server{answers: map[string]reply{}, frozen: map[string]bool{"a": true}}
	var messages [][]byte
	for id := range 50 {
		s.answers[fmt.Sprintf("/schemas/ids/%d", id)] = wrapped(keySchema)
		messages = append(messages, []byte{0, 0, 0, 0, byte(id), 2})
	}
	run(t, s, Config{URLs: []string{"http://a", "http://b"}}, func(t *testing.T, c *Client) {
		limited, cancel := context.WithTimeout(t.Context(), requestTimeout+time.Second)
		defer cancel()
		for _, message := range messages {
			_, _ = c.Schema(message)
		}
		for _, message := range messages {
			_, err := c.Await(limited, message)
			require.NoError(t, err)
		}
	})
}

func TestConfigRefused(t *testing.T) {
	for want, c := range map[string]Config{
		"needs the address":   {IDBytes: 4},
		"4 or 8 bytes, not 5": {URLs: []string{"http://r"}, IDBytes: 5},
		"is not of the form":  {URLs: []string{"r:8081"}, IDBytes: 4},
		"holds a user":        {URLs: []string{"http://u:hidden@r"}, IDBytes: 4},
		"a user and a token":  {URLs: []string{"http://r"}, IDBytes: 4, User: "u", Token: "t"},
		"Apicurio's own":      {URLs: []string{"http://r"}, IDBytes: 8, IDKind: GlobalID},
		"neither content":     {URLs: []string{"http://r/apis/registry/v2"}, IDBytes: 8, IDKind: "x"},
		"are not PEM":         {URLs: []string{"https://r"}, IDBytes: 4, CA: []byte("x")},
		"ends with a query":   {URLs: []string{"https://r?x=1"}, IDBytes: 4},
	} {
		_, err := New(c)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "hidden")
	}
}

func TestCheck(t *testing.T) {
	s := &server{answers: map[string]reply{
		"/subjects": {status: 200, body: `["a-key","a-value"]`},
		"/apis/registry/v2/search/artifacts?limit=1": {status: 200, body: `{"artifacts":[{}],"count":41}`},
		"/other/subjects": {status: 200, body: `{}`},
		"/gone/subjects":  {status: 404, body: `{"error_code":0}`},
	}}
	for address, want := range map[string]int{"http://r": 2, "http://r/apis/registry/v2/": 41, "http://r/other": -1, "http://r/gone": -1} {
		c, err := New(Config{URLs: []string{address}, IDBytes: 4, transport: s})
		require.NoError(t, err)
		report, err := c.Check(t.Context())
		if want < 0 {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, report.Subjects)
	}
}

// A registry with a certificate of the house's own is trusted if told so.
func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `["a-key"]`)
	}))
	defer s.Close()
	s.Config.ErrorLog = nil
	for _, trusted := range []bool{false, true} {
		config := Config{URLs: []string{s.URL}, IDBytes: 4}
		if trusted {
			config.CA = pemOf(s.Certificate().Raw)
		}
		c, err := New(config)
		require.NoError(t, err)
		_, err = c.Check(t.Context())
		require.Equal(t, trusted, err == nil, "%v", err)
		c.http.CloseIdleConnections()
	}
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
