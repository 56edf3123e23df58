// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func repository() object {
	return object{"sshUrl": "git@github.com:org/repo.git", "branch": "main", "autogenRelationships": true, "enableVirtualSchemas": false}
}

func tokenRepository(token string) object {
	return with(repository(), object{"sshUrl": "https://github.com/org/repo", "authMethod": "https_token", "token": token})
}

func appRepository() object {
	return with(repository(), object{"sshUrl": "https://github.com/org/repo", "authMethod": "github_app", "githubAppInstallationId": "123"})
}

func dbtClient(t *testing.T, opts omnimock.Options) (c client, id, path string) {
	t.Helper()
	c = newClient(t, opts)
	id = c.create(postgres("n"))
	return c, id, "/connections/" + id + "/dbt"
}

// The life of a configuration in the words of both generations.
func TestDBTLife(t *testing.T) {
	t.Parallel()
	known := object{
		"autogenRelationships": true, "branch": "main", "dbtVersion": "Auto", "enableSemanticLayer": false,
		"enableVirtualSchemas": false, "projectRootPath": nil, "sshUrl": "git@github.com:org/repo.git", "supportsDbt": true,
	}
	newer := object{
		"authMethod": "ssh", "githubAppInstallationId": nil,
		"commitSigningCommitterEmail": nil, "commitSigningCommitterName": nil, "commitSigningPublicKey": nil,
	}
	updated := object{"success": true, "message": "dbt configuration updated successfully"}
	for generation, shown := range map[omnimock.Generation]object{omnimock.Narrow2026: known, omnimock.Current: withNull(known, newer)} {
		c, id, path := dbtClient(t, omnimock.Options{Generation: generation})
		requireEqual(t, c.must("GET", path, nil), object{"supportsDbt": true, "message": "dbt not configured for this connection"})
		put := func(status int, body, want object) {
			t.Helper()
			got, answer := c.send("PUT", path, body)
			if generation != omnimock.Current {
				status, want = 200, updated
			}
			if got != status {
				t.Errorf("PUT answered %d %v", got, answer)
			}
			requireEqual(t, answer, want)
		}
		put(201, repository(), shown)
		requireEqual(t, c.must("GET", path, nil), shown)

		changed := withNull(shown, object{"branch": "dev", "dbtVersion": "1.11", "enableSemanticLayer": true, "projectRootPath": "a b/c-d_e.f"})
		put(200, with(repository(), object{"branch": "dev", "dbtVersion": "1.11", "enableSemanticLayer": true, "projectRootPath": "a b/c-d_e.f"}), changed)
		// What is left out gets its default.
		put(200, repository(), shown)
		put(200, with(repository(), object{"sshUrl": "ssh://git@github.com/org/repo"}), withNull(shown, object{"sshUrl": "ssh://git@github.com/org/repo"}))
		put(200, withNull(repository(), object{"dbtVersion": nil, "projectRootPath": ""}), shown)

		before, _ := c.DBT(id)
		put(200, with(repository(), object{"rotateKeys": true}), shown)
		if before.DeployKey == "" {
			t.Error("from the start there is no deploy key")
		}
		if after, _ := c.DBT(id); after.DeployKey == before.DeployKey || after.DeployKey == "" {
			t.Errorf("the deploy key is %q after %q", after.DeployKey, before.DeployKey)
		}
		requireEqual(t, c.must("DELETE", path, nil), object{"success": true, "message": "dbt repository unlinked successfully"})
		c.refused("DELETE", path, nil, 404, "Connection not found or dbt not configured")
		if _, ok := c.DBT(id); ok {
			t.Error("it is still there")
		}
	}
}

// withNull is with, but nil is null.
func withNull(body, changes object) object {
	out := maps.Clone(body)
	maps.Copy(out, changes)
	return out
}

func requireEqual(t *testing.T, got, want object) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n  %v\nwant\n  %v", got, want)
	}
}

