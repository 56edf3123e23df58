// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// A canary is a secret that stands nowhere else in the world. One is put into
// every sensitive attribute, the resource lives a whole life with failures in
// it, and then everything that came out of the provider is searched for it.

// evidence is one text that came out.
type evidence struct {
	where     string // state, plan, private state, diagnostics, log
	attribute string // of a state or a plan
	text      string
}

type journal struct {
	mu  sync.Mutex
	all []evidence
	log bytes.Buffer
}

// Write takes the log.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.log.Write(p)
}

func (j *journal) note(where, attribute string, v any) {
	text, ok := v.(string)
	if !ok {
		encoded, _ := json.Marshal(v)
		text = string(encoded)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, evidence{where, attribute, text})
}

func (j *journal) values(where, prefix string, values map[string]any) {
	for name, v := range values {
		if nested, ok := v.(map[string]any); ok {
			j.values(where, prefix+name+".", nested)
			continue
		}
		j.note(where, prefix+name, v)
	}
}

func (j *journal) diagnostics(diags protocol.Diagnostics) protocol.Diagnostics {
	j.note("diagnostics", "", diags.String())
	return diags
}

func (j *journal) resource(t *testing.T, r *protocol.Resource) {
	t.Helper()
	j.values("state", "", r.State())
	j.values("identity", "", r.Identity())
	j.private(t, r.Private())
}

// plan notes what a plan file has.
func (j *journal) plan(t *testing.T, plan protocol.Plan) {
	t.Helper()
	j.diagnostics(plan.Diagnostics)
	j.values("plan", "", plan.Values())
	j.private(t, plan.Private())
}

func (j *journal) private(t *testing.T, private []byte) {
	t.Helper()
	if len(private) == 0 {
		return
	}
	var keys map[string][]byte // encoding/json turns base64 into what it was
	if err := json.Unmarshal(private, &keys); err != nil {
		t.Fatal(err)
	}
	for key, value := range keys {
		j.note("private state", key, string(value))
	}
}

// publicParts are the fields of a key file that everybody may see.
var publicParts = []string{"type", "project_id", "client_email"}

// partsOf returns what is secret inside a secret: the strings of a key file, and
// the lines of those that have several.
func partsOf(secret string) []string {
	var document any
	if json.Unmarshal([]byte(secret), &document) == nil {
		return leavesOf(document)
	}
	var parts []string
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) > 20 && line != secret && !strings.HasPrefix(line, "-----") {
			parts = append(parts, line)
		}
	}
	return parts
}

func leavesOf(value any) []string {
	var leaves []string
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if !slices.Contains(publicParts, key) {
				leaves = append(leaves, leavesOf(inner)...)
			}
		}
	case []any:
		for _, inner := range value {
			leaves = append(leaves, leavesOf(inner)...)
		}
	case string:
		leaves = append(append(leaves, value), partsOf(value)...)
	}
	return leaves
}

// echoOf is what a careless server repeats of secrets: each, and each part of it, in
// several spellings. They stand side by side, so that a message has room for all that
// the mask leaves. escape writes them as the place wants it.
func echoOf(escape func(string) string, secrets ...string) string {
	var echo strings.Builder
	for _, secret := range secrets {
		for _, part := range append(partsOf(secret), secret) {
			encoded := []byte(part)
			echo.WriteString(escape(part) + url.QueryEscape(part) + base64.StdEncoding.EncodeToString(encoded) + hex.EncodeToString(encoded))
		}
	}
	for _, secret := range secrets {
		echo.WriteString(" " + basicOf(secret))
	}
	return echo.String()
}

// asIs is the escape of a place that takes any text.
func asIs(text string) string { return text }

// basicOf is how HTTP's basic authentication sends a secret.
func basicOf(secret string) string {
	return base64.StdEncoding.EncodeToString([]byte("user:" + secret))
}

// search reports where the secret stands, or a part of it, in any spelling,
// except in a state or plan attribute of its own.
func (j *journal) search(t *testing.T, name, secret, own string) {
	t.Helper()
	for _, part := range partsOf(secret) {
		j.searchOne(t, "a part of "+name, part, own)
	}
	j.searchOne(t, name, secret, own)
}

