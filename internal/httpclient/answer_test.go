// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	page := "<!DOCTYPE html><html><head><title>\n Sign &amp; in </title></head></html>"
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"empty":           {reply(200, ""), "empty"},
		"blank":           {reply(200, " \n"), "empty"},
		"empty, of HTML":  {reply(200, " ", "Content-Type", "text/html"), "the answer is empty"},
		"204":             {reply(204, ""), "empty"},
		"null":            {reply(200, "null"), "null"},
		"HTML, no header": {unlabelled(reply(200, " \n<!DOCTYPE html><title>Sign in</title>")), `an HTML page titled "Sign in"`},
		"html, no header": {unlabelled(reply(200, "<HTML lang=en>")), "an HTML page, not JSON"},
		"HTML":            {reply(200, page), `an HTML page titled "Sign & in"`},
		"HTML by header":  {reply(200, "hi", "Content-Type", "Text/HTML; charset"), "an HTML page, not JSON"},
		"garbage":         {reply(200, "gar"), "not valid JSON (at byte 1)"},
		"cut":             {reply(200, `{"value":"a`), "not valid JSON"},
		"more after":      {reply(200, `{"value":"a"} x`), "not valid JSON"},
		"two values":      {reply(200, `{"value":"a"}{"value":"b"}`), "not valid JSON"},
		"wrong type":      {reply(200, `{"value":17}`), "unexpected number in value"},
		"wrong top":       {reply(200, `["a"]`), "unexpected array"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, test.handler)
			client := newTestClient(t, s.URL)
			for _, r := range []Request{get("a"), post("a")} {
				e := fail(t, t.Context(), client, r)
				wantKind(t, e, KindUnreadable)
				wantText(t, e.Error(), test.want, "/a: 20", "base_url")
				if strings.Contains(e.Error(), "Go ") || strings.Contains(e.Error(), "<") {
					t.Errorf("message is not for people: %v", e)
				}
				if e.OutcomeUnknown != (r.Method == "POST") || !IsUnreadable(e) {
					t.Errorf("%s: error = %+v", r.Method, *e)
				}
			}
			s.expect(t, 2)
		})
	}
}

// unlabelled keeps the test server from naming the type of the body.
func unlabelled(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		handler(w, r)
	}
}

// An unlabelled page of a proxy is no word of the API on an object.
func TestUnlabelledPageIsNotNotFound(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Kind{
		"<!doctype html>":                   KindUnreadable,
		"\t<html>":                          KindUnreadable,
		"not here":                          KindNotFound,
		"":                                  KindNotFound,
		strings.Repeat(" ", 250) + "<html>": KindNotFound, // only the beginning counts
		strings.Repeat(" ", 150) + "<html><body>": KindUnreadable,
	} {
		s := newServer(t, unlabelled(reply(404, body)))
		wantKind(t, fail(t, t.Context(), newTestClient(t, s.URL), get("a")), want)
	}
}

func TestIgnoredBody(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "done", `{"x":1}`} {
		if err := newTestClient(t, newServer(t, reply(200, body)).URL).Do(t.Context(), post(), nil); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
	// A login page is no success, even where nothing is expected.
	err := newTestClient(t, newServer(t, reply(200, "<html>")).URL).Do(t.Context(), post(), nil)
	if !IsUnreadable(err) || !IsOutcomeUnknown(err) {
		t.Errorf("HTML: %v", err)
	}
}

type strict struct{ ID string }

func (s *strict) Validate() error {
	if s.ID == "" {
		return errors.New("it has no id")
	}
	return nil
}

// A deletion is answered by 204: any other success is another program's.
func TestAnotherSuccessWhereNoContentIsPromised(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(204, ""), reply(200, " \n"), reply(200, `{"success":false}`), reply(200, "<html>"))
	client := newTestClient(t, s.URL)
	r := Request{Method: "DELETE", Path: []string{"a"}, NoContent: true}
	if err := client.Do(t.Context(), r, nil); err != nil {
		t.Error(err)
	}
	for range 2 {
		err := client.Do(t.Context(), r, nil)
		if !IsUnreadable(err) {
			t.Fatalf("Do() = %v, want unreadable", err)
		}
		wantText(t, err.Error(), "204 No Content was expected")
	}
	wantText(t, client.Do(t.Context(), r, nil).Error(), "the answer is an HTML page, not JSON") // the better reason
}

