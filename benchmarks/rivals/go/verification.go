// examples/verifiers/go, as in verification.py: one line (seconds) a turn in, one line (seconds for a token) out.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"syscall"
	"time"
)

const block = 50

type asked struct {
	Token string
	Book  struct {
		Now                           int64
		Issuer, Audience, Revocations string
		JWKS                          json.RawMessage
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	var verify func() Claims
	for lines.Scan() {
		if verify == nil {
			verify = verifying(lines.Bytes())
			answers.Encode(verify()["sub"])
			continue
		}
		var seconds float64
		must(json.Unmarshal(lines.Bytes(), &seconds))
		answers.Encode(turn(verify, seconds))
	}
}

func verifying(line []byte) func() Claims {
	var given asked
	must(json.Unmarshal(line, &given))
	book := given.Book
	tokens, err := New(book.Issuer, book.Audience)
	must(err)
	tokens.clock = func() time.Time { return time.Unix(book.Now, 0) }
	fetch := func(body []byte) func(string, string) ([]byte, string, bool, error) {
		return func(_, etag string) ([]byte, string, bool, error) { return body, "unchanged", etag == "", nil }
	}
	tokens.keys.fetch, tokens.ended.fetch = fetch(book.JWKS), fetch([]byte(book.Revocations))
	return func() Claims {
		claims, err := tokens.Verify(given.Token)
		must(err)
		return claims
	}
}

// spent is the processor time of the whole process, its collector of garbage included.
func spent() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func turn(verify func() Claims, seconds float64) float64 {
	tokens := 0
	until, before := time.Now().Add(time.Duration(seconds*float64(time.Second))), spent()
	for time.Now().Before(until) {
		for n := 0; n < block; n++ {
			verify()
		}
		tokens += block
	}
	return (spent() - before).Seconds() / float64(tokens)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
