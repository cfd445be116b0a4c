// Package verifier checks access tokens of Signet in a service of your own. One file to copy; it needs Go 1.19 and nothing else.
//
//	tokens, err := verifier.New("https://id.example.com", "https://notes.example.com")
//	claims, err := tokens.Verify(token) // ErrRefused (answer 401) or ErrUnavailable (answer 503)
//
// No token is looked up. The issuer's public keys and the list of what ended are kept in memory; the list is asked for again
// on the way of a request, at most once a second. tests/interop/verifier_go/verifier_test.go holds it to the token vectors.
package verifier

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const (
	// Refresh is the time between two questions for the list of what ended.
	Refresh = time.Second
	// Budget is how long the last list is believed when no newer one can be had. Then nothing is accepted.
	Budget = 10 * time.Second

	keysMaxAge    = 5 * time.Minute
	timeout       = time.Second
	skew          = 30 // seconds by which clocks may differ
	largestToken  = 8 << 10
	largestAnswer = 16 << 20
	deepest       = 32
)

// ErrRefused says that the token is not good here: 401, with WWW-Authenticate: Bearer error="invalid_token".
var ErrRefused = errors.New("refused")

// ErrUnavailable says that nobody can tell: 503, with Retry-After. Not 401, or apps would throw their tokens away.
var ErrUnavailable = errors.New("unavailable")

var form = regexp.MustCompile(`\A[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\z`)

// Claims are those of a token. Numbers in them are json.Number.
type Claims map[string]any

// Verifier is for many goroutines at once; make one for each process.
type Verifier struct {
	// Longest is the issuer's ACCESS_TOKEN_LIFETIME, or more.
	Longest time.Duration

	issuer, audience string
	clock            func() time.Time
	keys             *kept[map[string]publicKey]
	ended            *kept[*document]
}

// New knows an issuer by its address, and the service by its audience.
func New(issuer, audience string) (*Verifier, error) {
	address, err := url.Parse(issuer)
	if err != nil {
		return nil, err
	}
	isHere := address.Hostname() == "127.0.0.1" || address.Hostname() == "localhost"
	if address.Scheme != "https" && !(address.Scheme == "http" && isHere) {
		return nil, errors.New("the issuer's keys must come by HTTPS")
	}
	v := &Verifier{Longest: 10 * time.Minute, issuer: issuer, audience: audience, clock: time.Now}
	v.keys = keep(issuer+"/.well-known/jwks.json", readKeys)
	v.ended = keep(issuer+"/.well-known/revocations", v.readDocument)
	return v, nil
}

// Verify answers the claims of a live token for this service. What they allow is yours to ask: scope, roles, acr.
func (v *Verifier) Verify(token string) (Claims, error) {
	kid, claims, err := v.opened(token, "at+jwt", largestToken)
	if err != nil {
		return nil, err
	}
	if err := v.checkTimes(claims); err != nil {
		return nil, err
	}
	if claims["iss"] != v.issuer {
		return nil, refused("iss")
	}
	if !names(claims["aud"], v.audience) {
		return nil, refused("aud")
	}
	if _, bound := claims["cnf"]; bound {
		return nil, refused("bound to a key: no bearer token")
	}
	if _, err := text(claims, "jti"); err != nil {
		return nil, err
	}
	if err := v.refuseEnded(kid, claims); err != nil {
		return nil, err
	}
	return claims, nil
}

func (v *Verifier) checkTimes(claims Claims) error {
	issued, err := integer(claims, "iat")
	if err != nil {
		return err
	}
	expires, err := integer(claims, "exp")
	if err != nil {
		return err
	}
	now := v.clock().Unix()
	if issued >= expires || expires-issued > int64(v.Longest/time.Second) || issued > now+skew {
		return refused("iat or exp")
	}
	if _, given := claims["nbf"]; given {
		if from, err := integer(claims, "nbf"); err != nil || from > now+skew {
			return refused("nbf")
		}
	}
	if expires <= now {
		return refused("expired")
	}
	return nil
}

