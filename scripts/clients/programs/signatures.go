// Says of each request in cases.json whether its signature is one of a key in ../jwks.json, as RFC 9421 tells in section 3.2. The module
// proxy has no library that does; the cryptography is Go's.
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

type Case struct {
	Profile string
	Method  string
	URL     string
	Headers map[string]string
	Body    string
}

type JWK struct{ Kid, Kty, X, Y string }

var required = map[string][]string{
	"standard": {"@method", "@target-uri", "@authority", "signature-agent"},
	"ucp":      {"@method", "@authority", "@path", "ucp-agent", "idempotency-key"},
}
var ofAll = []string{"content-type", "content-digest", "webhook-id", "webhook-timestamp", "hookline-tenant"}

var input = regexp.MustCompile(`^sig1=(\(([^)]*)\)((?:;[a-z]+=(?:"[^"]*"|\d+))*))$`)
var parameter = regexp.MustCompile(`;([a-z]+)=(?:"([^"]*)"|(\d+))`)
var signature = regexp.MustCompile(`^sig1=:([A-Za-z0-9+/=]+):$`)

func accepts(one Case, keys map[string]JWK) bool {
	digest := sha256.Sum256([]byte(one.Body))
	if one.Headers["content-digest"] != "sha-256=:"+base64.StdEncoding.EncodeToString(digest[:])+":" {
		return false
	}
	parts := input.FindStringSubmatch(one.Headers["signature-input"])
	encoded := signature.FindStringSubmatch(one.Headers["signature"])
	if parts == nil || encoded == nil {
		return false
	}
	covered := strings.Fields(parts[2])
	for _, name := range append(required[one.Profile], ofAll...) {
		if !contains(covered, strconv.Quote(name)) {
			return false
		}
	}
	base := ""
	for _, quoted := range covered {
		value, found := valueOf(strings.Trim(quoted, `"`), one)
		if !found {
			return false
		}
		base += quoted + ": " + value + "\n"
	}
	base += `"@signature-params": ` + parts[1]
	given := map[string]string{}
	for _, match := range parameter.FindAllStringSubmatch(parts[3], -1) {
		given[match[1]] = match[2] + match[3]
	}
	expires, err := strconv.ParseInt(given["expires"], 10, 64)
	if err != nil || expires < time.Now().Unix() {
		return false
	}
	signed, err := base64.StdEncoding.DecodeString(encoded[1])
	key, known := keys[given["keyid"]]
	return err == nil && known && verify(key, []byte(base), signed)
}

func valueOf(name string, one Case) (string, bool) {
	target, err := url.Parse(one.URL)
	if err != nil {
		return "", false
	}
	switch name {
	case "@method":
		return one.Method, true
	case "@target-uri":
		return one.URL, true
	case "@authority":
		return target.Host, true
	case "@path":
		return target.EscapedPath(), true
	case "@query":
		return "?" + target.RawQuery, true
	}
	value, found := one.Headers[name]
	return value, found
}

func verify(key JWK, message, signed []byte) bool {
	if key.Kty == "OKP" {
		return len(signed) == ed25519.SignatureSize && ed25519.Verify(decode(key.X), message, signed)
	}
	if len(signed) != 64 {
		return false
	}
	public := ecdsa.PublicKey{Curve: elliptic.P256(), X: integer(decode(key.X)), Y: integer(decode(key.Y))}
	digest := sha256.Sum256(message)
	return ecdsa.Verify(&public, digest[:], integer(signed[:32]), integer(signed[32:]))
}

func decode(text string) []byte {
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	check(err)
	return bytes
}

func integer(bytes []byte) *big.Int { return new(big.Int).SetBytes(bytes) }

func contains(all []string, one string) bool {
	for _, other := range all {
		if other == one {
			return true
		}
	}
	return false
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	check(err)
	check(json.Unmarshal(text, into))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	var cases []Case
	var set struct{ Keys []JWK }
	read("cases.json", &cases)
	read("../jwks.json", &set)
	keys := map[string]JWK{}
	for _, key := range set.Keys {
		keys[key.Kid] = key
	}
	verdicts := make([]bool, len(cases))
	for index, one := range cases {
		verdicts[index] = accepts(one, keys)
	}
	printed, err := json.Marshal(verdicts)
	check(err)
	fmt.Println(string(printed))
}
