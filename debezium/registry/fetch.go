package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tributary/debezium"
)

// Outcome is how a request ended.
type Outcome string

// The outcomes.
const (
	// Found brought a schema.
	Found Outcome = "found"
	// Unreadable brought one that no message can be read with.
	Unreadable Outcome = "unreadable"
	// Unknown is the registry's word that it has no such schema.
	Unknown Outcome = "unknown"
	// Refused is a registry that wants other credentials.
	Refused Outcome = "refused"
	// Unreachable is a registry that does not answer, or not as one should.
	Unreachable Outcome = "unreachable"
)

// errUnknown says that the registry has no such schema.
var errUnknown = errors.New("not found")

// RefusedError is the answer of a registry that wants other credentials.
type RefusedError struct{ Status string }

func (e *RefusedError) Error() string { return "the registry answers " + e.Status }

// Hint returns what an operator can do about a registry's trouble.
func Hint(trouble error) string {
	var refused *RefusedError
	if errors.As(trouble, &refused) {
		return "check the user and password, or the token, and that it may read schemas"
	}
	return "look whether the registry runs and can be reached from here"
}

// errNoSchema is an answer that no registry gives.
var errNoSchema = errors.New("the answer holds no schema: is this the address of a registry?")

// outcomeOf names what a request came to.
func outcomeOf(err error) Outcome {
	var refused *RefusedError
	var unreadable *debezium.SchemaError
	switch {
	case err == nil:
		return Found
	case errors.Is(err, errUnknown):
		return Unknown
	case errors.As(err, &unreadable):
		return Unreadable
	case errors.As(err, &refused):
		return Refused
	}
	return Unreachable
}

// fetch asks one address for the schema with an id.
func (c *Client) fetch(ctx context.Context, e endpoint, header []byte, id uint64) (*debezium.Schema, error) {
	text, err := c.get(ctx, e.base+e.ids+strconv.FormatUint(id, 10))
	switch {
	case err != nil:
		return nil, err
	case !e.apicurio:
		if text, err = unwrap(text); err != nil {
			return nil, err
		}
	case !json.Valid(text):
		return nil, errNoSchema
	}
	return debezium.ParseAvro(header, text)
}

// unwrap takes the schema out of the answer of Confluent's interface.
func unwrap(text []byte) ([]byte, error) {
	var answer struct {
		Schema     *string           `json:"schema"`
		Kind       string            `json:"schemaType"`
		References []json.RawMessage `json:"references"`
	}
	switch err := json.Unmarshal(text, &answer); {
	case err != nil || answer.Schema == nil:
		return nil, errNoSchema
	case answer.Kind != "" && answer.Kind != "AVRO":
		return nil, &debezium.SchemaError{Reason: "is of another kind than Avro"}
	case len(answer.References) > 0:
		return nil, &debezium.SchemaError{Reason: "refers to other schemas"}
	}
	return []byte(*answer.Schema), nil
}

// get makes a request and returns the body of a good answer.
func (c *Client) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking the registry: %w", err)
	}
	request.Header.Set("Accept", "application/vnd.schemaregistry.v1+json, application/json, */*")
	switch {
	case c.config.Token != "":
		request.Header.Set("Authorization", "Bearer "+c.config.Token)
	case c.config.User != "":
		request.SetBasicAuth(c.config.User, c.config.Password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the registry: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	const most = 2*debezium.MaxSchema + 1 // in Confluent's interface every quote has a backslash
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the registry's answer: %w", err)
	case response.StatusCode == http.StatusNotFound && denies(body):
		return nil, errUnknown
	case response.StatusCode == http.StatusUnauthorized, response.StatusCode == http.StatusForbidden:
		return nil, &RefusedError{Status: response.Status}
	case response.StatusCode == http.StatusNotFound:
		return nil, errors.New("there is no registry at this address: Confluent's is http://host:8081, Apicurio's" +
			" http://host:8080/apis/registry/v2 or, with Confluent's interface, http://host:8080/apis/ccompat/v7")
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the registry answers %s", response.Status)
	case len(body) == most:
		return nil, &debezium.SchemaError{Reason: "is too large"}
	}
	return body, nil
}

// denies says whether the body of a 404 is a registry's word that it has no such
// schema. A wrong address and a proxy answer 404 too, and must not make events
// unreadable.
func denies(body []byte) bool {
	var answer struct {
		Code int    `json:"error_code"`
		Name string `json:"name"`
	}
	const schemaNotFound = 40403 // Confluent's interface
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	// Apicurio's own: ContentNotFoundException, ArtifactNotFoundException, …
	what, ok := strings.CutSuffix(answer.Name, "NotFoundException")
	return answer.Code == schemaNotFound || ok && what != ""
}

// Report is what a look at a registry found.
type Report struct {
	// Subjects is how many histories of schemas it holds: two for each table of
	// each store, one for keys and one for values.
	Subjects int
	// Took is how long it took to say so.
	Took time.Duration
}

// Check asks the first address whether the registry answers and how much it
// holds.
func (c *Client) Check(ctx context.Context) (Report, error) {
	e, began := c.endpoints[0], time.Now()
	path := "/subjects"
	if e.apicurio {
		path = "/search/artifacts?limit=1"
	}
	text, err := c.get(ctx, e.base+path)
	switch {
	case err != nil:
		return Report{}, err
	}
	report := Report{Took: time.Since(began)}
	var names []string
	var found struct {
		Count *int `json:"count"`
	}
	switch {
	case e.apicurio && json.Unmarshal(text, &found) == nil && found.Count != nil:
		report.Subjects = *found.Count
	case !e.apicurio && json.Unmarshal(text, &names) == nil:
		report.Subjects = len(names)
	default:
		return Report{}, errors.New("the answer is no registry's: is this the address of one?")
	}
	return report, nil
}