// A token is about a person on a device, or about a client that acts as itself.
func (v *Verifier) refuseEnded(kid string, claims Claims) error {
	list, known := v.ended.get(Refresh)
	if !known || v.ended.age() > Budget || list.expires <= v.clock().Unix() {
		return fmt.Errorf("%w: the list of what ended cannot be had", ErrUnavailable)
	}
	if _, pulled := list.revoked["kid"][kid]; pulled {
		return refused("the key was pulled")
	}
	client, err := text(claims, "client_id")
	if err != nil {
		return err
	}
	clients, err := actors(claims)
	if err != nil {
		return err
	}
	issued, _ := integer(claims, "iat")
	for _, name := range append(clients, client) {
		if stopped, is := list.revoked["client"][name]; is && issued <= stopped {
			return refused("the client was stopped, or a service that acts for it")
		}
	}
	sub, err := text(claims, "sub")
	if err != nil {
		return err
	}
	if _, onDevice := claims["sid"]; !onDevice && sub == client {
		return nil
	}
	return refuseEndedDevice(list, claims, sub)
}

func refuseEndedDevice(list *document, claims Claims, sub string) error {
	sid, err := text(claims, "sid")
	if err != nil {
		return err
	}
	proven, err := integer(claims, "auth_time")
	if err != nil {
		return err
	}
	epoch, err := integer(claims, "epoch")
	if err != nil {
		return err
	}
	if _, out := list.revoked["sid"][sid]; out {
		return refused("the device was signed out")
	}
	if proven < list.revoked["sid-stale"][sid] {
		return refused("stale: the device proved anew who uses it")
	}
	if epoch < list.revoked["sub"][sub] {
		return refused("stale: the person's rights changed")
	}
	return nil
}

// document is the list of what ended: by kind, names with a value each.
type document struct {
	expires int64
	revoked map[string]map[string]int64
}

// readDocument refuses anything else.
func (v *Verifier) readDocument(body []byte) (*document, error) {
	kid, claims, err := v.opened(string(body), "revocations+jwt", largestAnswer)
	if err != nil {
		return nil, err
	}
	expires, err := integer(claims, "exp")
	if err != nil || claims["iss"] != v.issuer || expires <= v.clock().Unix() {
		return nil, refused("another issuer's list, or an old one")
	}
	revoked, err := marks(claims["revoked"])
	if err != nil {
		return nil, err
	}
	if _, pulled := revoked["kid"][kid]; pulled {
		return nil, refused("signed by a key that it says to trust no more")
	}
	return &document{expires, revoked}, nil
}

func marks(revoked any) (map[string]map[string]int64, error) {
	kinds, isObject := revoked.(map[string]any)
	found := make(map[string]map[string]int64, len(kinds))
	for kind, value := range kinds {
		named, ok := value.(map[string]any)
		isObject = isObject && ok
		found[kind] = make(map[string]int64, len(named))
		for name := range named {
			// What has no number here counts for kinds that ask whether it is there.
			found[kind][name], _ = integer(named, name)
		}
	}
	for _, kind := range []string{"kid", "sid", "sid-stale", "sub"} {
		if _, given := found[kind]; !isObject || !given {
			return nil, refused("not a list of what ended")
		}
	}
	return found, nil
}

// opened answers the kid and the claims of what the issuer signed as this kind of token.
func (v *Verifier) opened(token, typ string, largest int) (string, Claims, error) {
	if len(token) > largest || !form.MatchString(token) {
		return "", nil, refused("not a token")
	}
	parts := strings.Split(token, ".")
	header, err := object(parts[0])
	if err != nil {
		return "", nil, err
	}
	alg, isAlg := header["alg"].(string)
	kid, isKid := header["kid"].(string)
	if !isAlg || !isKid || len(header) != 3 {
		return "", nil, refused("header")
	}
	if header["typ"] != typ {
		return "", nil, refused("typ")
	}
	key, err := v.key(kid)
	if err != nil {
		return "", nil, err
	}
	// The algorithm is that of the key. A token that says otherwise is refused, not believed.
	if alg != key.algorithm {
		return "", nil, refused("alg")
	}
	signature, err := decoded(parts[2])
	if err != nil || !key.signed(parts[0]+"."+parts[1], signature) {
		return "", nil, refused("signature")
	}
	claims, err := object(parts[1])
	return kid, claims, err
}

