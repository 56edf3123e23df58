// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func validate(t *testing.T, v validator.String, value types.String) diag.Diagnostics {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: value}, resp)
	return resp.Diagnostics
}

func TestListElement(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"a", "sales_*", "two words", "ü"} {
		if diags := validate(t, base.ListElement(), types.StringValue(value)); len(diags) > 0 {
			t.Errorf("refuses %q: %v", value, diags)
		}
	}
	for value, words := range map[string]string{
		"": "empty", "a,b": "several elements", ",": "comma", " a": "spaces", "a\n": "spaces", "\t": "spaces",
	} {
		diags := validate(t, base.ListElement(), types.StringValue(value))
		if !diags.HasError() || !strings.Contains(diags[0].Detail(), words) || !strings.Contains(diags[0].Summary(), "x") {
			t.Errorf("on %q: %v", value, diags)
		}
	}
	for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
		if diags := validate(t, base.ListElement(), value); len(diags) > 0 {
			t.Errorf("judges %s: %v", value, diags)
		}
	}
	if base.ListElement().Description(t.Context()) == "" || base.ListElement().MarkdownDescription(t.Context()) == "" {
		t.Error("it has no description")
	}
}

// keys are made once: RSA keys take their time.
var keys = sync.OnceValue(func() map[string]any {
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return map[string]any{"long": long, "short": short, "ecdsa": elliptical, "ed25519": edwards}
})

func pkcs8(kind, name string) string {
	encoded, err := x509.MarshalPKCS8PrivateKey(keys()[name])
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: encoded}))
}

func TestCheckPrivateKey(t *testing.T) {
	t.Parallel()
	good := pkcs8("PRIVATE KEY", "long")
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(keys()["long"].(*rsa.PrivateKey))}))
	withoutHeaders := strings.Join(strings.Split(strings.TrimSpace(good), "\n")[1:len(strings.Split(strings.TrimSpace(good), "\n"))-1], "\n")
	for _, value := range []string{good, "\n\n" + good + "\n", strings.ReplaceAll(good, "\n", "\r\n"), "a comment before\n" + good, `a comment with \n before` + "\n" + good} {
		if err := base.CheckPrivateKey(value); err != nil {
			t.Errorf("refused: %v", err)
		}
	}
	for name, c := range map[string]struct{ value, words string }{
		"empty":           {"", "not PEM"},
		"no headers":      {withoutHeaders, "not PEM"},
		"escaped":         {`-----BEGIN PRIVATE KEY-----\nMIIE`, "it has the two characters \\n where its lines end"},
		"a path":          {"~/.ssh/id_rsa", "file("},
		"cut off":         {good[:len(good)/2], "not PEM"},
		"damaged":         {strings.Replace(good, "MII", "XII", 1), "damaged"},
		"not a key":       {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})), "damaged"},
		"encrypted":       {pkcs8("ENCRYPTED PRIVATE KEY", "long"), "passphrase"},
		"PKCS#1":          {pkcs1, "openssl pkcs8 -topk8"},
		"a certificate":   {pkcs8("CERTIFICATE", "long"), "not PKCS#8"},
		"public":          {pkcs8("PUBLIC KEY", "long"), "the public key"},
		"public, of ssh":  {"ssh-rsa AAAA", "the public key"},
		"SEC1":            {pkcs8("EC PRIVATE KEY", "ecdsa"), "EC key. Make a new key with: openssl genrsa 2048"},
		"too short":       {pkcs8("PRIVATE KEY", "short"), "2048 bits. Make a new key with: openssl genrsa 2048"},
		"elliptic":        {pkcs8("PRIVATE KEY", "ecdsa"), "RSA key of at least 2048 bits. Make a new key"},
		"edwards":         {pkcs8("PRIVATE KEY", "ed25519"), "RSA"},
		"encrypted PKCS1": {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "openssl"},
	} {
		err := base.CheckPrivateKey(c.value)
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for line := range strings.Lines(c.value) {
			if line = strings.TrimSpace(line); len(line) > 30 && !strings.HasPrefix(line, "---") && strings.Contains(err.Error(), line) {
				t.Errorf("%s: the key is repeated: %s", name, err)
			}
		}
	}
}

func FuzzCheckPrivateKey(f *testing.F) {
	for _, name := range []string{"long", "short", "ecdsa", "ed25519"} {
		f.Add(pkcs8("PRIVATE KEY", name))
	}
	f.Add("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----")
	f.Add("-----BEGIN")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if base.CheckPrivateKey(text) == nil {
			if block, _ := pem.Decode([]byte(text)); block == nil || block.Type != "PRIVATE KEY" {
				t.Fatalf("accepted %q", text)
			}
		}
	})
}

const serviceAccount = `{"type":"service_account","project_id":"p","private_key":"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n","client_email":"a@p.iam.gserviceaccount.com"}`

func TestCheckServiceAccountJSON(t *testing.T) {
	t.Parallel()
	if err := base.CheckServiceAccountJSON(serviceAccount); err != nil {
		t.Error(err)
	}
	for text, words := range map[string]string{
		"":         "not JSON",
		"hunter2":  "not JSON",
		`"text"`:   "not JSON",
		`[]`:       "not JSON",
		"null":     `"type"`,
		"{}":       `"type"`,
		"key.json": "file(",
		`{"type":"authorized_user","private_key":"hunter2","client_email":"e"}`: `"type"`,
		`{"type":"service_account","private_key":"hunter2"}`:                    `"client_email"`,
		`{"type":"service_account","client_email":"e"}`:                         `"private_key"`,
		`{"type":1}`:                           "not JSON",
		serviceAccount + "}":                   "not JSON",
		serviceAccount[:len(serviceAccount)-2]: "not JSON",
	} {
		if err := base.CheckServiceAccountJSON(text); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzCheckServiceAccountJSON(f *testing.F) {
	for _, seed := range []string{serviceAccount, "", "{}", "null", "[1]", `{"type":null}`, `{"TYPE":"service_account"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if base.CheckServiceAccountJSON(text) == nil && !json.Valid([]byte(text)) {
			t.Fatalf("accepted %q", text)
		}
	})
}