func (j *journal) searchOne(t *testing.T, name, secret, own string) {
	t.Helper()
	quoted, _ := json.Marshal(secret)
	spellings := []string{
		secret, strings.TrimSpace(secret), string(quoted[1 : len(quoted)-1]), url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)), basicOf(secret),
		hex.EncodeToString([]byte(secret)),
	}
	found := map[string]bool{}
	for _, e := range append(j.all, evidence{"log", "", j.log.String()}) {
		mayHold := own != "" && e.attribute == own && (e.where == "state" || e.where == "plan")
		for _, spelling := range spellings {
			spelling = spelling[:min(len(spelling), 200)] // messages are cut off
			if at := strings.Index(e.text, spelling); at >= 0 && !mayHold {
				found[fmt.Sprintf("%s %s: ...%s...", e.where, e.attribute, e.text[max(0, at-60):at])] = true
			}
		}
	}
	for _, where := range slices.Sorted(maps.Keys(found)) {
		t.Errorf("%s is in the %s", name, where)
	}
}

func randomText(t *testing.T) string {
	t.Helper()
	raw := make([]byte, 24)
	_, _ = rand.Read(raw)
	return "canary-<\"&>\\-" + hex.EncodeToString(raw)
}

// randomToken has the characters that a token can have.
func randomToken(t *testing.T) string {
	t.Helper()
	return "canary-" + rand.Text()
}