// key asks for the set, at most once a second, for a name never seen: it may be that of a new key.
func (v *Verifier) key(kid string) (publicKey, error) {
	for _, maxAge := range []time.Duration{keysMaxAge, Refresh} {
		keys, _ := v.keys.get(maxAge)
		if key, known := keys[kid]; known {
			return key, nil
		}
	}
	if v.keys.failing.Load() {
		return publicKey{}, fmt.Errorf("%w: the public keys cannot be had", ErrUnavailable)
	}
	return publicKey{}, refused("kid")
}

// kept is what the issuer published last. Whoever finds it too old asks; who comes meanwhile waits for that answer.
type kept[T any] struct {
	url     string
	read    func([]byte) (T, error)
	fetch   func(url, etag string) (body []byte, newTag string, changed bool, err error)
	ticks   func() time.Duration
	turn    chan struct{}
	last    atomic.Pointer[seen[T]]
	etag    string
	askedAt time.Duration
	failing atomic.Bool
}

type seen[T any] struct {
	value T
	at    time.Duration
}

var start = time.Now()

func keep[T any](url string, read func([]byte) (T, error)) *kept[T] {
	ticks := func() time.Duration { return time.Since(start) + time.Hour }
	return &kept[T]{url: url, read: read, fetch: overHTTP, ticks: ticks, turn: make(chan struct{}, 1)}
}

func (k *kept[T]) age() time.Duration {
	if last := k.last.Load(); last != nil {
		return k.ticks() - last.at
	}
	return 1 << 62
}

// get answers false if there never was one.
func (k *kept[T]) get(maxAge time.Duration) (value T, known bool) {
	if k.age() >= maxAge && k.mayAsk() {
		k.ask(maxAge)
	}
	if last := k.last.Load(); last != nil {
		return last.value, true
	}
	return value, false
}

// mayAsk waits for whoever asks just now, except in an outage.
func (k *kept[T]) mayAsk() bool {
	patience := timeout
	if k.failing.Load() {
		patience = 0
	}
	select {
	case k.turn <- struct{}{}:
		return true
	default:
	}
	select {
	case k.turn <- struct{}{}:
		return true
	case <-time.After(patience):
		return false
	}
}

// ask gives the turn back, whatever happens in it.
func (k *kept[T]) ask(maxAge time.Duration) {
	defer func() { <-k.turn }()
	now := k.ticks()
	if now-k.askedAt < Refresh || k.age() < maxAge {
		return
	}
	k.askedAt = now
	body, etag, changed, err := k.fetch(k.url, k.etag)
	last := k.last.Load()
	if err == nil && changed {
		var value T
		if value, err = k.read(body); err == nil {
			last, k.etag = &seen[T]{value: value}, etag
		}
	}
	k.failing.Store(err != nil || last == nil)
	if err == nil && last != nil {
		k.last.Store(&seen[T]{last.value, now})
	}
}