func TestValidate(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(200, `{}`), reply(200, `{"ID":"1"}`))
	client := newTestClient(t, s.URL)
	err := client.Do(t.Context(), get(), &strict{})
	if !IsUnreadable(err) {
		t.Errorf("Do() = %v, want unreadable", err)
	} else {
		wantText(t, err.Error(), "it has no id")
	}
	if err := client.Do(t.Context(), get(), &strict{}); err != nil {
		t.Error(err)
	}
}

// What names a key is what the server sends, not how Go sees it.
func TestKeyOf(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{"value": "value", "Inner.part.mode": "part.mode", "part.Inner.ID": "part.ID", "part..x": "part.x"} {
		if got := keyOf(field); got != want {
			t.Errorf("keyOf(%q) = %q, want %q", field, got, want)
		}
	}
}

func TestDecodersErrorIsShown(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(200, `"yesterday"`))
	err := newTestClient(t, s.URL).Do(t.Context(), get(), &time.Time{})
	if !IsUnreadable(err) {
		t.Fatalf("Do() = %v, want unreadable", err)
	}
	wantText(t, err.Error(), "yesterday")
}

func TestSwitchingProtocolsIsNoAnswer(t *testing.T) {
	t.Parallel()
	closed := make(chan error, 1)
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"))
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
		closed <- err
	})
	e := fail(t, t.Context(), newTestClient(t, s.URL), get())
	wantKind(t, e, KindUnknown)
	if e.Status != 101 {
		t.Errorf("error = %+v", *e)
	}
	if err := <-closed; !errors.Is(err, io.EOF) { // the connection is not left open
		t.Errorf("the server read %v", err)
	}
}

// endless writes until the client has enough.
func endless(status int, encoding string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		block := bytes.Repeat([]byte(" "), 1<<20)
		if encoding == "gzip" { // 1 KiB that becomes 1 MiB
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(block)
			_ = z.Close()
			block = b.Bytes()
			w.Header().Set("Content-Encoding", encoding)
		}
		w.WriteHeader(status)
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
}

func TestTooLargeAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		request Request
		unknown bool
		limit   string
	}{
		"list":   {endless(200, ""), get(), false, "32 MiB"},
		"bomb":   {endless(200, "gzip"), get(), false, "32 MiB"},
		"create": {endless(201, ""), post(), true, "32 MiB"},
		"404":    {endless(404, ""), get(), false, "1 MiB"},
		"503":    {endless(503, ""), get(), false, "1 MiB"},
		"400":    {endless(400, ""), post(), false, "1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, test.handler)
			e := fail(t, t.Context(), newTestClient(t, s.URL), test.request)
			wantKind(t, e, KindTooLarge)
			wantText(t, e.Error(), test.limit)
			if e.OutcomeUnknown != test.unknown || e.Status == 0 {
				t.Errorf("error = %+v", *e)
			}
			s.expect(t, 1)
		})
	}
}

func TestLargestAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ status, limit int }{{404, maxErrorBody}, {200, maxBody}} {
		for extra, tooLarge := range map[int]bool{0: false, 1: true} {
			s := newServer(t, reply(test.status, strings.Repeat(" ", test.limit+extra)))
			e := fail(t, t.Context(), newTestClient(t, s.URL), get("a"))
			if (e.Kind == KindTooLarge) != tooLarge {
				t.Errorf("%d with %d bytes: %v", test.status, test.limit+extra, e)
			}
		}
	}
}

func TestServerErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		body    string
		kind    Kind
		code    string
		message string
		is      func(error) bool
	}{
		"detail":        {404, `{"detail":"no such","status":404}`, KindNotFound, "", "no such", IsNotFound},
		"message":       {403, `{"message":"may not","error":"Forbidden"}`, KindForbidden, "", "may not", IsForbidden},
		"error":         {401, `{"error":"who?"}`, KindUnauthorized, "", "who?", IsUnauthorized},
		"blank detail":  {400, `{"detail":" ","message":"bad"}`, KindBadRequest, "", "bad", IsBadRequest},
		"code":          {409, `{"code":"FET-1","message":"taken"}`, KindConflict, "FET-1", "taken", IsConflict},
		"code a number": {400, `{"code":1002,"message":"bad"}`, KindBadRequest, "1002", "bad", IsBadRequest},
		"422":           {422, `{"error":"bad"}`, KindBadRequest, "", "bad", IsBadRequest},
		"410":           {410, ``, KindGone, "", "", IsGone},
		"404 empty":     {404, ``, KindNotFound, "", "", IsNotFound},
		"text":          {404, "Cannot GET /x", KindNotFound, "", "Cannot GET /x", IsNotFound},
		"other JSON":    {400, `{"errors":["a"]}`, KindBadRequest, "", `{"errors":["a"]}`, IsBadRequest},
		"odd types":     {400, `{"detail":{"a":1},"message":null,"error":"x"}`, KindBadRequest, "", "x", IsBadRequest},
		"array":         {400, `["a"]`, KindBadRequest, "", `["a"]`, IsBadRequest},
		"408":           {408, `{"detail":"too slow"}`, KindTimeout, "", "too slow", IsTimeout},
		"500":           {500, ``, KindServer, "", "", func(error) bool { return true }},
		"300":           {300, ``, KindRedirect, "", "redirect", func(error) bool { return true }},
		"300, said":     {300, `{"message":"one of two"}`, KindRedirect, "", "one of two", func(error) bool { return true }},
		"501":           {501, ``, KindServer, "", "", func(error) bool { return true }},
		"418":           {418, `x`, KindUnknown, "", "x", func(error) bool { return true }},
		"304":           {304, ``, KindRedirect, "", "redirect", func(error) bool { return true }},
		"HTML 502":      {502, "<html><title>Bad Gateway</title>", KindServer, "", "Bad Gateway", func(error) bool { return true }},
		"HTML 404":      {404, "<html>nginx", KindUnreadable, "", "an HTML page", IsUnreadable},
		"HTML 410":      {410, " <!doctype HTML>", KindUnreadable, "", "an HTML page", IsUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, reply(test.status, test.body, "X-Amzn-RequestId", "amz-1"))
			e := fail(t, t.Context(), newTestClient(t, s.URL, func(c *Config) { c.MaxRetries = 0 }), get("a"))
			wantKind(t, e, test.kind)
			isRaw := strings.Contains(e.Message, "{")
			if e.Code != test.code || !strings.Contains(e.Message, test.message) || isRaw != strings.Contains(test.message, "{") || (e.Message == "") != (test.message == "") || e.Status != test.status ||
				e.RequestID != "amz-1" || e.Method != "GET" || e.Path != "/a" || !strings.HasSuffix(s.URL, e.Host) {
				t.Errorf("error = %+v", *e)
			}
			if wrapped := fmt.Errorf("reading: %w", e); !test.is(wrapped) {
				t.Errorf("predicate fails for %v", wrapped)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(403, `{"why":"Invalid bearer token"}`))
	client := newTestClient(t, s.URL, func(c *Config) {
		c.Describe = func(status int, body []byte) Detail {
			return Detail{Code: fmt.Sprint(status), Message: string(body[8:28]), Kind: KindUnauthorized}
		}
	})
	e := fail(t, t.Context(), client, get())
	wantKind(t, e, KindUnauthorized)
	wantText(t, e.Error(), "403 Forbidden: Invalid bearer token", "code 403")
}

func TestMessagesAreClean(t *testing.T) {
	t.Parallel()
	const password = `p"4<ss wörd`
	quoted, _ := json.Marshal(password)
	const keyFile = `{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n"}`
	quotedKeyFile, _ := json.Marshal(keyFile)
	long := strings.Repeat("a ", 245) + token + strings.Repeat(" ü", 100) // cut in the middle of the token, if cut first
	for name, body := range map[string]string{
		"secret":         `{"detail":"bad password ` + string(quoted[1:len(quoted)-1]) + `"}`,
		"secret in JSON": `{"errors":["` + strings.ReplaceAll(password, `"`, `\"`) + `"]}`,
		"secret in code": `{"code":"` + token + `","detail":"bad"}`,
		"secret as text": "no " + password + " " + token,
		"broken up":      "bad token " + token[:5] + "\x00" + token[5:],
		"broken UTF-8":   "bad token " + token[:5] + "\xff" + token[5:],
		"colours":        "\x1b[31mred\x1b[0m\r\n",
		"long":           long,
		"other token":    `{"detail":"other-token-1"}`,
		"key file":       `{"detail":` + string(quotedKeyFile) + `}`,
		"line of a key":  `{"detail":"bad base64 in MIIEvQIBADANBgkqhkiG9w0B"}`,
		"page":           `<html><title>No ` + strings.ReplaceAll(strings.ReplaceAll(password, `"`, "&#34;"), "<", "&lt;") + `</title>`,
	} {
		s := newServer(t, reply(400, body, "Content-Type", "text/plain", "X-Request-Id", "id "+token))
		r := get()
		r.Secrets = []secret.String{secret.New(password), secret.New(keyFile)}
		r.Header = http.Header{"Authorization": {"Bearer other-token-1"}}
		e := fail(t, t.Context(), newTestClient(t, s.URL), r)
		text := fmt.Sprintf("%v %+v", e, *e)
		for _, leak := range []string{"4<ss", string(quoted), token, token[:12], "other-token-1", "MIIEvQ", "\x1b", "\x00", "\r"} {
			if strings.Contains(text, leak) {
				t.Errorf("%s: %q shows in %q", name, leak, text)
			}
		}
		if !utf8.ValidString(text) || utf8.RuneCountInString(e.Message) > maxMessage+3 {
			t.Errorf("%s: message = %q", name, e.Message)
		}
	}
}