func TestDBTAuthMethods(t *testing.T) {
	t.Parallel()
	c, id, path := dbtClient(t, omnimock.Options{})
	c.must("PUT", path, repository())
	requireNoSecret := func(want string, ok bool) {
		t.Helper()
		if got, has := c.Secret(id, "token"); got != want || has != ok {
			t.Errorf("the token is %q, %t", got, has)
		}
	}
	answer := c.must("PUT", path, tokenRepository("tok_1-2.3"))
	if answer["authMethod"] != "https_token" || strings.Contains(fmt.Sprint(answer), "tok_1") {
		t.Errorf("%v", answer)
	}
	requireNoSecret("tok_1-2.3", true)
	if config, _ := c.DBT(id); config.DeployKey != "" {
		t.Errorf("the deploy key is %q", config.DeployKey)
	}
	// Left out, the method and the token stay, but for another repository: that one
	// is connected, which takes the token again.
	other := object{"sshUrl": "https://github.com/org/other"}
	c.must("PUT", path, with(repository(), object{"sshUrl": "https://github.com/org/repo"}))
	c.refused("PUT", path, with(repository(), other), 400, "Bad Request: token: Required")
	requireNoSecret("tok_1-2.3", true)
	c.must("PUT", path, with(tokenRepository("tok_1-2.3"), other))
	c.must("PUT", path, tokenRepository("second"))
	requireNoSecret("second", true)

	answer = c.must("PUT", path, appRepository())
	key, _ := answer["commitSigningPublicKey"].(string)
	if answer["githubAppInstallationId"] != "123" || key == "" {
		t.Errorf("%v", answer)
	}
	requireNoSecret("", false)
	c.refused("PUT", path, with(repository(), object{"sshUrl": "https://github.com/org/other"}), 400, "Bad Request: githubAppInstallationId: Required")
	c.must("PUT", path, with(repository(), object{"sshUrl": "https://github.com/org/repo"})) // keeps the installation
	answer = c.must("PUT", path, with(appRepository(), object{"commitSigningCommitterEmail": "a@example.com", "commitSigningCommitterName": "A"}))
	if answer["commitSigningCommitterEmail"] != "a@example.com" || answer["commitSigningCommitterName"] != "A" || answer["commitSigningPublicKey"] != key {
		t.Errorf("%v", answer)
	}

	// The signing key.
	rotate := path + "/rotate-signing-key"
	withoutBody := httptest.NewRequest("POST", v1+rotate, nil)
	withoutBody.Header.Set("Authorization", "Bearer "+c.Token())
	if status, answer := c.roundTrip(withoutBody); status != 200 || answer["commitSigningPublicKey"] == key {
		t.Errorf("without a body: %d %v", status, answer)
	}
	answer = c.must("POST", rotate, object{})
	if answer["commitSigningPublicKey"] == key || answer["commitSigningCommitterName"] != "A" || answer["sshUrl"] != "https://github.com/org/repo" {
		t.Errorf("%v", answer)
	}
	answer = c.must("POST", rotate, object{"signingPrivateKey": "private-1", "signingKeyPassphrase": "phrase-1", "commitSigningCommitterEmail": "d@example.com", "commitSigningCommitterName": "D"})
	if answer["commitSigningCommitterEmail"] != "d@example.com" || answer["commitSigningCommitterName"] != "D" || strings.Contains(fmt.Sprint(answer), "private-1") {
		t.Errorf("%v", answer)
	}
	if got, _ := c.Secret(id, "signingPrivateKey"); got != "private-1" || !c.ReceivedSecret("phrase-1") {
		t.Errorf("the key is %q", got)
	}
	const bad = "Bad Request: "
	c.refused("POST", rotate, object{"signingKeyPassphrase": "p"}, 400, bad+"signingPrivateKey: Required")
	c.refused("POST", rotate, object{"commitSigningCommitterName": "p"}, 400, bad+"commitSigningCommitterEmail: Required")
	for key, most := range map[string]int{"signingPrivateKey": 0, "signingKeyPassphrase": 0, "commitSigningCommitterEmail": 320, "commitSigningCommitterName": 255} {
		c.refused("POST", rotate, object{key: ""}, 400, bad+key+": String must contain at least 1 character(s)")
		if most > 0 {
			c.refused("POST", rotate, object{key: strings.Repeat("x", most+1)}, 400, fmt.Sprintf("%s%s: String must contain at most %d character(s)", bad, key, most))
		}
	}
	c.refused("POST", rotate, object{"x": 1}, 400, bad+"formErrors: Unrecognized key(s) in object: 'x'")
	answer = c.must("PUT", path, with(repository(), object{"authMethod": "ssh"}))
	for _, key := range []string{"githubAppInstallationId", "commitSigningCommitterEmail", "commitSigningCommitterName", "commitSigningPublicKey"} {
		if answer[key] != nil {
			t.Errorf("without the app %s is %v", key, answer[key])
		}
	}
	if status, answer := c.send("POST", rotate, object{}); status != 422 || !reflect.DeepEqual(keys(answer), []string{"error"}) {
		t.Errorf("%d %v", status, answer)
	}
	c.must("PUT", path, tokenRepository("third"))
	c.UnlinkDBT(id)
	requireNoSecret("", false)
	c.refused("POST", rotate, object{}, 404, "Connection not found or dbt not configured")
}