var client = &http.Client{
	Timeout:       timeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func overHTTP(url, etag string) ([]byte, string, bool, error) {
	asked, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, "", false, err
	}
	if etag != "" {
		asked.Header.Set("If-None-Match", etag)
	}
	answer, err := client.Do(asked)
	if err != nil {
		return nil, "", false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotModified {
		return nil, etag, false, nil
	}
	if answer.StatusCode != http.StatusOK {
		return nil, "", false, fmt.Errorf("%s answers %d", url, answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer+1))
	if err == nil && len(body) > largestAnswer {
		err = errors.New("the answer is too large")
	}
	return body, answer.Header.Get("ETag"), true, err
}

// publicKey is for the one algorithm that it names.
type publicKey struct {
	algorithm string
	signed    func(signing string, signature []byte) bool
}

// readKeys takes those keys of a JWK Set that this file can use.
func readKeys(body []byte) (map[string]publicKey, error) {
	set, err := parsed(body)
	members, isList := set["keys"].([]any)
	if err != nil || !isList {
		return nil, refused("not a JWK Set")
	}
	keys := map[string]publicKey{}
	for _, member := range members {
		jwk, _ := member.(map[string]any)
		if jwk["use"] != "sig" {
			continue
		}
		alg, _ := jwk["alg"].(string)
		var signed func(string, []byte) bool
		switch kty, crv := jwk["kty"], jwk["crv"]; {
		case alg == "ES256" && kty == "EC" && crv == "P-256":
			signed, err = ecKey(jwk)
		case alg == "RS256" && kty == "RSA":
			signed, err = rsaKey(jwk)
		case alg == "Ed25519" && kty == "OKP" && crv == "Ed25519":
			signed, err = edKey(jwk)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		kid, err := text(jwk, "kid")
		if err != nil {
			return nil, err
		}
		keys[kid] = publicKey{alg, signed}
	}
	return keys, nil
}

func ecKey(jwk map[string]any) (func(string, []byte) bool, error) {
	x, y := number(jwk, "x"), number(jwk, "y")
	if !elliptic.P256().IsOnCurve(x, y) {
		return nil, refused("not a JWK")
	}
	key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
	return func(signing string, signature []byte) bool {
		if len(signature) != 64 {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		digest := sha256.Sum256([]byte(signing))
		return ecdsa.Verify(key, digest[:], r, s)
	}, nil
}

func rsaKey(jwk map[string]any) (func(string, []byte) bool, error) {
	n, e := number(jwk, "n"), number(jwk, "e")
	if n.BitLen() < 2048 || e.Cmp(big.NewInt(65537)) != 0 {
		return nil, refused("not a JWK")
	}
	key := &rsa.PublicKey{N: n, E: int(e.Int64())}
	return func(signing string, signature []byte) bool {
		digest := sha256.Sum256([]byte(signing))
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	}, nil
}

func edKey(jwk map[string]any) (func(string, []byte) bool, error) {
	x, _ := jwk["x"].(string)
	key, err := decoded(x)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, refused("not a JWK")
	}
	return func(signing string, signature []byte) bool {
		return ed25519.Verify(key, []byte(signing), signature)
	}, nil
}

// number is zero, which is no key's, for anything else.
func number(jwk map[string]any, name string) *big.Int {
	written, _ := jwk[name].(string)
	raw, _ := decoded(written)
	return new(big.Int).SetBytes(raw)
}

// decoded takes base64url as it is written in one way only: no padding, no stray bits, no line breaks (RFC 7515 section 2).
func decoded(part string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != part {
		return nil, refused("base64url")
	}
	return raw, nil
}

func object(part string) (Claims, error) {
	raw, err := decoded(part)
	if err != nil {
		return nil, err
	}
	return parsed(raw)
}

// parsed takes a JSON object in UTF-8 in which no member appears twice, at any depth. encoding/json alone takes the last one.
func parsed(raw []byte) (Claims, error) {
	if !utf8.Valid(raw) {
		return nil, refused("UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	value, err := next(decoder, deepest)
	if err != nil {
		return nil, refused("JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, refused("JSON")
	}
	if members, isObject := value.(map[string]any); isObject {
		return members, nil
	}
	return nil, refused("JSON")
}

func next(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil || depth == 0 {
		return nil, refused("JSON")
	}
	switch token {
	case json.Delim('{'):
		members := map[string]any{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			if _, twice := members[name.(string)]; twice {
				return nil, refused("a member appears twice")
			}
			if members[name.(string)], err = next(decoder, depth-1); err != nil {
				return nil, err
			}
		}
		_, err = decoder.Token()
		return members, err
	case json.Delim('['):
		items := []any{}
		for decoder.More() {
			item, err := next(decoder, depth-1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err = decoder.Token()
		return items, err
	}
	return token, nil
}

// actors are the services through which the token came (RFC 8693 section 4.1).
func actors(claims Claims) ([]string, error) {
	var found []string
	for actor, is := claims["act"].(map[string]any); is; actor, is = actor["act"].(map[string]any) {
		sub, err := text(actor, "sub")
		if err != nil {
			return nil, err
		}
		found = append(found, sub)
	}
	return found, nil
}

func names(list any, wanted string) bool {
	items, _ := list.([]any)
	for _, item := range items {
		if item == wanted {
			return true
		}
	}
	return false
}

func text(claims map[string]any, name string) (string, error) {
	value, _ := claims[name].(string)
	if value == "" {
		return "", refused(name)
	}
	return value, nil
}

func integer(claims map[string]any, name string) (int64, error) {
	written, _ := claims[name].(json.Number)
	value, err := strconv.ParseInt(string(written), 10, 64)
	if err != nil {
		return 0, refused(name)
	}
	return value, nil
}

func refused(reason string) error {
	return fmt.Errorf("%w: %s", ErrRefused, reason)
}