// A secret that one request sent is masked in what the server says to another,
// and so are those that others send.
func TestSecretsOfOtherRequestsAreMasked(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok, reply(500, `{"detail":"login failed with hunter2-hunter2 and others-secret and `+token+`"}`))
	client := newTestClient(t, s.URL, func(c *Config) {
		c.MaxRetries = 0
		c.Secrets = []secret.String{secret.New("others-secret")}
	})
	r := post()
	r.Secrets = []secret.String{secret.New("hunter2-hunter2")}
	if err := client.Do(t.Context(), r, nil); err != nil {
		t.Fatal(err)
	}
	e := fail(t, t.Context(), client, get("test"))
	wantText(t, e.Error(), "login failed with (redacted) and (redacted) and (redacted)")
	if got := client.Clean("hunter2-hunter2\x00, others-secret, " + token + strings.Repeat("a", 1000)); !strings.HasPrefix(got, "(redacted), (redacted), (redacted)a") || len(got) > 600 {
		t.Errorf("Clean() = %q", got)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	const closed = "the connection was closed before the answer was complete"
	for _, test := range []struct {
		err  error
		want string
	}{
		{io.EOF, closed},
		{io.ErrUnexpectedEOF, closed},
		{&url.Error{Op: "Get", URL: "https://h?q=hunter2", Err: io.EOF}, closed},
		{&url.Error{Op: "Get", URL: "https://h?q=hunter2", Err: errors.New("refused")}, "refused"},
	} {
		if got := reason(test.err); got != test.want {
			t.Errorf("reason(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, "https://example.com")
	client.secrets.Add(secret.New("pass\x01word\x02"))
	full := strings.Repeat("ü", maxMessage)
	broken := token[:5] + "\xff" + token[5:]
	for text, want := range map[string]string{
		" a\nb\tc\rd\x00 ":        "a\nb\tcd",
		full:                      full,
		full + "ü":                full + "...",
		"the " + token + " shows": "the (redacted) shows",
		"pass\x01word\x02":        "(redacted)", // masked before what makes it one is dropped
		"the " + broken:           "the (redacted)",
		"gr\xfcn, gr\ufffdn":      "grn, grn",
	} {
		if got := client.Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzDescribe(f *testing.F) {
	for _, seed := range []string{
		"", "x", "null", "[]", `{"detail":"a","code":1}`, `{"error":{"message":1}}`, "<html><title>a&b</title>", "<!doctype html", "\xff\x00" + token,
		"a" + token, `{"code":1e999}`,
	} {
		f.Add(404, []byte(seed))
	}
	client := newTestClient(f, "https://example.com")
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c := &call{client: client, last: attempt{sent: true, status: status, body: body}}
		e := c.refusedByServer()
		text := e.Error()
		if strings.Contains(text, token) || !utf8.ValidString(text) || strings.ContainsRune(text, '\x1b') {
			t.Errorf("message %q", text)
		}
		if utf8.RuneCountInString(e.Message) > maxMessage+3 || utf8.RuneCountInString(e.Code) > maxID+3 {
			t.Errorf("message of %d bytes", len(text))
		}
		var out answer
		unreadable(attempt{status: 200, body: body}, &out)
	})
}

// What breaks off is a redirect by its status, the first and the last of them too.
func TestRedirectThatBreaksOff(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]Kind{300: KindRedirect, 399: KindRedirect, 400: KindNetwork} {
		e := fail(t, t.Context(), newTestClient(t, newServer(t, truncated(status)).URL, func(c *Config) { c.MaxRetries = 0 }), get())
		wantKind(t, e, want)
	}
}

// What was asked for may be personal, and has no place in an error.
func TestQueryIsNotShown(t *testing.T) {
	t.Parallel()
	request := get()
	request.Query = url.Values{"filter": {"ada@example.com"}}
	e := fail(t, t.Context(), newTestClient(t, newServer(t, reset).URL, func(c *Config) { c.MaxRetries = 0 }), request)
	wantKind(t, e, KindNetwork)
	if text := e.Error() + e.Err.Error(); strings.Contains(text, "ada") || strings.Contains(text, "filter") {
		t.Errorf("the error shows it: %s", text)
	}
}
