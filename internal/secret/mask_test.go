// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func mask(text string, secrets ...string) string {
	var m secret.Masker
	for _, one := range secrets {
		m.Add(secret.New(one))
	}
	return m.Mask(text)
}

const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n12345678\n1234567\n-----END PRIVATE KEY-----\n"

func TestMask(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secrets    []string
		text, want string
	}{
		"none":                  {nil, "a text", "a text"},
		"as it is":              {[]string{text}, "bad password hunter2-hunter2!", "bad password (redacted)!"},
		"at the start":          {[]string{text}, "hunter2-hunter2 is bad", "(redacted) is bad"},
		"every occurrence":      {[]string{text}, text + " " + text, "(redacted) (redacted)"},
		"as JSON":               {[]string{"pass\"word\n1"}, `got "pass\"word\n1"`, `got "(redacted)"`},
		"as Go's JSON":          {[]string{"a<b>c&d"}, `got a\u003cb\u003ec\u0026d`, "got (redacted)"},
		"as others' JSON":       {[]string{"a<b>\"d"}, `got a<b>\"d`, "got (redacted)"},
		"as ASCII JSON":         {[]string{"wörd-\U0001F511"}, `got w\u00F6rd-\ud83d\udd11!`, "got (redacted)!"},
		"JSON in JSON":          {[]string{"p\"q\\r\ts"}, `{"a":"{\"b\":\"p\\\"q\\\\r\\ts\"}"}`, `{"a":"{\"b\":\"(redacted)\"}"}`},
		"JSON in JSON in JSON":  {[]string{`p"qr`}, `p\\\\\\\"qr`, `(redacted)`},
		"every JSON escape":     {[]string{"\"\\/\b\f\n\r\t"}, `got \"\\\/\b\f\n\r\t!`, "got (redacted)!"},
		"half a surrogate pair": {[]string{"ab\uFFFDcd"}, `ab\ud83dcd ab\ud83d\u0041 \ud83`, `(redacted) ab\ud83d\u0041 \ud83`},
		"escapes to the end":    {[]string{`pass"`, "word\u00e4"}, `word\u00e4 pass\" word\u00e4`, "(redacted) (redacted) (redacted)"},
		"letters as escapes":    {[]string{"ABCD"}, `\u0041\u0042\u0043\u0044`, "(redacted)"},
		"half a pair, and text": {[]string{"\uFFFDxxdd11"}, `\ud83dxxdd11`, "(redacted)"},
		"no escape among some":  {[]string{`a"\xc`}, `a\"\xc`, "(redacted)"},
		"no hex digit":          {[]string{`a"\u00g1`}, `a\"\u00g1`, "(redacted)"},
		"no JSON escape":        {[]string{`a\xc`}, `a\xc \`, `(redacted) \`},
		"in a query":            {[]string{"a b+c/d&ü"}, "?q=a+b%2Bc%2Fd%26%C3%BC&r", "?q=(redacted)&r"},
		"in a query, no escape": {[]string{"a b c"}, "?q=a+b+c", "?q=(redacted)"},
		"in a path":             {[]string{"a b+c/d&ü"}, "/a%20b+c%2fd&%c3%bc/x", "/(redacted)/x"},
		"a path to the end":     {[]string{"a/b/"}, "/a%2Fb%2F", "/(redacted)"},
		"no escape in a path":   {[]string{"a b%zz"}, "/a%20b%zz", "/(redacted)"},
		"no percent escape":     {[]string{"100%zz"}, "100%zz %4", "(redacted) %4"},
		"JSON in a query":       {[]string{`p"q/r\s`}, "?q=p%5C%22q%2Fr%5C%5Cs&t", "?q=(redacted)&t"},
		"twice in a query":      {[]string{"a/b d%"}, "?q=a%252Fb%2520d%2525&t", "?q=(redacted)&t"},
		"as HTML, beyond ASCII": {[]string{"p≥q"}, "p&ge;q", "(redacted)"},
		"as HTML":               {[]string{`p"q<r>&s'`}, "p&quot;q&lt;r&gt;&amp;s&#39; p&#34;q&lt;r&gt;&amp;s&#x27; &no;", "(redacted) (redacted) &no;"},
		"escapes in no entity":  {[]string{"abcdefgh"}, `&%61\u0062cdefgh;`, "&(redacted);"},
		"as Python's text":      {[]string{`p'q\r`}, `'p\'q\\r'`, `'(redacted)'`},
		"base64":                {[]string{"a?>b~~"}, "YT8+Yn5+ YT8-Yn5-", "(redacted) (redacted)"},
		"base64, padded":        {[]string{"a?>b~~c"}, "YT8+Yn5+Yw== YT8-Yn5-Yw== YT8+Yn5+Yw YT8-Yn5-Yw", "(redacted) (redacted) (redacted) (redacted)"},
		"basic authentication":  {[]string{text}, "Authorization: Basic dXNlcjpodW50ZXIyLWh1bnRlcjI=", "Authorization: Basic dXNlcjp(redacted)I="},
		"in base64, shortest":   {[]string{"a?>b~~c"}, "YT8+Yn5+YyEhIQ== dWE/PmJ+fmMhISE= dXNhPz5ifn5jISEh", "(redacted)yEhIQ== dW(redacted)MhISE= dXN(redacted)ISEh"},
		"in base64, too short":  {[]string{"a?>b~~"}, "dWE/PmJ+fg==", "dWE/PmJ+fg=="},
		"in base64 of a URL":    {[]string{"a?>b~~c"}, "dWE_PmJ-fmMh dXNhPz5ifn5jIQ==", "dW(redacted)Mh dXN(redacted)IQ=="},
		"base64, too short":     {[]string{"abc"}, "YWJj 616263", "YWJj 616263"},
		"hexadecimal":           {[]string{"kK~/"}, "0x6b4b7e2f \\x6B4B7E2F 6b4B7e2F", "0x(redacted) \\x(redacted) 6b4B7e2F"},
		"without its newline":   {[]string{text + "\n"}, "got " + text, "got (redacted)"},
		"line by line":          {[]string{pem}, "bad line AQEFAASCBKcwggSjAgEAAoIB in key", "bad line (redacted) in key"},
		"a line of two":         {[]string{"hunter2-a\nhunter2-b"}, "bad hunter2-b, hunter2-a", "bad (redacted), (redacted)"},
		"a line with its end":   {[]string{strings.ReplaceAll(pem, "\n", "\r\n")}, "bad MIIEvQIBADANBgkqhkiG9w0B", "bad (redacted)"},
		"a line of escapes":     {[]string{strings.ReplaceAll(pem, "\n", `\n`)}, "bad MIIEvQIBADANBgkqhkiG9w0B", "bad (redacted)"},
		"a line of two escapes": {[]string{strings.ReplaceAll(pem, "\n", `\r\n`)}, "bad MIIEvQIBADANBgkqhkiG9w0B", "bad (redacted)"},
		"lines put together":    {[]string{pem}, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIB.", "(redacted)."},
		"short lines are words": {[]string{pem}, "12345678 1234567", "(redacted) 1234567"},
		"headers are no secret": {[]string{pem}, "expected -----BEGIN PRIVATE KEY-----", "expected -----BEGIN PRIVATE KEY-----"},
		"the longer one":        {[]string{"secret", "secret-and-more"}, "secret-and-more", "(redacted)"},
		"the longer one first":  {[]string{"secret-and-more", "secret"}, "secret-and-more", "(redacted)"},
		"one inside another":    {[]string{"one-secret-of-all", "secret"}, "one-secret-of-all", "(redacted)"},
		"overlapping":           {[]string{"abcdef", "defghi"}, "abcdefghi abcdefxghi", "(redacted) (redacted)xghi"},
		"too short to mask":     {[]string{"abc", ""}, "the abc of it", "the abc of it"},
		"the shortest":          {[]string{"abcd"}, "the abcd of it abcd", "the (redacted) of it (redacted)"},
		"other text":            {[]string{text}, "nothing here, hunter2-hunter", "nothing here, hunter2-hunter"},
		"cut off":               {[]string{text}, `Unexpected token, "hunter2-hu"... is not JSON`, `Unexpected token, "(redacted)"... is not JSON`},
		"cut off, one sign":     {[]string{pem}, `bad line MIIEvQIBADAN…`, `bad line (redacted)…`},
		"a word of it":          {[]string{text}, "hunter2... hunter2-", "hunter2... hunter2-"},
		"the least that counts": {[]string{text}, "hunter2-...", "(redacted)..."},
		"a header, cut off":     {[]string{pem}, "got -----BEGIN PRIV...", "got -----BEGIN PRIV..."},
		"not UTF-8":             {[]string{"a\xffbc"}, "\xfe a\xffbc \xfe", "\xfe (redacted) \xfe"},
	} {
		if got := mask(c.text, c.secrets...); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// keyFile is a service account's, with a PEM of lines that are long enough.
func keyFile(t *testing.T) (document string, fields map[string]string) {
	t.Helper()
	fields = map[string]string{
		"type":                        "service_account",
		"project_id":                  "analytics-prod",
		"private_key_id":              "0123456789abcdef0123",
		"private_key":                 pem,
		"client_email":                "omni@analytics-prod.iam.gserviceaccount.com",
		"client_id":                   "104857600000000000000",
		"auth_uri":                    "https://accounts.google.com/o/oauth2/auth",
		"token_uri":                   "https://oauth2.googleapis.com/token",
		"auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
		"client_x509_cert_url":        "https://www.googleapis.com/robot/v1/metadata/x509/omni",
		"universe_domain":             "googleapis.com",
	}
	encoded, err := json.MarshalIndent(fields, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded), fields
}

func TestMaskKeyFile(t *testing.T) {
	t.Parallel()
	document, fields := keyFile(t)
	inJSON, _ := json.Marshal(document)
	hidden := map[string]string{
		"the document":           document,
		"the document in JSON":   string(inJSON[1 : len(inJSON)-1]),
		"the document in base64": base64.StdEncoding.EncodeToString([]byte(document)),
		"the document in a URL":  url.QueryEscape(document),
		"the key":                pem,
		"the key in JSON":        strings.ReplaceAll(strings.TrimSpace(pem), "\n", `\n`),
		"the key in base64":      base64.RawURLEncoding.EncodeToString([]byte(pem)),
		"the key in a path":      strings.ToLower(url.PathEscape("\n")) + url.PathEscape(pem),
		"a line of the key":      strings.Split(pem, "\n")[1],
		"the key's id":           fields["private_key_id"],
	}
	for name, text := range hidden {
		got := mask("could not use <"+text+">", document)
		got = strings.Replace(got, "%0a", "", 1) // of "in a path": the line break before the key
		if want := "could not use <(redacted)>"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name, value := range fields {
		if strings.HasPrefix(name, "private_key") {
			continue
		}
		if got := mask(value, document); got != value {
			t.Errorf("%s is public, and masked: %q", name, got)
		}
	}
}

func TestMaskPartsOfJSON(t *testing.T) {
	t.Parallel()
	const document = `{
		"PASSWORD": "hunt", "db_pwd": "pwd12", "api_key": "k-123", "ApiKey": "k-456", "token": "t-123", "region": "europe", "pass": "abc",
		"host": "db.example.com", "Client_ID": "public-client", "port": 54321678, "tls": true, "ca": null,
		"credentials": ["cred-1", {"note": "shorter", "other": "long-enough"}],
		"inner": "{\"shared_secret\": \"deep\", \"pem\": \"first-line\\nsecond-line\"}",
		"eight": "exactly8",
		"quoted": "\"\\\"quoted-text\\\"\""
	}`
	for text, isSecret := range map[string]bool{
		"hunt": true, "pwd12": true, "k-123": true, "k-456": true, "t-123": true, "cred-1": true, "long-enough": true,
		"db.example.com": true, "deep": true, "first-line": true, "exactly8": true, "second-line": true, "quoted-text": true,
		"europe": false, "abc": false, "public-client": false, "54321678": false, "true": false, "null": false, "shorter": false,
	} {
		want := "got " + text + "."
		if isSecret {
			want = "got (redacted)."
		}
		if got := mask("got "+text+".", document); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// A document inside a document, and so on, is looked into only so far.
	nested := "innermost-1"
	for depth, want := range []string{"(redacted)", "(redacted)", "(redacted)", "(redacted)", "innermost-1"} {
		if got := mask("innermost-1", nested); got != want {
			t.Errorf("%d levels deep: %q", depth, got)
		}
		encoded, _ := json.Marshal([]string{nested})
		nested = string(encoded)
	}
}

func TestPublicFieldsAreNotMasked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"type", "token_type", "subject_token_type", "project_id", "quota_project_id", "universe_domain",
		"client_email", "client_id", "auth_uri", "token_uri", "token_url", "audience",
		"auth_provider_x509_cert_url", "client_x509_cert_url", "service_account_impersonation_url",
		"tenant_id", "subscription_id", "redirect_uris", "javascript_origins",
	} {
		document := fmt.Sprintf(`{%q: ["public-value"], "other": "secret-value"}`, name)
		if got := mask("public-value secret-value", document); got != "public-value (redacted)" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestMaskerLearns(t *testing.T) {
	t.Parallel()
	var m secret.Masker
	if got := m.Mask("hunter2"); got != "hunter2" {
		t.Errorf("the zero value masks: %q", got)
	}
	m.Add(secret.New("first-1"))
	m.Add(secret.New("first-1"), secret.New("second-2"))
	if got := m.Mask("first-1, second-2"); got != "(redacted), (redacted)" {
		t.Errorf("got %q", got)
	}
	var workers sync.WaitGroup
	for i := range 8 {
		workers.Go(func() {
			own := fmt.Sprintf("secret-of-%d", i)
			m.Add(secret.New(own))
			if got := m.Mask("the " + own); got != "the (redacted)" {
				t.Errorf("got %q", got)
			}
		})
	}
	workers.Wait()
}

// Every request adds its secrets, and mostly those that are known.
//
//nolint:paralleltest // it counts allocations
func TestAddingAgainCostsNothing(t *testing.T) {
	var m secret.Masker
	s := secret.New(pem)
	m.Add(s)
	if n := testing.AllocsPerRun(10, func() { m.Add(s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzMask(f *testing.F) {
	f.Add("a text with hunter2 in it", "hunter2")
	f.Add("\xff\xfe", "\xff")
	f.Add("(redacted)", "redacted")
	f.Add(`\u00`, `{"private_key":"-----BEGIN\n12345678"}`)
	f.Add(`%4`, "100% \\ \"quoted\" \t+")
	f.Fuzz(func(t *testing.T, around, hidden string) {
		if len(hidden) < 4 || strings.Contains(secret.Redacted, hidden) || strings.ContainsAny(hidden, "()") || strings.Contains(hidden, "redacted") {
			return
		}
		inJSON, _ := json.Marshal(strings.ToValidUTF8(hidden, "")) // json makes another text of bytes that are none
		for _, spelling := range []string{
			hidden, string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(hidden), url.PathEscape(hidden),
			base64.StdEncoding.EncodeToString([]byte(hidden)), base64.RawURLEncoding.EncodeToString([]byte(hidden)),
			hex.EncodeToString([]byte(hidden)), fmt.Sprintf("%X", hidden),
		} {
			if len(spelling) < 4 || !strings.Contains(strings.ToValidUTF8(hidden, ""), hidden) {
				continue
			}
			if got := mask(around+" "+spelling+" "+around, hidden); strings.Contains(got, spelling) {
				t.Fatalf("%q is still in %q", spelling, got)
			}
		}
	})
}