// randomPEM has the form of a key, and is none.
func randomPEM(t *testing.T) string {
	t.Helper()
	raw := make([]byte, 400)
	_, _ = rand.Read(raw)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

// randomAccount is a service account's key file, with more secrets in it than
// such files have.
func randomAccount(t *testing.T) string {
	t.Helper()
	account, err := json.Marshal(object{
		"type": "service_account", "project_id": "canaries", "client_email": "bird@canaries.example",
		"private_key_id": randomToken(t), "private_key": randomPEM(t),
		"more": []any{object{"refresh_token": randomText(t)}, randomToken(t)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(account)
}

func randomKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// sensitiveAttributes walks a schema for what is secret and configured.
func sensitiveAttributes(prefix string, attributes []*tfprotov6.SchemaAttribute) []string {
	var names []string
	for _, a := range attributes {
		if a.NestedType != nil {
			names = append(names, sensitiveAttributes(prefix+a.Name+".", a.NestedType.Attributes)...)
		} else if a.Sensitive && (a.Optional || a.Required) {
			names = append(names, prefix+a.Name)
		}
	}
	return names
}

// Every secret is in the table, else nothing is searched for it; and those that can
// have parts are there with parts.
func TestEverySecretHasACanary(t *testing.T) {
	t.Parallel()
	hasParts := map[string]bool{}
	for cage, c := range cages() {
		for name, random := range c.secrets {
			place := cmp.Or(c.typeName, cage) + "." + name
			hasParts[place] = hasParts[place] || len(partsOf(random(t))) > 0
		}
	}
	const token = "dataconn_omni_connection_dbt.token" // letters and digits only
	p := protocol.New(t, protocol.Options())
	for typeName, schema := range p.Schemas().ResourceSchemas {
		for _, name := range sensitiveAttributes("", schema.Block.Attributes) {
			place := typeName + "." + strings.TrimSuffix(name, "_wo")
			switch structured, ok := hasParts[place]; {
			case !ok:
				t.Errorf("%s has no canary", place)
			case !structured && place != token:
				t.Errorf("no canary in %s has parts", place)
			}
		}
	}
}

func TestCanaries(t *testing.T) {
	t.Parallel()
	for cage, c := range cages() {
		typeName := cmp.Or(c.typeName, cage)
		for _, suffix := range []string{"", "_wo"} {
			for _, versioned := range []bool{false, true} {
				if suffix == "" && versioned {
					continue
				}
				t.Run(fmt.Sprintf("%s%s/versioned=%t", strings.ReplaceAll(cage, " ", "_"), suffix, versioned), func(t *testing.T) {
					t.Parallel()
					testCanary(t, typeName, c, suffix, versioned)
				})
			}
		}
	}
}

func testCanary(t *testing.T, typeName string, c caged, suffix string, versioned bool) {
	t.Helper()
	s, provider := c.start(t)
	j := &journal{}
	type canary struct{ name, value, own string }
	var canaries []canary
	// fill returns the configuration with new secrets, and these.
	fill := func(config object, version int) (object, []string) {
		var secrets []string
		for name, random := range c.secrets {
			value := random(t)
			own := ""
			if suffix == "" {
				own = c.place(name)
			}
			canaries = append(canaries, canary{name + suffix, value, own})
			secrets = append(secrets, value)
			config = protocol.With(config, c.attribute(name+suffix, value))
			if versioned {
				config = protocol.With(config, c.attribute(name+"_wo_version", version))
			}
		}
		return config, secrets
	}

	p := protocol.NewDialing(t, s)
	p.LogTo(j)
	provider = protocol.With(provider, object{"max_retries": 0})
	j.diagnostics(p.ValidateProvider(provider)).RequireOK(t)
	j.diagnostics(p.Configure(provider)).RequireOK(t)
	r := p.Resource(typeName)
	apply := func(config object) protocol.Diagnostics {
		j.diagnostics(r.Validate(config))
		plan := r.Plan(config)
		j.plan(t, plan)
		plan.RequireOK(t)
		diags := j.diagnostics(plan.Apply())
		j.resource(t, r)
		return diags
	}
	echoed := func(f fault.Fault, request string, secrets []string) {
		method, path := c.route(request)
		s.Faults().Add(echoing(f, secrets...).On(method, path))
	}

	// Refused with an echo, then created.
	config, secrets := fill(c.config, 1)
	for _, status := range []int{400, 403, 409} {
		echoed(fault.Answer(status, "{}"), "new "+cmp.Or(c.created, http.MethodPost), secrets)
		apply(config).RequireError(t, "(redacted)")
	}
	s.Faults().Clear()
	apply(config).RequireOK(t)
	if !r.Plan(config).IsEmpty() {
		t.Errorf("the plan is not empty: %v", r.Plan(config).Changes())
	}
	p.Restart()
	j.diagnostics(r.Refresh()).RequireOK(t)
	j.resource(t, r)

	// Rotated: refused, broken off, answered in a strange way, done.
	updated := cmp.Or(c.updated, http.MethodPatch)
	config, secrets = fill(protocol.With(config, c.change), 2)
	for _, status := range []int{400, 500, 404} {
		echoed(fault.Answer(status, "{}"), updated, secrets)
		if diags := apply(config); !diags.HasError() {
			t.Errorf("a %d of a change is no error:\n%s", status, diags)
		}
	}
	s.Faults().Clear()
	echoed(fault.NotJSON(), updated, secrets)
	apply(config)
	echoed(fault.NoSuccess(), updated, secrets)
	apply(config)
	s.Faults().Clear()
	apply(config).RequireOK(t)
	if !r.Plan(config).IsEmpty() {
		t.Errorf("the plan after the rotation is not empty: %v", r.Plan(config).Changes())
	}
	for _, one := range canaries {
		if !s.ReceivedSecret(one.value) {
			t.Errorf("%s never arrived", one.name)
		}
	}

	// Taken over by another state, and given up.
	imported := p.Resource(typeName)
	id := c.importID
	if id == nil {
		id = func(r *protocol.Resource) string { return r.Text("id") }
	}
	j.diagnostics(imported.Import(id(r))).RequireOK(t)
	j.plan(t, imported.Plan(config))
	j.resource(t, imported)
	withoutSecrets := config
	for name := range c.secrets {
		withoutSecrets = protocol.With(withoutSecrets, c.attribute(name+suffix, nil))
		withoutSecrets = protocol.With(withoutSecrets, c.attribute(name+"_wo_version", nil))
	}
	apply(withoutSecrets).RequireOK(t)
	j.diagnostics(r.Destroy()).RequireOK(t)

	for system, block := range provider {
		for name, value := range inner(object{system: block}, system) {
			if name == "api_token" || name == "client_secret" || name == "token" {
				canaries = append(canaries, canary{system + "." + name, value.(string), ""})
			}
		}
	}
	if j.log.Len() == 0 || !strings.Contains(j.log.String(), "HTTP request") {
		t.Error("the log was not captured")
	}
	for _, one := range canaries {
		j.search(t, one.name, one.value, one.own)
	}
}
