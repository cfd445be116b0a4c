package verifier

// The verifier checks every token vector right, and fails closed. VECTORS is a file of manage.py token_vectors.

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type vector struct{ Name, Token, Verdict, Reason string }

var book = func() (read struct {
	Now                           int64
	Issuer, Audience, Revocations string
	JWKS                          json.RawMessage
	Tokens                        []vector
	Documents                     struct{ Vectors []vector }
}) {
	raw, err := os.ReadFile(os.Getenv("VECTORS"))
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(raw, &read); err != nil {
		panic(err)
	}
	return read
}()

func named(name string, among []vector) string {
	for _, vector := range among {
		if vector.Name == name {
			return vector.Token
		}
	}
	panic(name)
}

// service has an issuer that counts who asks, and a time that goes on only when a test says so.
type service struct {
	verifier       *Verifier
	document       string
	asked          int
	away, standing bool
	now            int64
	ticks          time.Duration
}

func newService(document string) *service {
	s := &service{document: document, now: book.Now, ticks: 100 * time.Second}
	s.verifier, _ = New(book.Issuer, book.Audience)
	s.verifier.clock = func() time.Time { return time.Unix(s.now, 0) }
	ticks := func() time.Duration { return s.ticks }
	s.verifier.keys.ticks, s.verifier.ended.ticks = ticks, ticks
	s.verifier.keys.fetch = func(string, string) ([]byte, string, bool, error) { return book.JWKS, "keys", true, nil }
	s.verifier.ended.fetch = func(_, etag string) ([]byte, string, bool, error) {
		s.asked++
		if s.away {
			return nil, "", false, errors.New("away")
		}
		return []byte(s.document), "list", !s.standing || etag == "", nil
	}
	return s
}

func (s *service) passBy(seconds int64) {
	s.now += seconds
	s.ticks += time.Duration(seconds) * time.Second
}

func (s *service) expect(t *testing.T, token string, wanted error, why string) {
	t.Helper()
	if _, err := s.verifier.Verify(token); !errors.Is(err, wanted) {
		t.Errorf("wanted %v, got %v: %s", wanted, err, why)
	}
}

func verdict(vector vector, refusal error) error {
	if vector.Verdict == "accept" {
		return nil
	}
	return refusal
}

func TestEveryToken(t *testing.T) {
	for _, vector := range book.Tokens {
		t.Run(vector.Name, func(t *testing.T) {
			newService(book.Revocations).expect(t, vector.Token, verdict(vector, ErrRefused), vector.Reason)
		})
	}
}

func TestEveryDocument(t *testing.T) {
	for _, vector := range book.Documents.Vectors {
		t.Run(vector.Name, func(t *testing.T) {
			newService(vector.Token).expect(t, named("es256", book.Tokens), verdict(vector, ErrUnavailable), vector.Reason)
		})
	}
}

func TestNewsAreAskedForOnceASecondForAllWhoCome(t *testing.T) {
	s := newService(named("document-empty", book.Documents.Vectors))
	crowd := func(wanted error) {
		var all sync.WaitGroup
		for n := 0; n < 100; n++ {
			all.Add(1)
			go func() {
				defer all.Done()
				s.expect(t, named("sid-ended", book.Tokens), wanted, "of a crowd")
			}()
		}
		all.Wait()
	}
	crowd(nil)
	s.document = book.Revocations
	s.passBy(1)
	crowd(ErrRefused)
	if s.asked != 2 {
		t.Errorf("asked %d times", s.asked)
	}
}

func TestOutage(t *testing.T) {
	s := newService(book.Revocations)
	good := named("es256", book.Tokens)
	s.expect(t, good, nil, "at first")
	s.away = true
	s.passBy(10)
	s.expect(t, good, nil, "within the budget")
	s.expect(t, named("sid-ended", book.Tokens), ErrRefused, "what is known holds")
	s.passBy(1)
	s.expect(t, good, ErrUnavailable, "beyond the budget")
	s.away = false
	s.passBy(1)
	s.expect(t, good, nil, "healed")
}

func TestAPanicWhileAskingKeepsNobodyWaiting(t *testing.T) {
	s := newService(book.Revocations)
	good := named("es256", book.Tokens)
	answers := s.verifier.ended.fetch
	s.verifier.ended.fetch = func(string, string) ([]byte, string, bool, error) { panic("broken") }
	func() {
		defer func() { recover() }()
		s.expect(t, good, nil, "not reached")
	}()
	s.verifier.ended.fetch = answers
	s.passBy(1)
	s.expect(t, good, nil, "asked again")
}

func TestWithoutAListNothingIsAccepted(t *testing.T) {
	s := newService(book.Revocations)
	s.away = true
	s.expect(t, named("es256", book.Tokens), ErrUnavailable, "never had one")
}

func TestACacheThatIsStuckIsFoundOut(t *testing.T) {
	s := newService(book.Revocations)
	s.expect(t, named("es256", book.Tokens), nil, "at first")
	s.standing = true
	s.passBy(54)
	s.expect(t, named("es256", book.Tokens), nil, "not changed")
	s.passBy(1)
	s.expect(t, named("es256", book.Tokens), ErrUnavailable, "the list ran out")
}

func TestKeysComeByHTTPSAlone(t *testing.T) {
	for _, issuer := range []string{"http://id.example.com", "http://127.0.0.1.rogue.example", "ftp://localhost"} {
		if _, err := New(issuer, "https://notes.example"); err == nil {
			t.Errorf("%s is trusted", issuer)
		}
	}
	for _, issuer := range []string{"https://id.example.com", "http://127.0.0.1:8000", "http://localhost:8000"} {
		if _, err := New(issuer, "https://notes.example"); err != nil {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

func TestAnAnswerWithoutAnEndIsNotReadToItsEnd(t *testing.T) {
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		piece := make([]byte, 1<<20)
		for _, err := w.Write(piece); err == nil; _, err = w.Write(piece) {
			sent.Add(1)
		}
	}))
	defer server.Close()
	endless, _ := New(server.URL, book.Audience)
	if _, err := endless.Verify(named("es256", book.Tokens)); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	if sent.Load() > 64 {
		t.Errorf("%d MiB were taken", sent.Load())
	}
}