func TestDBTRefused(t *testing.T) {
	t.Parallel()
	const bad = "Bad Request: "
	c, _, path := dbtClient(t, omnimock.Options{})
	change := func(key string, value any) object { return withNull(repository(), object{key: value}) }
	for _, test := range []struct {
		body   any
		detail string
	}{
		{"{", bad + "Invalid JSON"},
		{object{}, bad + "autogenRelationships: Required"},
		{with(repository(), object{"branch": nil}), bad + "branch: Required"},
		{with(repository(), object{"sshUrl": nil}), bad + "sshUrl: Required"},
		{with(repository(), object{"enableVirtualSchemas": nil}), bad + "enableVirtualSchemas: Required"},
		{change("branch", ""), bad + "branch: String must contain at least 1 character(s)"},
		{change("branch", nil), bad + "branch: Expected string, received null"},
		{change("autogenRelationships", "true"), bad + "autogenRelationships: Expected boolean, received string"},
		{change("sshUrl", "https://github.com/org/repo"), bad + "sshUrl: Must be an SSH URL"},
		{change("sshUrl", "repo"), bad + "sshUrl: Must be an SSH URL"},
		{change("projectRootPath", "/a"), bad + "projectRootPath: Invalid"},
		{change("projectRootPath", "a/../b"), bad + "projectRootPath: Invalid"},
		{change("projectRootPath", "a\tb"), bad + "projectRootPath: Invalid"},
		{change("projectRootPath", 1), bad + "projectRootPath: Expected string, received number"},
		{change("dbtVersion", "0.9"), bad + "dbtVersion: Unsupported dbt version"},
		{change("authMethod", "password"), bad + "authMethod: Invalid enum value. Expected 'ssh' | 'https_token' | 'github_app', received 'password'"},
		{change("authMethod", "https_token"), bad + "sshUrl: Must be an HTTPS URL"},
		{change("token", "t"), bad + "token: Only for authMethod https_token"},
		{with(tokenRepository("t"), object{"token": nil}), bad + "token: Required"},
		{tokenRepository(""), bad + "token: Invalid"},
		{tokenRepository("a b"), bad + "token: Invalid"},
		{tokenRepository(strings.Repeat("t", 1001)), bad + "token: String must contain at most 1000 character(s)"},
		{with(tokenRepository("t"), object{"rotateKeys": true}), bad + "rotateKeys: Only for authMethod ssh"},
		{change("githubAppInstallationId", "1"), bad + "githubAppInstallationId: Only for authMethod github_app"},
		{with(appRepository(), object{"githubAppInstallationId": nil}), bad + "githubAppInstallationId: Required"},
		{with(appRepository(), object{"githubAppInstallationId": "a"}), bad + "githubAppInstallationId: Invalid"},
		{with(appRepository(), object{"commitSigningCommitterEmail": "a@example.com"}), bad + "commitSigningCommitterName: Required"},
		{with(appRepository(), object{"commitSigningCommitterEmail": "", "commitSigningCommitterName": "A"}), bad + "commitSigningCommitterEmail: String must contain at least 1 character(s)"},
		{with(appRepository(), object{"commitSigningCommitterEmail": "a@example.com", "commitSigningCommitterName": strings.Repeat("n", 256)}), bad + "commitSigningCommitterName: String must contain at most 255 character(s)"},
		{with(appRepository(), object{"commitSigningCommitterEmail": strings.Repeat("e", 321), "commitSigningCommitterName": "A"}), bad + "commitSigningCommitterEmail: String must contain at most 320 character(s)"},
		{with(appRepository(), object{"commitSigningCommitterEmail": "Bot", "commitSigningCommitterName": "A"}), bad + "commitSigningCommitterEmail: Invalid email"},
		{with(appRepository(), object{"commitSigningCommitterEmail": "bot@localhost", "commitSigningCommitterName": "A"}), bad + "commitSigningCommitterEmail: Invalid email"},
		{with(repository(), object{"commitSigningCommitterEmail": "a@example.com", "commitSigningCommitterName": "A"}), bad + "commitSigningCommitterEmail: Only for authMethod github_app"},
		{change("supportsDbt", true), bad + "formErrors: Unrecognized key(s) in object: 'supportsDbt'"},
		{change("commitSigningPublicKey", "k"), bad + "formErrors: Unrecognized key(s) in object: 'commitSigningPublicKey'"},
	} {
		c.refused("PUT", path, test.body, 400, test.detail)
	}
	requireEqual(t, c.must("GET", path, nil), object{"supportsDbt": true, "message": "dbt not configured for this connection"})

	other := "/connections/" + unknownID + "/dbt"
	c.refused("GET", other, nil, 404, "Connection not found")
	c.refused("PUT", other, repository(), 404, "Connection not found")
	c.refused("DELETE", other, nil, 404, "Connection not found or dbt not configured")
	c.refused("GET", "/connections/x/dbt", nil, 400, bad+"id: Invalid uuid")
	c.refused("PATCH", path, object{}, 405, "Method Not Allowed")
	c.refused("GET", path+"?x=1", nil, 400, bad+"formErrors: Unrecognized key(s) in object: 'x'")

	unsupported := c.AddConnection(object{"name": "n", "dialect": "exasol"})
	requireEqual(t, c.must("GET", "/connections/"+unsupported+"/dbt", nil), object{"supportsDbt": false, "message": "dbt not configured for this connection"})
	c.refused("PUT", "/connections/"+unsupported+"/dbt", object{}, 400, bad+"autogenRelationships: Required")
	c.refused("PUT", "/connections/"+unsupported+"/dbt", repository(), 400, "Connection does not support dbt")
	c.refused("GET", "/connections/"+unsupported+"/dbt/environments", nil, 403, "Permission denied or connection does not support dbt")
}

// The older generation refuses what it does not know; the first has no dbt.
func TestDBTGenerations(t *testing.T) {
	t.Parallel()
	c, _, path := dbtClient(t, omnimock.Options{Generation: omnimock.Narrow2026})
	unknown := object{"authMethod": "ssh", "token": "t", "githubAppInstallationId": "1", "commitSigningCommitterEmail": "e", "commitSigningCommitterName": "n"}
	for key, value := range unknown {
		c.refused("PUT", path, with(repository(), object{key: value}), 400, "Bad Request: formErrors: Unrecognized key(s) in object: '"+key+"'")
	}
	c.refused("POST", path+"/rotate-signing-key", object{}, 404, "Not Found")
	c, _, path = dbtClient(t, omnimock.Options{Generation: omnimock.Guide2025})
	c.refused("GET", path, nil, 404, "Not Found")
	c.refused("GET", path+"/environments", nil, 404, "Not Found")
}

func TestDBTEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	c, id, path := dbtClient(t, omnimock.Options{})
	c.must("PUT", path, tokenRepository("t0ken"))
	environment := c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{secretVariable("A", "value")}})
	variable := c.DBTEnvironments(id)[0].Variables[0].ID
	if got, _ := c.Secret(variable, "value"); got != "value" || environment == "" {
		t.Errorf("the secret is %q", got)
	}
	c.must("DELETE", "/connections/"+id, nil)
	c.refused("GET", path, nil, 404, "Connection not found")
	c.refused("GET", path+"/environments", nil, 404, "Connection not found")
	_, hasToken := c.Secret(id, "token")
	_, hasValue := c.Secret(variable, "value")
	if hasToken || hasValue || len(c.DBTEnvironments(id)) != 0 {
		t.Error("something is left")
	}
}

func secretVariable(name, value string) omnimock.DBTVariable {
	return omnimock.DBTVariable{Name: name, IsSecret: true, Value: &value}
}

func TestDBTSecretsAreEchoedOnDemandOnly(t *testing.T) {
	t.Parallel()
	for _, echo := range []bool{false, true} {
		c, id, path := dbtClient(t, omnimock.Options{EchoSecretsInErrors: echo})
		c.refused("POST", path+"/rotate-signing-key", object{"signingPrivateKey": "secret-0"}, 404, "Connection not found or dbt not configured") // no 400
		_, one := c.send("PUT", path, with(tokenRepository("secret-1"), object{"branch": ""}))
		c.EditDBT(id, func(*omnimock.DBT) {})
		_, two := c.send("POST", path+"/environments", object{"name": "", "targetSchema": "s", "variables": []object{{"name": "A", "value": "secret-2", "isSecret": true}, {"name": "B", "value": "plain", "isSecret": false}}})
		if strings.Contains(fmt.Sprint(one), "secret-1") != echo || strings.Contains(fmt.Sprint(two), "secret-2") != echo || strings.Contains(fmt.Sprint(two), "plain") {
			t.Errorf("echo %t: %v %v", echo, one, two)
		}
		if !c.ReceivedSecret("secret-1") || !c.ReceivedSecret("secret-2") || c.ReceivedSecret("plain") {
			t.Error("not what was received")
		}
	}
}

func TestDBTSnapshot(t *testing.T) {
	t.Parallel()
	c, id, path := dbtClient(t, omnimock.Options{})
	c.must("PUT", path, tokenRepository("t0ken"))
	c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{secretVariable("A", "v")}})
	restored := c.restored()
	for _, p := range []string{path, path + "/environments"} {
		requireEqual(t, restored.must("GET", p, nil), c.must("GET", p, nil))
	}
	token, _ := restored.Secret(id, "token")
	value, _ := restored.Secret(restored.DBTEnvironments(id)[0].Variables[0].ID, "value")
	if token != "t0ken" || value != "v" {
		t.Errorf("the secrets are %q and %q", token, value)
	}
}
